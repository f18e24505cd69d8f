import { beforeEach, expect, test } from '@jest/globals';
import { fakeGitHub } from './github/fake.ts';
import { actionsBot } from './github/model/users.ts';
import { checkWebhook } from './github/openapi/validator.ts';

let github = fakeGitHub();
let shop = github.world.createRepository('ada/shop');
let happened: string[] = [];

/** Follows what happens, and holds each payload against the description. */
beforeEach(() => {
  github = fakeGitHub();
  shop = github.world.createRepository('ada/shop');
  happened = [];
  github.world.onHappening((happening) => {
    const { name, action, pull, byWorkflow } = happening;
    happened.push([name, action, pull, byWorkflow ? 'by a workflow' : ''].filter(Boolean).join(' '));
    const webhook = [name, action].filter(Boolean).join('-').replaceAll('_', '-');
    const wrong = checkWebhook(webhook, github.payload(happening));
    expect({ webhook, wrong }).toEqual({ webhook, wrong: [] });
  });
});

test('the life of a pull request', () => {
  const { number } = shop.pulls.open({ draft: true });
  shop.pulls.draft(number, false);
  shop.pulls.push(number);
  shop.pulls.forcePush(number);
  shop.pulls.rename(number, 'Another title');
  shop.pulls.label(number, 'fairlead:preview', 'grace');
  shop.pulls.unlabel(number, 'fairlead:preview', actionsBot);
  shop.pulls.close(number);
  shop.pulls.reopen(number);
  shop.pulls.merge(number);
  expect(happened).toEqual([
    'push',
    'pull_request opened 1',
    'pull_request ready_for_review 1',
    'push',
    'pull_request synchronize 1',
    'push',
    'pull_request synchronize 1',
    'pull_request edited 1',
    'pull_request labeled 1',
    'pull_request unlabeled 1 by a workflow',
    'pull_request closed 1',
    'pull_request reopened 1',
    'push',
    'pull_request closed 1',
  ]);
  expect(shop.pulls.require(number)).toMatchObject({ state: 'closed', merged: { by: 'ada' } });
});

test('a deleted fork closes nothing, and its pull request stays without a repository', () => {
  const fork = github.world.fork(shop, 'eve');
  shop.pulls.open({ from: fork, head: 'topic' });
  github.world.deleteRepository(fork);
  const pull = shop.pulls.require(1);
  expect([pull.state, shop.pulls.isFromFork(pull), shop.pulls.headRepository(pull)]).toEqual(['open', true, undefined]);
  expect(() => shop.pulls.reopen(1)).toThrow('Validation Failed');
});

test('a stacked pull request moves on when the branch below is deleted on its page, and is closed through the API', () => {
  const stack = (how: 'page' | 'api', number: number) => {
    shop.pulls.open({ head: `below-${how}` });
    shop.pulls.open({ head: `above-${how}`, base: `below-${how}` });
    shop.pulls.merge(number);
    shop.deleteBranch(`below-${how}`, { how });
    const { state, base } = shop.pulls.require(number + 1);
    return [state, base.ref];
  };
  expect(stack('page', 1)).toEqual(['open', 'main']);
  expect(stack('api', 3)).toEqual(['closed', 'below-api']);
});

test('the test merge follows head and base, and stays where it is when they conflict', () => {
  shop.pulls.open();
  const first = shop.pulls.refOf(1, 'merge');
  expect(shop.resolve('refs/pull/1/merge')).toBe(first);
  shop.pulls.push(1);
  const second = shop.pulls.refOf(1, 'merge');
  expect(second).not.toBe(first);
  shop.pulls.conflict(1);
  shop.push('main');
  expect(shop.pulls.refOf(1, 'merge')).toBe(second);
  expect(() => shop.pulls.merge(1)).toThrow('not mergeable');
  shop.pulls.conflict(1, false);
  expect(shop.pulls.refOf(1, 'merge')).not.toBe(second);
});

test('a renamed branch takes the pull requests into it along, and closes those from it', () => {
  shop.branch('next');
  shop.pulls.open({ base: 'next' });
  shop.pulls.open({ head: 'topic' });
  shop.renameBranch('next', 'later');
  shop.renameBranch('topic', 'subject');
  expect(shop.pulls.list().map(({ state, base }) => [state, base.ref])).toEqual([
    ['open', 'later'],
    ['closed', 'main'],
  ]);
});

test('a pull request does not open twice, and does not reopen when its branch was rewritten', () => {
  shop.pulls.open({ head: 'topic' });
  expect(() => shop.pulls.open({ head: 'topic' })).toThrow('Validation Failed');
  shop.pulls.close(1);
  shop.push('topic');
  shop.pulls.reopen(1);
  expect(shop.pulls.require(1).head.sha).toBe(shop.resolve('topic'));
  shop.pulls.close(1);
  shop.forcePush('topic');
  expect(() => shop.pulls.reopen(1)).toThrow('Validation Failed');
  expect(() => shop.pulls.retarget(1, 'main')).toThrow('Cannot change the base branch');
});

test('a workflow is dispatched with inputs, also through the API', async () => {
  const { value } = github.world.tokens.issue({
    repository: 'ada/shop',
    permissions: { actions: 'write' },
    login: 'ada',
  });
  const url = 'https://api.github.com/repos/ada/shop/actions/workflows/rollback.yml/dispatches';
  const body = JSON.stringify({ ref: 'main', inputs: { action: 'resume' } });
  const details: unknown[] = [];
  github.world.onHappening((happening) => details.push(happening.details));
  expect(
    (await github.fetch(url, { method: 'POST', headers: { authorization: `Bearer ${value}` }, body })).status,
  ).toBe(204);
  expect(details).toEqual([
    { workflow: '.github/workflows/rollback.yml', ref: 'refs/heads/main', inputs: { action: 'resume' } },
  ]);
  expect(happened).toEqual(['workflow_dispatch']);
  github.expectNoViolations();
});

test('a pull request that is opened with a label is opened and labeled', () => {
  shop.pulls.open({ labels: ['fairlead:preview'], by: 'grace' });
  expect(happened).toEqual(['push', 'pull_request opened 1', 'pull_request labeled 1']);
  expect(shop.pulls.events).toMatchObject([{ event: 'labeled', label: 'fairlead:preview', actor: 'grace' }]);
});
