import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from '@jest/globals';
import { killAll, startProcess } from './support/process.ts';

const directory = mkdtempSync(join(tmpdir(), 'fairlead-heap-'));

afterAll(async () => {
  await killAll();
  rmSync(directory, { recursive: true, force: true });
});

test.each(['/echo', '/raw'])(
  'what a request of %s has allocated goes with it, by the next small collection of garbage',
  async (path) => {
    const main = join(directory, 'main.mjs');
    writeFileSync(
      main,
      [
        `import { setFlagsFromString } from 'node:v8';`,
        `setFlagsFromString('--trace-gc');`,
        `setFlagsFromString('--trace-gc-nvp');`,
        `await import(${JSON.stringify(new URL('./support/attacked.ts', import.meta.url))});`,
      ].join('\n'),
    );
    const app = await startProcess(pathToFileURL(main).href, {}, { NODE_OPTIONS: '--max-semi-space-size=1' });
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    const body = JSON.stringify({ name: 'a name', map: { one: 'more' } });
    const ask = () =>
      new Promise<void>((resolve, reject) => {
        const sent = request(`${app.url}${path}`, { method: 'POST', agent }, (answer) =>
          answer.resume().on('end', resolve),
        );
        sent.on('error', reject).end(body);
      });
    const askOften = async (times: number) => {
      for (let at = 0; at < times; at += 8) await Promise.all(Array.from({ length: 8 }, ask));
    };
    try {
      // What is made once lasts, such as compiled code.
      await askOften(2000);
      const before = app.lines.length;
      await askOften(3000);
      const scavenges = app.lines
        .slice(before)
        .flatMap(({ text }) => (/ gc=s /.test(String(text)) ? [String(text)] : []));
      const sum = (name: string) =>
        scavenges.reduce((total, line) => total + Number(new RegExp(` ${name}=(\\d+)`).exec(line)?.[1]), 0);
      expect(scavenges.length).toBeGreaterThan(10);
      expect(sum('promoted') / sum('allocated')).toBeLessThan(0.05);
    } finally {
      agent.destroy();
    }
  },
);
