import { beforeEach, expect, test } from '@jest/globals';
import { fakeGitHub } from './github/fake.ts';
import { checkAnswer, checkRequest, checkWebhook, operationFor } from './github/openapi/validator.ts';

let github = fakeGitHub();
let authorization = '';

beforeEach(() => {
  github = fakeGitHub();
  const shop = github.world.createRepository('ada/shop');
  shop.pulls.open();
  const permissions = { 'pull-requests': 'write', deployments: 'write' } as const;
  authorization = `Bearer ${github.world.tokens.issue({ repository: 'ada/shop', permissions }).value}`;
});

async function ask(method: string, path: string, body?: object) {
  const url = `https://api.github.com/repos/ada/shop/${path}`;
  const { status } = await github.fetch(url, {
    method,
    headers: { authorization },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status, said: github.violations.map(({ kind, message }) => `${kind}: ${message}`) };
}

test('a fitting request leaves nothing', async () => {
  expect(await ask('GET', 'pulls?state=all&per_page=100')).toEqual({ status: 200, said: [] });
  github.expectNoViolations();
});

test('a parameter that GitHub does not know is a violation', async () => {
  const { said } = await ask('GET', 'pulls?sate=all');
  expect(said).toEqual(['request: There is no query parameter "sate".']);
  expect(() => github.expectNoViolations()).toThrow('sate');
});

test('a value that GitHub does not know is a violation', async () => {
  expect((await ask('GET', 'pulls?state=opened')).said).toEqual([expect.stringContaining('open, closed, all')]);
  expect((await ask('GET', 'pulls/one')).said[1]).toContain('must be integer');
});

test('a body that the description does not allow is a violation', async () => {
  const { status, said } = await ask('POST', 'issues/1/comments', { text: 'Hello' });
  expect(status).toBe(422);
  expect(said).toEqual([
    'request: The body at "" must have required property \'body\'.',
    'request: The body has a property "text" that GitHub does not know.',
  ]);
});

test('an operation that nobody knows is a violation, and not found', async () => {
  expect(await ask('GET', 'previews')).toEqual({ status: 404, said: ['unknown: GitHub has no such operation.'] });
  expect((await ask('GET', 'stargazers')).said[1]).toBe('unknown: The fake does not know this operation.');
});

test('an answer that the description does not allow is a violation', () => {
  const operation = operationFor('GET', '/repos/ada/shop/pulls/1')!;
  expect(checkAnswer(operation, 200, { number: '1' })).toContainEqual(
    expect.stringContaining("required property 'state'"),
  );
  const label = operationFor('GET', '/repos/ada/shop/labels')!;
  expect(checkAnswer(label, 200, [{ id: '1' }])).toContain('The answer at "/0/id" must be integer.');
  expect(checkAnswer(operation, 201, {})).toEqual(['The status 201 is not described.']);
  expect(checkAnswer(operation, 200, undefined)).toEqual(['The answer has no JSON.']);
  expect(checkRequest(operation, new URLSearchParams(), { a: 1 })).toEqual(['This operation takes no body.']);
});

test('a payload that the description does not allow is a violation', () => {
  expect(checkWebhook('pull-request-opened', {})[0]).toContain("required property 'action'");
  expect(checkWebhook('pull-request-imagined', {})).toEqual(['There is no webhook "pull-request-imagined".']);
});
