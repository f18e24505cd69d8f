import { describe, expect, test } from '@jest/globals';
import { trustPolicy } from '../../../github/bootstrap/aws/trust-policy.ts';
import { trustsOf } from '../../../github/bootstrap/trust.ts';
import { type Claims, foreign, previewClaims, productionClaims, shop } from './support/claims.ts';
import { mayAssume, type PolicyDocument } from './support/evaluate.ts';

const policies = Object.fromEntries(
  trustsOf(shop, { forks: true }).map((trust) => [trust.environment, trustPolicy(shop, trust) as PolicyDocument]),
);

const right: Record<'preview' | 'production', Record<string, Claims>> = {
  preview: {
    'a pull request': previewClaims,
    'a closed pull request': {
      ...previewClaims,
      event_name: 'pull_request_target',
      ref: 'refs/heads/main',
      job_workflow_ref: 'fairlead-dev/fairlead/.github/workflows/cleanup.yml@refs/tags/v0',
    },
    'a repository whose subjects have numbers': {
      ...previewClaims,
      sub: 'repo:acme@583231/shop@1296269:environment:preview',
    },
    'an exact version of the kit': { ...previewClaims, job_workflow_ref: `${previewClaims.job_workflow_ref}.3.1` },
  },
  production: {
    'a push': productionClaims,
    'a rollback': {
      ...productionClaims,
      event_name: 'workflow_dispatch',
      job_workflow_ref: 'fairlead-dev/fairlead/.github/workflows/rollback.yml@refs/tags/v0',
    },
  },
};

describe.each(['preview', 'production'] as const)('the role of %s', (environment) => {
  const policy = policies[environment]!;

  test.each(Object.entries(right[environment]))('is for %s', (_, claims) => {
    expect(mayAssume(policy, claims)).toBe(true);
  });

  test.each(Object.entries(foreign[environment]))('is not for %s', (_, claims) => {
    expect(mayAssume(policy, claims)).toBe(false);
  });

  test('is not for a token of another audience', () => {
    const [claims] = Object.values(right[environment]);
    expect(mayAssume(policy, { ...claims!, aud: 'https://github.com/acme' })).toBe(false);
  });

  const conditions = Object.entries(policy.Statement[0]!.Condition).flatMap(([operator, tests]) =>
    Object.keys(tests).map((key) => [operator, key] as const),
  );
  test.each(conditions)('would be for somebody else without %s of %s', (operator, key) => {
    const weaker = structuredClone(policy);
    delete weaker.Statement[0]!.Condition[operator]![key];
    const [claims] = Object.values(right[environment]);
    const all = [...Object.values(foreign[environment]), { ...claims!, aud: 'https://github.com/acme' }];
    expect(all.filter((one) => mayAssume(weaker, one)).length).toBeGreaterThan(0);
  });

  test('names subjects exactly', () => {
    expect(policy.Statement[0]!.Condition.StringEquals!['token.actions.githubusercontent.com:sub']).toEqual([
      `repo:acme/shop:environment:${environment}`,
      `repo:acme@583231/shop@1296269:environment:${environment}`,
    ]);
  });
});

test('of forks, allowed previews alone have a role of their own', () => {
  const claims = {
    ...previewClaims,
    sub: 'repo:acme/shop:environment:preview-fork',
    environment: 'preview-fork',
    event_name: 'pull_request_target',
    ref: 'refs/heads/main',
    job_workflow_ref: 'fairlead-dev/fairlead/.github/workflows/fork-preview.yml@refs/tags/v0',
  };
  expect(Object.entries(policies).map(([name, policy]) => [name, mayAssume(policy, claims)])).toEqual([
    ['preview', false],
    ['preview-fork', true],
    ['production', false],
  ]);
  expect(trustsOf(shop, { forks: false }).map(({ environment }) => environment)).toEqual(['preview', 'production']);
});

test('a kit that is called by a commit is trusted at that commit alone', () => {
  const commit = '0123456789abcdef0123456789abcdef01234567';
  const policy = trustPolicy(shop, trustsOf(shop, { forks: false })[0]!, commit) as PolicyDocument;
  const at = (ref: string) => ({
    ...previewClaims,
    job_workflow_ref: `fairlead-dev/fairlead/.github/workflows/preview.yml@${ref}`,
  });
  expect([at(commit), at('refs/tags/v0'), at(`${commit}0`)].map((one) => mayAssume(policy, one))).toEqual([
    true,
    false,
    false,
  ]);
});
