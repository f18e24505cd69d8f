import { expect, test } from '@jest/globals';
import { requireHostable } from '../../local/hostable.ts';
import { type Environment, makePlan, UserError } from '../../pipeline/mod.ts';
import { bucket, cache, graph, keyspace, topic } from '../support/graph.ts';
import { release } from '../support/release.ts';

const environment: Environment = { application: 'test', name: 'local', type: 'local' };
const image = `sha256:${'0'.repeat(64)}` as const;
const settings = { processes: 'all-in-one', cron: false, healthTimeout: 1000 } as const;

const refusals = (parts: Parameters<typeof graph>[0]) => {
  try {
    requireHostable(
      makePlan({ release: release(graph(parts), { 'all-in-one/app': image }, { hash: image }), environment, settings }),
    );
    return [];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.diagnostics.map(
      ({ code, message, position }) => `${code} ${position?.file}:${position?.line} ${message}`,
    );
  }
};

test('what this machine has is let through', () => {
  expect(refusals({ topics: [topic('placed')], buckets: [bucket('files')] })).toEqual([]);
});

test('what it lacks is said at once, each with its place', () => {
  const at = { file: 'a.ts', line: 3, column: 1 };
  expect(
    refusals({
      caches: [cache('pages', [keyspace('p/:key')], { position: at }), cache('sessions', [keyspace('s/:key')])],
    }),
  ).toEqual([
    'FL4021 a.ts:3 cache cluster `pages` cannot be hosted on this machine yet',
    'FL4021 test.ts:1 cache cluster `sessions` cannot be hosted on this machine yet',
  ]);
});
