import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { createBuilder } from '../../images/mod.ts';
import { storedImages, storeOf } from '../../local/store.ts';
import { parseConfig, type Reporter } from '../../pipeline/mod.ts';
import { startCollector } from '../runtime/support/collector.ts';
import { freePort } from '../support/free-port.ts';

// The shop of docs/traces.md, as it stands there: from its sources to an image, whose program sends the trace that the page shows.

const guide = readFileSync(new URL('../../docs/traces.md', import.meta.url), 'utf8');
const blocks = [...guide.matchAll(/```(\w*)\n(.*?)```/gs)].map(([, language, text]) => ({ language, text: text! }));
const [shop, catalogue] = blocks.filter(({ language }) => language === 'ts').map(({ text }) => text);
const [settings, configuration] = blocks.filter(({ language }) => language === 'json').map(({ text }) => text);
const shown = blocks.find(({ text }) => text.startsWith('server '))!.text;

const quiet: Reporter = { step: (_, work) => work(), info() {}, warn() {} };
const root = mkdtempSync(join(tmpdir(), 'fairlead-traces-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('the shop is traced as the page shows', async () => {
  for (const directory of ['app/shop', 'app/catalogue', 'app/node_modules/@opentelemetry', 'image'])
    mkdirSync(join(root, directory), { recursive: true });
  writeFileSync(join(root, 'app/package.json'), '{"name":"shop","type":"module"}');
  writeFileSync(join(root, 'app/shop/shop.ts'), shop!);
  writeFileSync(join(root, 'app/catalogue/catalogue.ts'), catalogue!);
  symlinkSync(
    join(import.meta.dirname, '../../node_modules/@opentelemetry/api'),
    join(root, 'app/node_modules/@opentelemetry/api'),
  );
  const state = join(root, 'state');
  const builder = createBuilder({ repository: storeOf(state, 'shop'), tool: '1.2.3' });
  const release = await builder.build(join(root, 'app'), parseConfig(settings!, 'fairlead.json'), quiet);
  await storedImages(state).unpack('shop', release.content.images['all-in-one/app']!, join(root, 'image'));

  const collector = await startCollector();
  const port = await freePort();
  const config = configuration!.replace('http://127.0.0.1:4318', collector.url);
  const child = spawn(process.execPath, [join(root, 'image/main.mjs')], {
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: String(port), FAIRLEAD_INFRA_CONFIG: config },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(child.stdout, 'data');
    const response = await fetch(`http://127.0.0.1:${port}/orders/tea`, { method: 'POST' });
    expect(await response.json()).toEqual({ cents: 27 });
    child.kill('SIGTERM');
    await once(child, 'exit');
    const { spans } = collector;
    const chain = ['POST /orders/:item', 'discount', 'catalogue.price'].map(
      (name) => spans.find((span) => span.name === name)!,
    );
    expect(spans).toHaveLength(3);
    expect(chain.map(({ kind, name }) => `${kind.padEnd(9)} ${name}\n`).join('')).toBe(shown);
    expect(chain.map(({ parentSpanId }) => parentSpanId)).toEqual([undefined, chain[0]!.spanId, chain[1]!.spanId]);
    expect(spans.map(({ traceId }) => traceId)).toEqual(spans.map(() => response.headers.get('x-encore-trace-id')));
  } finally {
    child.kill('SIGKILL');
    collector.stop();
  }
}, 120_000);
