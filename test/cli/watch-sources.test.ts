import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
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

test('what a workspace has beside the application is followed where it is named', async () => {
  const work = directoryWith({ 'apps/shop/a.ts': '1', 'packages/mails/src/a.ts': '1' });
  const stop = new AbortController();
  const sources = watchSources(join(work.path, 'apps/shop'), stop.signal);
  await sources.ready;
  try {
    sources.follow(['a.ts', '../../packages/mails/src/a.ts']);
    // A watch begins some time after it was asked for.
    const writing = setInterval(
      () => writeFileSync(join(work.path, 'packages/mails/src/a.ts'), String(Math.random())),
      300,
    );
    expect(await sources.changed()).toBe(true);
    clearInterval(writing);
  } finally {
    stop.abort();
    await sources.close();
    work.remove();
  }
});

test('what is served is followed, although a build made it, also when it is made anew', async () => {
  const app = directoryWith({
    'web/dist/client/index.html': '1',
    'web/dist/server.js': '1',
    'web/dist/client/node_modules/a.js': '1',
  });
  const stop = new AbortController();
  const sources = watchSources(app.path, stop.signal);
  await sources.ready;
  let changes = 0;
  const counting = (async () => {
    while (await sources.changed()) changes++;
  })();
  const wakes = async (work: () => void) => {
    const before = changes;
    work();
    for (let tries = 0; tries < 100 && changes === before; tries++) await sleep(20);
    // What else the work brings about does not count for the next.
    const woken = changes > before;
    await sleep(400);
    return woken;
  };
  const write = (path: string, text: string) => writeFileSync(join(app.path, path), text);
  try {
    expect(await wakes(() => write('web/dist/client/index.html', '2'))).toBe(false);
    sources.follow(['web/dist/client']);
    await sleep(300);
    expect(await wakes(() => write('web/dist/server.js', '2'))).toBe(false);
    expect(await wakes(() => write('web/dist/client/index.html', '3'))).toBe(true);
    expect(await wakes(() => write('web/dist/client/new.js', '1'))).toBe(true);
    expect(
      await wakes(() => {
        rmSync(join(app.path, 'web/dist'), { recursive: true });
      }),
    ).toBe(true);
    expect(
      await wakes(() => {
        mkdirSync(join(app.path, 'web/dist/client'), { recursive: true });
        write('web/dist/client/index.html', '4');
      }),
    ).toBe(true);
    expect(await wakes(() => write('web/dist/client/index.html', '5'))).toBe(true);
  } finally {
    stop.abort();
    await counting;
    await sources.close();
    app.remove();
  }
});
