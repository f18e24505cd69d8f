import { expect, test } from '@jest/globals';
import pg from 'pg';
import { types } from '../../runtime/postgres/types.ts';
import { Rows } from '../../runtime/storage/sqldb/rows.ts';

test('rows that are asked for at once come in turn', async () => {
  const rows = new Rows(async () => ['a', 'b']);
  expect(await Promise.all([rows.next(), rows.next(), rows.next()])).toEqual([
    { done: false, value: 'a' },
    { done: false, value: 'b' },
    { done: true, value: undefined },
  ]);
});

test('a failure is told once: whoever asks meanwhile or later hears of the end', async () => {
  const rows = new Rows(async () => Promise.reject(new Error('no such table')));
  const [first, ...others] = await Promise.allSettled([rows.next(), rows.next(), rows.return()]);
  expect(first).toMatchObject({ status: 'rejected', reason: { message: 'no such table' } });
  for (const other of others) expect(other).toMatchObject({ value: { done: true, value: undefined } });
  expect(await rows.next()).toEqual({ done: true, value: undefined });
});

test('who ends it waits for the statement that runs', async () => {
  const { promise, resolve } = Promise.withResolvers<string[]>();
  const rows = new Rows(() => promise);
  const order: string[] = [];
  const next = rows.next().then(({ value }) => order.push(`row ${value}`));
  const end = rows.return().then(() => order.push('ended'));
  await new Promise(setImmediate);
  expect(order).toEqual([]);
  resolve(['a', 'b']);
  await Promise.all([next, end]);
  expect(order).toEqual(['row a', 'ended']);
  expect(await rows.next()).toEqual({ done: true, value: undefined });
});

test('a statement whose rows nobody asks for is not run', async () => {
  let runs = 0;
  const rows = new Rows(async () => [++runs]);
  await rows.return();
  expect(await rows.next()).toEqual({ done: true, value: undefined });
  expect(runs).toBe(0);
});

const [ours, theirs] = [types, pg.types].map((from) => from.getTypeParser(1184, 'text') as (text: string) => unknown);

test.each([
  '2026-01-31 10:00:00+00',
  '2026-01-31 10:00:00.1+00',
  '2026-01-31 10:00:00.123456+00',
  '2026-01-31 23:59:59.999999-05',
  '2026-02-28 23:30:00.05+05:30',
  '1883-11-18 12:03:57.5-04:56:02',
  '0099-12-31 23:59:59+00',
  '12026-01-31 10:00:00+00',
  '0044-03-15 12:00:00+00 BC',
  'infinity',
  '-infinity',
])('%s is the time that the driver makes of it', (text) => {
  expect(ours?.(text)).toEqual(theirs?.(text));
});
