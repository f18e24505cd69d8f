import { expect, test } from '@jest/globals';
import { type Environment, parseEnvironment } from '../../../pipeline/environment.ts';
import { type MigrationRun, migrationsOfRun } from '../../../pipeline/refusals/migrations.ts';
import { unhealthy } from '../../../pipeline/refusals/unhealthy.ts';
import type { UserError } from '../../../pipeline/user-error.ts';

const failed = { event: 'failed', database: 'orders', message: 'syntax error' } as const;

function helpOf(run: Partial<MigrationRun>, environment: Environment): string {
  try {
    migrationsOfRun({ events: [], output: [], ...run }, environment);
  } catch (error) {
    return (error as UserError).diagnostics[0]!.help;
  }
  throw new Error('it was let through');
}

test.each([
  ['local', /save a file/],
  ['pr-1', /deploy again/],
  ['production', /deploy again/],
])('the way out of what failed in %s is what one does there', (name, wayOut) => {
  const environment = parseEnvironment('shop', name);
  expect(helpOf({ events: [failed] }, environment)).toMatch(wayOut);
  expect(helpOf({ ending: 'exit code 1' }, environment)).toMatch(wayOut);
  const ill = { process: 'app', reason: 'it exited with code 1', output: [], former: true };
  expect(unhealthy(ill, environment).diagnostics[0]!.help).toMatch(wayOut);
});

test.each([
  ['local', /fairlead db reset orders/],
  ['pr-1', /fairlead destroy --env pr-1/],
  ['production', /new migration with a higher number/],
])('where migrations of %s were rewritten, its data decides the way out', (name, wayOut) => {
  const environment = parseEnvironment('shop', name);
  expect(helpOf({ events: [{ ...failed, conflict: 'rewritten' }] }, environment)).toMatch(wayOut);
});
