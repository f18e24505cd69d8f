import { expect, test } from '@jest/globals';
import { summarize } from '../../cli/summary.ts';
import { canonicalDigest } from '../../pipeline/mod.ts';
import { environmentOf, planOf, tinyGraph } from '../conformance/tiny-app.ts';
import { release } from '../support/release.ts';

const built = release(
  tinyGraph({ version: 'one' }),
  { 'all-in-one/app': canonicalDigest('app') },
  { hash: canonicalDigest('one') },
);
const plan = planOf(built, environmentOf('pr-1'));

test('the migrations that ran are told by database and file, many of one by the first and the last', () => {
  const applied = (database: string, versions: number[]) =>
    versions.map((version) => ({ database, version, name: `step${version}`, milliseconds: 1 }));
  const migrations = [...applied('orders', [1, 2]), ...applied('users', [1, 2, 3, 4, 5, 6])];
  const outcome = { url: 'http://localhost:1', release: built.digest, started: [], kept: ['app'], migrations };
  const { text } = summarize({ kind: 'deployed', plan, outcome });
  expect(text.split('\n').slice(-2)).toEqual([
    '  migrations  orders: 1_step1, 2_step2',
    '              users: 6, from 1_step1 to 6_step6',
  ]);
});
