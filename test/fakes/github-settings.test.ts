import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { client, shopPath } from './github/client/octokit.ts';
import { fakeGitHub } from './github/fake.ts';

let github = fakeGitHub();
let shop = github.world.createRepository('ada/shop');

beforeEach(() => {
  github = fakeGitHub();
  shop = github.world.createRepository('ada/shop');
});
afterEach(() => github.expectNoViolations());

describe('what a doctor reads', () => {
  test('environments with reviewers, waiting time and branches', async () => {
    shop.environments.set('production', { branches: ['main'], reviewers: ['grace'], wait: 5 });
    shop.environments.set('preview', {});
    const api = client(github, { actions: 'read' });
    const { data } = await api.repos.getAllEnvironments(shopPath);
    expect(data.environments?.map(({ name, deployment_branch_policy }) => [name, deployment_branch_policy])).toEqual([
      ['production', { protected_branches: false, custom_branch_policies: true }],
      ['preview', null],
    ]);
    expect(data.environments?.[0]?.protection_rules?.map(({ type }) => type)).toEqual([
      'wait_timer',
      'required_reviewers',
      'branch_policy',
    ]);
    const policies = await api.repos.listDeploymentBranchPolicies({ ...shopPath, environment_name: 'production' });
    expect(policies.data.branch_policies.map(({ name }) => name)).toEqual(['main']);
    const none = api.repos.getEnvironment({ ...shopPath, environment_name: 'staging' });
    await expect(none).rejects.toMatchObject({ status: 404 });
  });

  test('variables, of the repository and of an environment, with a token that may', async () => {
    shop.settings.setVariable('AWS_REGION', 'eu-central-1');
    shop.settings.setVariable('AWS_ROLE', 'arn:aws:iam::1:role/preview', 'preview');
    const api = client(github, { variables: 'read', environments: 'read' }, 'ada');
    const { data } = await api.actions.listRepoVariables(shopPath);
    expect(data.variables.map(({ name, value }) => [name, value])).toEqual([['AWS_REGION', 'eu-central-1']]);
    const own = await api.actions.listEnvironmentVariables({ ...shopPath, environment_name: 'preview' });
    expect(own.data.variables.map(({ name }) => name)).toEqual(['AWS_ROLE']);
    const refused = client(github, { actions: 'write' }).actions.listRepoVariables(shopPath);
    await expect(refused).rejects.toMatchObject({ status: 403 });
  });

  test('what workflows may do', async () => {
    const api = client(github, { administration: 'read' }, 'ada');
    shop.settings.actions = { enabled: true, allowed: 'selected', pinned: true, patterns: ['fairlead-dev/*'] };
    const { data } = await api.actions.getGithubActionsPermissionsRepository(shopPath);
    expect(data).toMatchObject({ enabled: true, allowed_actions: 'selected', sha_pinning_required: true });
    const { data: allowed } = await api.actions.getAllowedActionsRepository(shopPath);
    expect(allowed.patterns_allowed).toEqual(['fairlead-dev/*']);
    const workflow = await api.actions.getGithubActionsDefaultWorkflowPermissionsRepository(shopPath);
    expect(workflow.data).toEqual({ default_workflow_permissions: 'read', can_approve_pull_request_reviews: false });
    const subject = await client(github, { actions: 'read' }).actions.getCustomOidcSubClaimForRepo(shopPath);
    expect(subject.data).toEqual({ use_default: true, use_immutable_subject: true });
  });

  test('environments are made, with branches, by an administrator', async () => {
    const api = client(github, { administration: 'write', actions: 'read' }, 'ada');
    const environment = { ...shopPath, environment_name: 'production' };
    const policy = { protected_branches: false, custom_branch_policies: true };
    await api.repos.createOrUpdateEnvironment({ ...environment, deployment_branch_policy: policy });
    await api.repos.createDeploymentBranchPolicy({ ...environment, name: 'main' });
    expect([
      shop.environments.admits('production', 'refs/heads/main'),
      shop.environments.admits('production', 'refs/heads/topic'),
    ]).toEqual([true, false]);
    await api.repos.deleteAnEnvironment(environment);
    expect(shop.environments.list()).toEqual([]);
    const own = client(github, { deployments: 'write', actions: 'write' }).repos.deleteAnEnvironment(environment);
    await expect(own).rejects.toMatchObject({ status: 403 });
  });
});

