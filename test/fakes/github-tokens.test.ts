import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { client, shopPath } from './github/client/octokit.ts';
import { fakeGitHub } from './github/fake.ts';

let github = fakeGitHub();
let shop = github.world.createRepository('ada/shop');

beforeEach(() => {
  github = fakeGitHub();
  shop = github.world.createRepository('ada/shop');
  shop.pulls.open();
});
afterEach(() => github.expectNoViolations());

const pull = { ...shopPath, pull_number: 1 };
const comment = { ...shopPath, issue_number: 1, body: 'Hello' };

test('a token without the permission is told which one it lacks', async () => {
  const refused = client(github, { contents: 'write' }).issues.createComment(comment);
  await expect(refused).rejects.toMatchObject({
    status: 403,
    message: expect.stringContaining('Resource not accessible by integration'),
    response: { headers: { 'x-accepted-github-permissions': 'issues=write; pull_requests=write' } },
  });
});

test('a token that reads does not write', async () => {
  const api = client(github, { 'pull-requests': 'read', deployments: 'read' });
  await api.pulls.get(pull);
  await expect(api.issues.createComment(comment)).rejects.toMatchObject({ status: 403 });
  const deployment = { ...shopPath, ref: 'main', auto_merge: false, required_contexts: [] };
  await expect(api.repos.createDeployment(deployment)).rejects.toMatchObject({ status: 403 });
});

test('either permission is enough for comments on a pull request', async () => {
  await client(github, { issues: 'write' }).issues.createComment(comment);
  await client(github, { 'pull-requests': 'write' }).issues.createComment(comment);
  expect(shop.comments.list(1)).toHaveLength(2);
});

test('a public repository is read without permissions, and not written', async () => {
  const open = github.world.createRepository('ada/open', { private: false });
  open.pulls.open();
  const api = client(github, {});
  expect((await api.pulls.get({ owner: 'ada', repo: 'open', pull_number: 1 })).data.number).toBe(1);
  await expect(api.issues.createComment({ ...comment, repo: 'open' })).rejects.toMatchObject({ status: 403 });
});

test('a private repository of others is not there', async () => {
  github.world.createRepository('eve/diary');
  const refused = client(github, { contents: 'read' }).repos.get({ owner: 'eve', repo: 'diary' });
  await expect(refused).rejects.toMatchObject({ status: 404 });
});

test('a token is over with its job, and after its time', async () => {
  const run = shop.runs.start();
  const job = shop.jobs.start({ run, permissions: { 'pull-requests': 'read' } });
  const ask = () =>
    github.fetch('https://api.github.com/repos/ada/shop/pulls/1', {
      headers: { authorization: `Bearer ${job.token.value}` },
    });
  expect((await ask()).status).toBe(200);
  shop.jobs.end(job);
  expect((await ask()).status).toBe(401);
  const short = github.world.tokens.issue({ repository: 'ada/shop', permissions: {}, minutes: 60 });
  github.clock.advance(3_600_001);
  expect(github.world.tokens.get(short.value)).toBeUndefined();
});

test('jobs for a fork and for Dependabot read only, and have no OIDC token', () => {
  const fork = github.world.fork(shop, 'eve');
  const theirs = shop.pulls.open({ from: fork });
  const permissions = { 'pull-requests': 'write', 'id-token': 'write' } as const;
  const start = (event: string, headRepository: number, actor: string) => {
    const run = shop.runs.start({ event, headSha: theirs.head.sha, headRepository, actor });
    const job = shop.jobs.start({ run, permissions, pull: theirs.number });
    return [job.token.permissions['pull-requests'], job.idToken !== undefined];
  };
  expect(start('pull_request', fork.id, 'eve')).toEqual(['read', false]);
  expect(start('pull_request', shop.id, 'dependabot[bot]')).toEqual(['read', false]);
  expect(start('pull_request', shop.id, 'ada')).toEqual(['write', true]);
  expect(start('pull_request_target', fork.id, 'eve')).toEqual(['write', true]);
});

test('a job does not start for an environment that does not admit its ref', () => {
  shop.environments.set('production', { branches: ['main'] });
  shop.environments.set('preview', { branches: ['main', 'refs/pull/*/merge'] });
  const run = shop.runs.start({ event: 'pull_request', headSha: shop.pulls.require(1).head.sha });
  expect(() => shop.jobs.start({ run, pull: 1, environment: 'production' })).toThrow('not allowed to deploy');
  expect(shop.jobs.start({ run, pull: 1, environment: 'preview' }).ref).toBe('refs/pull/1/merge');
});
