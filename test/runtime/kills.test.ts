import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { type Entry, type Job, judge, type Left, subscriptions } from './kills/journal.ts';
import { killMany } from './kills/run.ts';

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

/** `FAIRLEAD_KILLS=2000` for as many as one has time for. */
const kills = Number(process.env.FAIRLEAD_KILLS ?? 20);

test(
  'whatever is killed when, what was acknowledged is handled, in order, and what cannot be is a dead letter',
  async () => {
    const outcome = await killMany(postgres, kills);
    console.log(JSON.stringify(outcome));
    expect(outcome.faults).toEqual([]);
    expect(outcome.acknowledged).toBeGreaterThan(kills);
    expect(outcome.handled).toBeGreaterThan(outcome.acknowledged);
  },
  120_000 + kills * 2_000,
);

const job = (number: number, poison = false): Job => ({ key: 'a', number, poison });
const acknowledged = (number: number, poison?: boolean): Entry => ({ what: 'acknowledged', ...job(number, poison) });
const begin = (number: number, subscription: string): Entry => ({ what: 'begin', subscription, ...job(number) });
const end = (number: number, subscription: string): Entry => ({ what: 'end', subscription, ...job(number) });
const both = (entry: (subscription: string) => Entry): Entry[] => subscriptions.map(entry);
const done = (number: number): Entry[] => [...both((s) => begin(number, s)), ...both((s) => end(number, s))];
const row = (state: string, last_error: string | null, poison = true): Left => ({
  ...{ subscription: 'work', state, last_error, body: JSON.stringify(job(0, poison)) },
});

test.each<[string, Entry[], Left[], string[]]>([
  ['all is well', [acknowledged(0), ...done(0), acknowledged(1), ...done(1), ...done(1)], [], []],
  ['one is lost', [acknowledged(0), begin(0, 'work'), end(0, 'work')], [], ['audit a 0 was acknowledged and is lost']],
  ['one overtakes', [begin(1, 'work')], [], ['work a 1 was begun after -1']],
  [
    'one comes again too late',
    [begin(0, 'work'), begin(1, 'work'), begin(0, 'work')],
    [],
    ['work a 0 was begun after 1'],
  ],
  ['one is never done', [], [row('ready', null)], ['work a 0 is ready and not done']],
  [
    'a good one is buried',
    [],
    [row('dead', 'x', false)],
    ['work a 0 is a dead letter, and nothing is wrong with it: x'],
  ],
  ['an error is not kept', [], [row('dead', 'x')], ['work a 0 is a dead letter with: x']],
  ['poison is gone', [acknowledged(0, true)], [row('dead', 'poison a 0')], ['audit a 0 was acknowledged and is lost']],
])('the judge sees that %s', (_, entries, left, faults) => {
  expect(judge(entries, left).faults).toEqual(faults);
});

test('ends beyond the first are duplicates', () => {
  expect(judge([acknowledged(0), ...done(0), ...done(0)], [])).toMatchObject({
    acknowledged: 1,
    handled: 2,
    duplicates: 2,
  });
});
