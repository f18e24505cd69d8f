import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { isSource, watchSources } from '../../cli/watch-sources.ts';
import { directoryWith } from './fairlead.ts';

test.each([
  ['', true],
  ['orders/orders.ts', true],
  ['fairlead.json', true],
  ['.secrets.local.json', true],
  ['orders/distance.ts', true],
  ['node_modules/a/index.js', false],
  ['orders/node_modules/a/index.js', false],
  ['encore.gen/clients/index.ts', false],
  ['.git/index', false],
  ['dist/a.js', false],
])('%j is followed: %j', (path, followed) => {
  expect(isSource(path)).toBe(followed);
});

test('a change wakes whoever waits, now or later, once; the signal ends it', async () => {
  const app = directoryWith({ 'orders/orders.ts': '1' });
  const stop = new AbortController();
  const sources = watchSources(app.path, stop.signal);
  await sources.ready;
  try {
    const first = sources.changed();
    writeFileSync(join(app.path, 'orders/orders.ts'), '2');
    expect(await first).toBe(true);
    writeFileSync(join(app.path, 'orders/new.ts'), '1');
    expect(await sources.changed()).toBe(true);
    const last = sources.changed();
    stop.abort();
    expect(await last).toBe(false);
  } finally {
    await sources.close();
    app.remove();
  }
});
