import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { deploying, type Fixture, fixture } from './fake-forge.ts';

let github: Fixture;
beforeEach(() => {
  github = fixture();
  github.repository.pulls.open();
});
afterEach(() => expect(github.fake.violations).toEqual([]));

const told = () => github.repository.comments.list(1).map(({ user, body }) => [user, body]);

test.each(['ada', 'deployer[bot]'])('a token of %s finds its own comment again', async (login) => {
  const forge = () => github.forge({ api: github.api(deploying, { login }) });
  await forge().comment(1, 'One');
  await forge().comment(1, 'Two');
  expect(told()).toEqual([[login, '<!-- fairlead:preview -->\n\nTwo']]);
});

test('a comment with the marker by somebody else stays theirs, whoever asks', async () => {
  github.repository.comments.create(1, '<!-- fairlead:preview -->', 'eve');
  await github.forge().comment(1, 'One');
  await github.forge({ api: github.api(deploying, { login: 'ada' }) }).comment(1, 'Two');
  expect(told()).toMatchObject([
    ['eve', '<!-- fairlead:preview -->'],
    ['github-actions[bot]', '<!-- fairlead:preview -->\n\nTwo'],
  ]);
});

test('a token that may not ask who it is comments all the same', async () => {
  github.repository.comments.create(1, '<!-- fairlead:preview -->', 'eve');
  const fetch: typeof globalThis.fetch = async (...request) => {
    if (!String(request[0]).endsWith('/graphql')) return github.fake.fetch(...request);
    return Response.json({ message: 'Resource not accessible' }, { status: 403 });
  };
  await github.forge({ api: github.api(deploying, { fetch }) }).comment(1, 'One');
  expect(told()).toHaveLength(2);
});
