import { expect, test } from '@jest/globals';
import type { GitFacts } from '../../../github/git.ts';
import { productionBranch } from '../../../github/init/branch.ts';

test.each<[string, GitFacts, string]>([
  [
    'the default branch of the remote',
    { defaultBranch: 'next', localBranches: ['main'], currentBranch: 'main' },
    'next',
  ],
  ['the only branch here', { localBranches: ['develop'], currentBranch: 'develop' }, 'develop'],
  [
    'the only branch here, whatever else the remote has',
    { localBranches: ['prod'], remoteBranches: ['fix', 'prod'] },
    'prod',
  ],
  ['the current one of a usual name', { localBranches: ['fix', 'master'], currentBranch: 'master' }, 'master'],
])('production follows %s', (_, facts, branch) => {
  expect(productionBranch(facts)).toBe(branch);
});

test.each<[string, GitFacts]>([
  ['of two usual names', { localBranches: ['main', 'master'], currentBranch: 'main' }],
  ['on a branch beside the usual one', { localBranches: ['fix', 'main'], currentBranch: 'fix' }],
  ['on the only branch here, where the remote has the usual one', { localBranches: ['fix'], remoteBranches: ['main'] }],
  ['of several without a usual name', { localBranches: ['a', 'b'], currentBranch: 'a' }],
  ['outside of a repository', {}],
])('%s it has to be said', (_, facts) => {
  expect(() => productionBranch(facts)).toThrow('FL6305');
});