describe('repositories', () => {
  test('the repository, its collaborators and their permission', async () => {
    shop.collaborators.set('grace', 'maintain').set('joan', 'triage');
    const api = client(github, {});
    expect((await api.repos.get(shopPath)).data).toMatchObject({ id: shop.id, default_branch: 'main', private: true });
    const permission = async (username: string) =>
      (await api.repos.getCollaboratorPermissionLevel({ ...shopPath, username })).data;
    expect(await permission('ada')).toMatchObject({ permission: 'admin', role_name: 'admin' });
    expect(await permission('grace')).toMatchObject({ permission: 'write', role_name: 'maintain' });
    expect(await permission('joan')).toMatchObject({ permission: 'read', role_name: 'triage' });
    expect(await permission('eve')).toMatchObject({ permission: 'none' });
  });

  test('commits are compared', async () => {
    const api = client(github, { contents: 'read' });
    const first = shop.resolve('main')!;
    const second = shop.push('main');
    shop.branch('topic', first);
    const third = shop.push('topic');
    const compare = async (basehead: string) =>
      (await api.repos.compareCommitsWithBasehead({ ...shopPath, basehead })).data;
    expect(await compare(`${first}...${second}`)).toMatchObject({ status: 'ahead', ahead_by: 1, behind_by: 0 });
    expect(await compare(`${second}...${first}`)).toMatchObject({ status: 'behind', ahead_by: 0, behind_by: 1 });
    expect(await compare('main...main')).toMatchObject({ status: 'identical' });
    expect(await compare('main...topic')).toMatchObject({
      status: 'diverged',
      merge_base_commit: { sha: first },
      commits: [{ sha: third }],
    });
    await expect(compare(`${'0'.repeat(40)}...main`)).rejects.toMatchObject({ status: 404 });
  });

  test('a commit is found by branch and by hash, and leads to its pull requests', async () => {
    const api = client(github, { contents: 'read', 'pull-requests': 'read' });
    const { head } = shop.pulls.open();
    const numbers = async (commit_sha: string) =>
      (await api.repos.listPullRequestsAssociatedWithCommit({ ...shopPath, commit_sha })).data.map(
        ({ number }) => number,
      );
    expect((await api.repos.getCommit({ ...shopPath, ref: head.ref })).data.sha).toBe(head.sha);
    expect(await numbers(head.sha)).toEqual([1]);
    const merged = shop.pulls.merge(1);
    expect(await numbers(merged)).toEqual([1]);
    expect(await numbers(shop.push('main'))).toEqual([]);
    await expect(api.repos.getCommit({ ...shopPath, ref: 'nowhere' })).rejects.toMatchObject({ status: 422 });
  });

  test('refs are read, made, moved forward and deleted', async () => {
    const api = client(github, { contents: 'write' });
    shop.pulls.open();
    const sha = shop.resolve('main')!;
    expect((await api.git.getRef({ ...shopPath, ref: 'heads/main' })).data.object.sha).toBe(sha);
    expect((await api.git.getRef({ ...shopPath, ref: 'pull/1/head' })).data.object.sha).toBe(
      shop.pulls.require(1).head.sha,
    );
    await api.git.createRef({ ...shopPath, ref: 'refs/tags/v1', sha });
    await expect(api.git.createRef({ ...shopPath, ref: 'refs/tags/v1', sha })).rejects.toMatchObject({ status: 422 });
    const back = api.git.updateRef({ ...shopPath, ref: 'heads/topic-1', sha });
    await expect(back).rejects.toMatchObject({ status: 422 });
    await api.git.deleteRef({ ...shopPath, ref: 'heads/topic-1' });
    expect(shop.pulls.require(1).state).toBe('closed');
  });
});

describe('contents', () => {
  test('files and folders of a commit', async () => {
    const api = client(github, { contents: 'read' });
    const text = 'x'.repeat(100);
    const sha = shop.push('main', { files: { 'package.json': '{}', 'shop/fairlead.json': text } });
    shop.push('main');
    const read = async (path: string, ref?: string) =>
      (await api.repos.getContent({ ...shopPath, path, ...(ref && { ref }) })).data;
    const file = await read('shop/fairlead.json', sha);
    if (!('content' in file)) throw new Error('no file');
    expect(Buffer.from(file.content, 'base64').toString()).toBe(text);
    expect(await read('package.json')).toMatchObject({
      type: 'file',
      size: 2,
      sha: '9e26dfeeb6e641a33dae4961196235bdb965b21b',
    });
    expect(await read('shop')).toMatchObject([{ name: 'fairlead.json', type: 'file' }]);
    await expect(read('nothing')).rejects.toMatchObject({ status: 404 });
  });
});

