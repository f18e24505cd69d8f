import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { client, shopPath } from './github/client/octokit.ts';
import { FakeGitHub, fakeGitHub } from './github/fake.ts';
import { VirtualClock } from './github/model/clock.ts';

let github = fakeGitHub();
let shop = github.world.createRepository('ada/shop');
let api = client(github, {});

beforeEach(() => {
  github = fakeGitHub();
  shop = github.world.createRepository('ada/shop');
  shop.pulls.open();
  api = client(github, { 'pull-requests': 'write' });
});
afterEach(() => github.expectNoViolations());

const pull = { ...shopPath, pull_number: 1 };
const comment = { ...shopPath, issue_number: 1, body: 'Hello' };

test('errors of the server come as often as the script says', async () => {
  github.faults.add({ path: /pulls/, times: 2, how: { status: 502 } });
  await expect(api.pulls.get(pull)).rejects.toMatchObject({ status: 502 });
  await expect(api.pulls.get(pull)).rejects.toMatchObject({ status: 502 });
  expect((await api.pulls.get(pull)).status).toBe(200);
});

test('a dropped connection does nothing, and a lost answer hides what was done', async () => {
  github.faults.add({ method: 'POST', how: 'drop' });
  await expect(api.issues.createComment(comment)).rejects.toThrow('ECONNRESET');
  expect(shop.comments.list()).toHaveLength(0);
  github.faults.clear();
  github.faults.add({ method: 'POST', after: 1, how: 'lose' });
  await api.issues.createComment(comment);
  await expect(api.issues.createComment(comment)).rejects.toThrow('ECONNRESET');
  expect(shop.comments.list()).toHaveLength(2);
});

test('a secondary limit says how long to wait', async () => {
  github.faults.add({ how: { secondary: 60 } });
  github.faults.add({ how: { secondary: 60, status: 429 } });
  for (const status of [403, 429]) {
    const limited = { status, response: { headers: { 'retry-after': '60' } } };
    await expect(api.pulls.get(pull)).rejects.toMatchObject(limited);
  }
});

test('a token has so many requests an hour', async () => {
  const few = new FakeGitHub({ clock: new VirtualClock('2026-11-02T09:30:00Z'), limit: 2 });
  few.world.createRepository('ada/shop').pulls.open();
  const own = client(few, { 'pull-requests': 'read' });
  const { headers } = await own.pulls.get(pull);
  expect(headers).toMatchObject({ 'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '1', 'x-ratelimit-used': '1' });
  await own.pulls.get(pull);
  const spent = {
    status: 403,
    response: {
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Date.parse('2026-11-02T10:00:00Z') / 1000) },
    },
  };
  await expect(own.pulls.get(pull)).rejects.toMatchObject(spent);
  few.clock.advance(1_800_000);
  expect((await own.pulls.get(pull)).status).toBe(200);
});

test('every request is in the log with its operation', async () => {
  await api.pulls.get(pull);
  await api.issues.createComment(comment);
  expect(github.log.map(({ operation, status }) => [operation, status])).toEqual([
    ['pulls/get', 200],
    ['issues/create-comment', 201],
  ]);
});
