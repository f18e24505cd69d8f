import { expect, test } from '@jest/globals';
import { compareGraphs } from '../../pipeline/compare/graphs.ts';
import { type Applied, migrationsOf } from '../../pipeline/migrations.ts';
import type { Change, Graph } from '../../pipeline/mod.ts';
import { changesDigest, reviewedBy } from '../../pipeline/reviewed.ts';
import { at, migrations, sampleGraph, sampleRelease, service } from './sample-graph.ts';

const former = graph(['orders'], 'one');
const next = graph(['orders', 'stock'], 'one', 'two');

test('lines may move, words may not', () => {
  const change: Change = { action: 'add', kind: 'service', subject: 'a', sentence: 'service a is added' };
  const same = changesDigest([change]);
  expect(changesDigest([{ ...change, position: at('a.ts', 7) }])).toBe(same);
  for (const other of [{ sentence: 'service a is new' }, { danger: 'it is lost' }, { action: 'change' as const }])
    expect(changesDigest([{ ...change, ...other }])).not.toBe(same);
  expect(changesDigest([])).not.toBe(same);
});

test('what was shown counts also when databases were ahead of their release, as long as that is known', () => {
  const ahead = migrationsOf(next);
  const shown = compareGraphs(next, former, ahead);
  expect(shown.map(({ subject }) => subject)).toEqual(['stock']);
  // Production has neither now: more would change than was shown, and the database is no longer ahead.
  expect(judge(shown, graph([], 'one'), ahead)).toMatchObject({ kind: 'unseen', unseen: [{ subject: 'orders' }] });
  expect(judge(shown, former, ahead)).toEqual({ kind: 'seen', by: 'pr-1', already: [] });
});

test('what cannot be drawn up again as it was counts for nothing, though it could be drawn up in another way', () => {
  // The database was ahead when it was shown, so that a migration was not; now nobody knows that any more.
  const shown = compareGraphs(next, former, migrationsOf(next));
  const verdict = judge(shown, former, migrationsOf(former));
  expect(verdict).toEqual({
    kind: 'unseen',
    why: 'what pr-1 showed cannot be drawn up again',
    unseen: compareGraphs(next, former, migrationsOf(former)),
  });
});

test('fewer changes than were shown are seen, and it says which are there already', () => {
  const shown = compareGraphs(next, former, migrationsOf(former));
  const now = graph(['orders', 'stock'], 'one');
  expect(judge(shown, now, migrationsOf(now))).toMatchObject({ kind: 'seen', already: [{ subject: 'stock' }] });
});

/** What the reviewers of `next`, who were shown this compared with `former`, saw of what it changes now. */
function judge(shown: Change[], now: Graph, applied: Applied) {
  const against = sampleRelease(former);
  const review = { environment: 'production', against: against.digest, changes: changesDigest(shown) };
  return reviewedBy({ by: 'pr-1', review, against }, sampleRelease(next), compareGraphs(next, now, applied), applied);
}

function graph(services: string[], ...texts: string[]): Graph {
  return sampleGraph({ services: services.map((name) => service(name)), databases: [migrations('orders', ...texts)] });
}
