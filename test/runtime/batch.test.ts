import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { Batch } from '../../runtime/batch.ts';

class Lost extends Error {}

/** A batch whose work takes a few turns, refuses `bad` items, and loses its connection while `there` is false. */
function batchOf(most: number) {
  const state = { there: true, done: [] as string[][] };
  const batch = new Batch<string>({
    most,
    isLost: (error) => error instanceof Lost,
    async work(items) {
      await turn();
      if (!state.there) throw new Lost('nobody is there');
      if (items.some((item) => item.startsWith('bad'))) throw new Error('it does not fit');
      state.done.push(items);
    },
  });
  return { batch, state };
}

const outcomes = async (all: Promise<void>[]) =>
  (await Promise.allSettled(all)).map((one) => (one.status === 'fulfilled' ? 'done' : (one.reason as Error).message));

test('what comes together is done together, in its order and no more at once than may be', async () => {
  const { batch, state } = batchOf(3);
  await Promise.all(['a', 'b', 'c', 'd', 'e'].map((item) => batch.add(item)));
  expect(state.done).toEqual([
    ['a', 'b', 'c'],
    ['d', 'e'],
  ]);
});

test('an item that fails does so alone, and the others keep their order', async () => {
  const { batch, state } = batchOf(10);
  const items = ['a', 'b', 'bad', 'c', 'd', 'bad too', 'e'];
  const [no] = ['it does not fit'];
  expect(await outcomes(items.map((item) => batch.add(item)))).toEqual([
    'done',
    'done',
    no,
    'done',
    'done',
    no,
    'done',
  ]);
  expect(state.done.flat()).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('while nobody is there, what waits fails with what was tried, and what comes later is tried anew', async () => {
  const { batch, state } = batchOf(2);
  state.there = false;
  const first = ['a', 'b', 'c', 'd', 'e'].map((item) => batch.add(item));
  await turn();
  const later = batch.add('f');
  first[4]!.catch(() => {
    state.there = true;
  });
  expect(await outcomes([...first, later])).toEqual([...Array(5).fill('nobody is there'), 'done']);
  expect(state.done).toEqual([['f']]);
});

test('is idle when all is done that nobody waits for', async () => {
  const { batch, state } = batchOf(1);
  await batch.idle();
  for (const item of ['a', 'b', 'c']) void batch.add(item);
  await batch.idle();
  expect(state.done.flat()).toEqual(['a', 'b', 'c']);
});
