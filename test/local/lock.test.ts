import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Locks, lockName } from '../../local/lock.ts';
import { createLocalLock } from '../../local/mod.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'fairlead-lock-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const pr1 = { application: 'shop', name: 'pr-1', type: 'preview' } as const;

/** A process of its own that takes the lock, says so, and keeps it until it is killed. */
function holder() {
  const program = `
    const { createLocalLock } = await import(${JSON.stringify(new URL('../../local/mod.ts', import.meta.url).href)});
    await createLocalLock(${JSON.stringify(directory)}).hold(${JSON.stringify(pr1)}, () => {
      console.log('held');
      return new Promise((resolve) => setTimeout(resolve, 60_000));
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

test('lets in one after the other, in the order of asking', async () => {
  const order: string[] = [];
  let inside = 0;
  await Promise.all(
    ['a', 'b', 'c', 'd'].map((name) =>
      createLocalLock(directory).hold(pr1, async () => {
        expect(++inside).toBe(1);
        order.push(name);
        await new Promise((resolve) => setImmediate(resolve));
        inside--;
      }),
    ),
  );
  expect(order).toEqual(['a', 'b', 'c', 'd']);
});

test('is free again after an error', async () => {
  const lock = createLocalLock(directory);
  await expect(lock.hold(pr1, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await lock.hold(pr1, async () => 'in')).toBe('in');
});

test('another environment does not wait', async () => {
  const lock = createLocalLock(directory);
  expect(await lock.hold(pr1, () => lock.hold({ ...pr1, name: 'pr-2' }, async () => 'in'))).toBe('in');
});

test('keeps other processes out until the holder is killed, and says who it is', async () => {
  const { child, lines } = holder();
  try {
    expect(await lines.next()).toMatchObject({ value: 'held' });
    const messages: string[] = [];
    let entered = false;
    const waiting = createLocalLock(directory, (message) => messages.push(message)).hold(pr1, async () => {
      entered = true;
    });
    while (messages.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(entered).toBe(false);
    expect(messages).toEqual([`Waiting for process ${child.pid}, which works on shop/pr-1`]);
    child.kill('SIGKILL');
    await waiting;
    expect(entered).toBe(true);
  } finally {
    child.kill('SIGKILL');
  }
});

test('of several processes exactly one at a time is inside', async () => {
  const children = [holder(), holder(), holder()];
  try {
    const waiting = new Map(children.map((one) => [one, one.lines.next().then(() => one)]));
    while (waiting.size > 0) {
      const first = await Promise.race(waiting.values());
      waiting.delete(first);
      expect(new Locks(directory).holder(lockName('environment', pr1))?.pid).toBe(first.child.pid);
      first.child.kill('SIGKILL');
      await once(first.child, 'exit');
    }
  } finally {
    for (const { child } of children) child.kill('SIGKILL');
  }
});