describe('runs', () => {
  test('are listed by commit, event and outcome', async () => {
    const api = client(github, { actions: 'read' });
    const { head } = shop.pulls.open();
    const run = shop.runs.start({ event: 'pull_request', headSha: head.sha, headBranch: head.ref });
    shop.runs.start({ event: 'push' });
    const list = async (options: object) =>
      (await api.actions.listWorkflowRunsForRepo({ ...shopPath, ...options })).data.workflow_runs.map(({ id }) => id);
    expect(await list({ head_sha: head.sha, event: 'pull_request' })).toEqual([run.id]);
    expect(await list({ head_sha: head.sha, status: 'success' })).toEqual([]);
    shop.runs.finish(run);
    expect(await list({ head_sha: head.sha, status: 'success' })).toEqual([run.id]);
    const { data } = await api.actions.getWorkflowRun({ ...shopPath, run_id: run.id });
    expect(data).toMatchObject({
      path: '.github/workflows/preview.yml',
      conclusion: 'success',
      run_attempt: 1,
      pull_requests: [{ number: 1 }],
    });
    shop.runs.rerun(run);
    expect((await api.actions.getWorkflowRun({ ...shopPath, run_id: run.id })).data).toMatchObject({
      status: 'in_progress',
      run_attempt: 2,
    });
    const own = await api.actions.listWorkflowRuns({ ...shopPath, workflow_id: 'preview.yml' });
    expect(own.data.total_count).toBe(2);
  });

  test('a SARIF comes compressed', async () => {
    const api = client(github, { 'security-events': 'write' });
    const sarif = gzipSync(JSON.stringify({ version: '2.1.0', runs: [] })).toString('base64');
    const upload = { ...shopPath, commit_sha: shop.resolve('main')!, ref: 'refs/heads/main' };
    const { data, status } = await api.codeScanning.uploadSarif({ ...upload, sarif });
    expect(status).toBe(202);
    expect((await api.codeScanning.getSarif({ ...shopPath, sarif_id: data.id! })).data.processing_status).toBe(
      'complete',
    );
    expect(JSON.parse(shop.sarifs[0]!.sarif)).toEqual({ version: '2.1.0', runs: [] });
    await expect(api.codeScanning.uploadSarif({ ...upload, sarif: 'e30=' })).rejects.toMatchObject({ status: 400 });
  });
});

describe('limits of what is written', () => {
  test('a comment of more than 65536 characters is refused', async () => {
    shop.pulls.open();
    const api = client(github, { 'pull-requests': 'write' });
    const comment = { ...shopPath, issue_number: 1 };
    await api.issues.createComment({ ...comment, body: 'x'.repeat(65_536) });
    await expect(api.issues.createComment({ ...comment, body: 'x'.repeat(65_537) })).rejects.toMatchObject({
      status: 422,
    });
  });

  test('a deployment needs its ref, a status a short description, and a deletion an inactive one', async () => {
    const api = client(github, { deployments: 'write' });
    const deployment = { ...shopPath, auto_merge: false, required_contexts: [] };
    await expect(api.repos.createDeployment({ ...deployment, ref: 'nowhere' })).rejects.toMatchObject({ status: 422 });
    for (const environment of ['a', 'b']) await api.repos.createDeployment({ ...deployment, ref: 'main', environment });
    const deployment_id = shop.deployments.list()[0]!.id;
    const set = (state: 'success' | 'inactive', description: string) =>
      api.repos.createDeploymentStatus({ ...shopPath, deployment_id, state, description });
    await expect(set('success', 'x'.repeat(141))).rejects.toMatchObject({ status: 422 });
    await set('success', 'x'.repeat(140));
    await expect(api.repos.deleteDeployment({ ...shopPath, deployment_id })).rejects.toMatchObject({ status: 422 });
    await set('inactive', '');
    await api.repos.deleteDeployment({ ...shopPath, deployment_id });
    expect(shop.deployments.list()).toHaveLength(1);
    expect(shop.environments.list().map(({ name }) => name)).toEqual(['a', 'b']);
  });
});
