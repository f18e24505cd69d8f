import { expect, test } from '@jest/globals';
import type { UserError } from '../../../analyzer/diagnostic.ts';
import { canonicalDigest } from '../../../pipeline/mod.ts';
import { refuseMissingSecrets, warnOfMissingSecrets } from '../../../pipeline/refusals/missing-secrets.ts';
import { environmentOf, planOf, tinyGraph } from '../../conformance/tiny-app.ts';
import { release } from '../../support/release.ts';

const images = { 'all-in-one/app': canonicalDigest('app') };
const built = release(tinyGraph({ version: 'one' }), images, { hash: canonicalDigest('one') });
const plan = planOf(built, environmentOf('pr-1'));

test('a deployment without a value for each secret is refused, with the place of the secret', () => {
  expect(() => refuseMissingSecrets(plan, [])).not.toThrow();
  const { position } = plan.release.content.graph.secrets[0]!;
  try {
    refuseMissingSecrets(plan, ['GREETING']);
    throw new Error('it was let through');
  } catch (error) {
    expect((error as UserError).diagnostics).toEqual([
      expect.objectContaining({ code: 'FL4010', message: 'the secret GREETING has no value in pr-1', position }),
    ]);
  }
});

test('a developer’s machine is warned of each secret without a value, and how to give it one', () => {
  const warnings: string[] = [];
  warnOfMissingSecrets(['A', 'B'], { warn: (message) => warnings.push(message) });
  expect(warnings).toHaveLength(2);
  expect(warnings[1]).toMatch(
    /secret B has no value here.*"B": .*\.secrets\.local\.json.*fairlead secret set B --type local/,
  );
});
