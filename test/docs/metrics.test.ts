import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { createBuilder } from '../../images/mod.ts';
import { storedImages, storeOf } from '../../local/store.ts';
import { parseConfig, type Reporter } from '../../pipeline/mod.ts';
import { freePort } from '../support/free-port.ts';

// The shop of docs/metrics.md, as it stands there: from its sources to an image, whose program is asked as the page says.

const guide = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
const blocks = [...guide.matchAll(/```(\w*)\n(.*?)```/gs)].map(([, language, text]) => ({ language, text: text! }));
const source = blocks.find(({ language }) => language === 'ts')!.text;
const session = blocks.find(({ language }) => language === '')!.text;

const quiet: Reporter = { step: (_, work) => work(), info() {}, warn() {} };
const root = mkdtempSync(join(tmpdir(), 'fairlead-metrics-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What changes from run to run. */
const steady = (text: string) => text.replace(/(e_sys_memory_used_bytes\S*) \d+/, '$1 N');

test('the shop counts as the page shows', async () => {
  for (const directory of ['app/shop', 'image']) mkdirSync(join(root, directory), { recursive: true });
  writeFileSync(join(root, 'app/package.json'), '{"name":"shop","type":"module"}');
  writeFileSync(join(root, 'app/shop/shop.ts'), source);
  const state = join(root, 'state');
  const builder = createBuilder({ repository: storeOf(state, 'shop'), tool: '1.2.3' });
  const release = await builder.build(join(root, 'app'), parseConfig('{}', 'fairlead.json'), quiet);
  const [image] = Object.values(release.content.images);
  await storedImages(state).unpack('shop', image!, join(root, 'image'));

  const [port, metrics] = [await freePort(), await freePort()];
  const child = spawn(process.execPath, [join(root, 'image/main.mjs')], {
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: String(port), FAIRLEAD_METRICS_PORT: String(metrics) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(child.stdout, 'data');
    const [, body] = /-d '([^']+)' http:\S+\/order/.exec(session)!;
    expect((await fetch(`http://127.0.0.1:${port}/order`, { method: 'POST', body: body! })).status).toBe(200);
    const answer = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
    const shown = session.slice(session.indexOf('# TYPE'));
    expect(steady(answer)).toBe(steady(shown));
    // The application's own port has no such thing, for anybody.
    expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(404);
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
}, 120_000);
