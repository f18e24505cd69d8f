import type { RepositoryIdentity } from '../../../../github/bootstrap/trust.ts';

export const shop: RepositoryIdentity = {
  owner: 'acme',
  name: 'shop',
  ownerId: 583231,
  id: 1296269,
  defaultBranch: 'main',
};

export type Claims = Record<string, string>;

const workflow = (name: string) => `fairlead-dev/fairlead/.github/workflows/${name}.yml@refs/tags/v0`;

const common: Claims = {
  iss: 'https://token.actions.githubusercontent.com',
  aud: 'sts.amazonaws.com',
  repository: 'acme/shop',
  repository_id: '1296269',
  repository_owner: 'acme',
  repository_owner_id: '583231',
  repository_visibility: 'private',
  actor: 'ann',
  actor_id: '1234',
  head_ref: '',
  base_ref: '',
  ref_type: 'branch',
  runner_environment: 'github-hosted',
  run_id: '9876543210',
  run_number: '7',
  run_attempt: '1',
  sha: '6f1f0d7e1a9e8b5c4d3c2b1a0f9e8d7c6b5a4f3e',
};

/** What a token says of the job that puts up previews, for a pull request. */
export const previewClaims: Claims = {
  ...common,
  sub: 'repo:acme/shop:environment:preview',
  environment: 'preview',
  event_name: 'pull_request',
  ref: 'refs/pull/12/merge',
  head_ref: 'greeting',
  base_ref: 'main',
  workflow: 'Preview',
  workflow_ref: 'acme/shop/.github/workflows/fairlead-preview.yml@refs/pull/12/merge',
  job_workflow_ref: workflow('preview'),
};

/** The same of the job that deploys to production, after a push. */
export const productionClaims: Claims = {
  ...common,
  sub: 'repo:acme/shop:environment:production',
  environment: 'production',
  event_name: 'push',
  ref: 'refs/heads/main',
  workflow: 'Production',
  workflow_ref: 'acme/shop/.github/workflows/fairlead-production.yml@refs/heads/main',
  job_workflow_ref: workflow('production'),
};

const other = (environment: string, claims: Claims): Record<string, Claims> => ({
  'another repository': {
    ...claims,
    sub: `repo:acme/blog:environment:${environment}`,
    repository: 'acme/blog',
    repository_id: '1296270',
  },
  'a repository that took the name later': { ...claims, repository_id: '1300000', repository_owner_id: '583231' },
  'another environment': { ...claims, sub: 'repo:acme/shop:environment:staging', environment: 'staging' },
  'no environment': without({ ...claims, sub: 'repo:acme/shop:ref:refs/heads/main' }, 'environment'),
  'another branch': { ...claims, ref: 'refs/heads/feature' },
  'a tag': { ...claims, ref: 'refs/tags/v1.0', ref_type: 'tag' },
  'a workflow of its own': {
    ...claims,
    job_workflow_ref: 'acme/shop/.github/workflows/fairlead-preview.yml@refs/heads/main',
  },
  'another workflow of the kit': { ...claims, job_workflow_ref: workflow('ci') },
  'a branch of the kit': {
    ...claims,
    job_workflow_ref: claims.job_workflow_ref!.replace('refs/tags/v0', 'refs/heads/v0'),
  },
  'another version of the kit': { ...claims, job_workflow_ref: `${claims.job_workflow_ref}9` },
});

/** Tokens of jobs that must get nothing, by what is wrong with them. */
export const foreign: { preview: Record<string, Claims>; production: Record<string, Claims> } = {
  preview: {
    ...other('preview', previewClaims),
    'the job of production': productionClaims,
    'the workflow of production in the environment of previews': {
      ...previewClaims,
      job_workflow_ref: workflow('production'),
    },
  },
  production: {
    ...other('production', productionClaims),
    'the job of a preview': previewClaims,
    'the workflow of previews in the environment of production': {
      ...productionClaims,
      job_workflow_ref: workflow('preview'),
    },
    'a pull request': { ...productionClaims, ref: 'refs/pull/12/merge', event_name: 'pull_request' },
  },
};

export function without(claims: Claims, name: string): Claims {
  const { [name]: _, ...rest } = claims;
  return rest;
}
