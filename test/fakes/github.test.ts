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

describe('pull requests', () => {
  test('get and list show state, draft, labels, author, base and head', async () => {
    const api = client(github, { 'pull-requests': 'read' });
    shop.pulls.open({ title: 'One', draft: true, labels: ['fairlead:preview'], by: 'dependabot[bot]' });
    shop.pulls.open({ title: 'Two' });
    const { data } = await api.pulls.get({ ...shopPath, pull_number: 1 });
    expect(data).toMatchObject({
      state: 'open',
      draft: true,
      user: { login: 'dependabot[bot]', type: 'Bot' },
      mergeable: true,
    });
    expect(data.labels.map(({ name }) => name)).toEqual(['fairlead:preview']);
    expect(data.base).toMatchObject({ ref: 'main', repo: { full_name: 'ada/shop' } });
    shop.pulls.close(2);
    const { data: open } = await api.pulls.list(shopPath);
    expect(open.map(({ number }) => number)).toEqual([1]);
    const { data: all } = await api.pulls.list({ ...shopPath, state: 'all' });
    expect(all.map(({ number }) => number)).toEqual([2, 1]);
  });

  test('mergeable is null while GitHub works it out, then says whether it conflicts', async () => {
    const api = client(github, { 'pull-requests': 'read' });
    const pull = shop.pulls.open();
    const mergeable = async () => {
      const { data } = await api.pulls.get({ ...shopPath, pull_number: 1 });
      return [data.mergeable, data.mergeable_state];
    };
    pull.computing = true;
    expect(await mergeable()).toEqual([null, 'unknown']);
    pull.computing = false;
    expect(await mergeable()).toEqual([true, 'clean']);
    shop.pulls.conflict(1);
    expect(await mergeable()).toEqual([false, 'dirty']);
  });

  test('the repository of a head is null after its fork is deleted', async () => {
    const fork = github.world.fork(shop, 'eve');
    shop.pulls.open({ from: fork, head: 'topic' });
    const api = client(github, { 'pull-requests': 'read' });
    expect((await api.pulls.get({ ...shopPath, pull_number: 1 })).data.head.repo.full_name).toBe('eve/shop');
    github.world.deleteRepository(fork);
    expect((await api.pulls.get({ ...shopPath, pull_number: 1 })).data.head.repo).toBeNull();
  });
});

describe('comments', () => {
  test('are created, listed by pages, updated and deleted', async () => {
    const api = client(github, { 'pull-requests': 'write' });
    shop.pulls.open();
    for (const body of ['a', 'b', 'c']) await api.issues.createComment({ ...shopPath, issue_number: 1, body });
    const { data, headers } = await api.issues.listComments({ ...shopPath, issue_number: 1, per_page: 2 });
    expect(data.map(({ body, user }) => [body, user?.login])).toEqual([
      ['a', 'github-actions[bot]'],
      ['b', 'github-actions[bot]'],
    ]);
    expect(headers.link).toContain('page=2>; rel="next"');
    await api.issues.updateComment({ ...shopPath, comment_id: data[0]!.id, body: 'A' });
    await api.issues.deleteComment({ ...shopPath, comment_id: data[1]!.id });
    expect(shop.comments.list(1).map(({ body }) => body)).toEqual(['A', 'c']);
  });
});

describe('labels', () => {
  test('are added and removed, and the timeline says who did it', async () => {
    const api = client(github, { 'pull-requests': 'write' });
    shop.pulls.open();
    shop.pulls.label(1, 'fairlead:preview', 'grace');
    await api.issues.addLabels({ ...shopPath, issue_number: 1, labels: ['more'] });
    await api.issues.removeLabel({ ...shopPath, issue_number: 1, name: 'more' });
    const { data } = await api.issues.listEvents({ ...shopPath, issue_number: 1 });
    expect(data.map((event) => [event.event, event.actor?.login])).toEqual([
      ['labeled', 'grace'],
      ['labeled', 'github-actions[bot]'],
      ['unlabeled', 'github-actions[bot]'],
    ]);
    const timeline = await api.issues.listEventsForTimeline({ ...shopPath, issue_number: 1 });
    expect(timeline.data.map((entry) => entry.event)).toEqual(['committed', 'labeled', 'labeled', 'unlabeled']);
    await expect(api.issues.removeLabel({ ...shopPath, issue_number: 1, name: 'more' })).rejects.toMatchObject({
      status: 404,
    });
  });
});

describe('deployments', () => {
  test('are listed newest first, by environment and task', async () => {
    const api = client(github, { deployments: 'write' });
    for (const task of ['a', 'b', 'a'])
      await api.repos.createDeployment({
        ...shopPath,
        ref: 'main',
        task,
        environment: 'preview',
        auto_merge: false,
        required_contexts: [],
        payload: { fairlead: 1 },
      });
    const { data } = await api.repos.listDeployments({ ...shopPath, environment: 'preview', task: 'a' });
    expect(data.map(({ id }) => id)).toEqual([...data.map(({ id }) => id)].sort((a, b) => b - a));
    expect(data.map(({ payload }) => payload)).toEqual([{ fairlead: 1 }, { fairlead: 1 }]);
  });

  test('are not made for a commit whose runs go on, unless no context is required', async () => {
    const api = client(github, { deployments: 'write' });
    shop.runs.start({ event: 'push' });
    const deployment = { ...shopPath, ref: 'main', auto_merge: false };
    await expect(api.repos.createDeployment(deployment)).rejects.toMatchObject({ status: 409 });
    expect((await api.repos.createDeployment({ ...deployment, required_contexts: [] })).status).toBe(201);
  });

  test('are not made of a branch that is behind, as it is merged first, unless told not to', async () => {
    const api = client(github, { deployments: 'write' });
    shop.branch('topic');
    shop.push('main');
    const deployment = { ...shopPath, ref: 'topic', required_contexts: [] };
    expect((await api.repos.createDeployment({ ...deployment, auto_merge: false })).status).toBe(201);
    const { status, data } = await api.repos.createDeployment(deployment);
    expect([status, data]).toEqual([202, { message: 'Auto-merged main into topic on deployment.' }]);
  });

  test('a success makes earlier lasting ones of its environment inactive, but no transient and no production ones', async () => {
    const api = client(github, { deployments: 'write' });
    const deploy = async (environment: string, options: object) => {
      const { data } = await api.repos.createDeployment({
        ...shopPath,
        ref: 'main',
        environment,
        auto_merge: false,
        required_contexts: [],
        ...options,
      });
      if (!('id' in data)) throw new Error(data.message);
      await api.repos.createDeploymentStatus({ ...shopPath, deployment_id: data.id, state: 'success' });
      return data.id;
    };
    const ids = [];
    for (const environment of ['staging', 'staging']) ids.push(await deploy(environment, {}));
    for (const _ of [1, 2]) ids.push(await deploy('preview', { transient_environment: true }));
    for (const _ of [1, 2]) ids.push(await deploy('production', { production_environment: true }));
    const states = [];
    for (const deployment_id of ids)
      states.push((await api.repos.listDeploymentStatuses({ ...shopPath, deployment_id })).data[0]!.state);
    expect(states).toEqual(['inactive', 'success', 'success', 'success', 'success', 'success']);
  });
});
