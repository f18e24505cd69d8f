import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createApi } from '../../github/api.ts';
import { doing } from '../../github/api-error.ts';
import type { UserError } from '../../pipeline/mod.ts';
import { listen } from '../fakes/github/server.ts';
import { type Fixture, fixture } from './fake-forge.ts';

let github: Fixture;
beforeEach(() => {
  github = fixture({ start: new Date().toISOString() });
  github.repository.pulls.open();
});
afterEach(() => expect(github.fake.violations).toEqual([]));

const pull = { owner: 'ada', repo: 'shop', pull_number: 1 };
const issue = { owner: 'ada', repo: 'shop', issue_number: 1 };
const reading = { what: 'read pull request 1 of ada/shop', permission: 'pull-requests: read' };

async function diagnosticOf(promise: Promise<unknown>): Promise<UserError['diagnostics'][0] | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return (error as UserError).diagnostics[0];
  }
}

test('asks again when GitHub fails or the connection ends, and gives up in the end', async () => {
  const api = github.api();
  github.fake.faults.add({ method: 'GET', how: { status: 502 }, times: 2 });
  expect((await api.rest.pulls.get(pull)).data.number).toBe(1);
  expect(github.calls()).toHaveLength(3);
  github.fake.faults.clear();
  github.fake.faults.add({ method: 'GET', how: 'drop', times: 4 });
  expect(await diagnosticOf(doing(reading, () => api.rest.pulls.get(pull)))).toMatchObject({
    code: 'FL6105',
    message: expect.stringContaining(
      'cannot read pull request 1 of ada/shop: GitHub does not answer as it should (read ECONNRESET)',
    ),
    help: expect.stringContaining('githubstatus.com'),
  });
  expect(github.calls()).toHaveLength(4);
});

test('asks again over HTTP, when an answer is cut off in its middle', async () => {
  await using server = await listen(github.fake);
  const cut = { left: 2 };
  const through = createServer(async (request, response) => {
    const answer = await fetch(server.url + request.url, {
      headers: { authorization: request.headers.authorization ?? '' },
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    response.writeHead(answer.status, { 'content-type': 'application/json', 'content-length': bytes.length });
    if (cut.left-- > 0) response.write(bytes.subarray(0, 100), () => response.destroy());
    else response.end(bytes);
  });
  await new Promise<void>((resolve) => through.listen(0, '127.0.0.1', resolve));
  try {
    const baseUrl = `http://127.0.0.1:${(through.address() as AddressInfo).port}`;
    // With the fetch that goes through proxies, which is the one of a runner.
    const { value: token } = github.fake.world.tokens.issue({
      repository: 'ada/shop',
      permissions: { 'pull-requests': 'read' },
    });
    const api = createApi({ token, baseUrl, report: { info: () => {} }, second: 1 });
    expect((await api.rest.pulls.get(pull)).data.number).toBe(1);
    expect(cut.left).toBe(-1);
  } finally {
    through.close();
    through.closeAllConnections();
  }
});

test('does not wait for ever for an answer', async () => {
  const never: typeof fetch = (_url, init) =>
    new Promise((_resolve, reject) => {
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error));
    });
  const api = github.api(undefined, { fetch: never, timeout: 20 });
  expect(await diagnosticOf(doing(reading, () => api.rest.pulls.get(pull)))).toMatchObject({ code: 'FL6105' });
});

test('waits as long as a secondary limit says, with one line', async () => {
  const api = github.api();
  github.fake.faults.add({ method: 'POST', how: { secondary: 30 } });
  await api.rest.issues.createComment({ ...issue, body: 'hello', request: { retries: 0 } });
  expect(github.repository.comments.list(1)).toHaveLength(1);
  expect(github.said).toEqual(['GitHub asks to slow down; waiting 30 s']);
});

test('waits for the limit of the token when that is soon', async () => {
  // The fake counts by the hour.
  const untilReset = 3600 - (Math.floor(github.fake.clock.now().getTime() / 1000) % 3600);
  const api = github.api(undefined, { patience: untilReset + 60 });
  github.fake.faults.add({ how: { limit: true } });
  await api.rest.pulls.get(pull);
  expect(github.said).toEqual([expect.stringMatching(/^The rate limit of this token is used up; waiting \d+ s$/)]);
});

test('does not wait longer than it may, and says until when it would be', async () => {
  const api = github.api(undefined, { patience: 40 });
  github.fake.faults.add({ how: { secondary: 30 }, times: 9 });
  expect(await diagnosticOf(doing(reading, () => api.rest.pulls.get(pull)))).toMatchObject({
    code: 'FL6104',
    help: 'Run the job again in some minutes.',
  });
  expect(github.calls()).toHaveLength(2);
  github.fake.faults.clear();
  github.fake.faults.add({ how: { limit: true } });
  const impatient = github.api(undefined, { patience: 0 });
  expect(await diagnosticOf(doing(reading, () => impatient.rest.pulls.get(pull)))).toMatchObject({
    code: 'FL6104',
    help: expect.stringMatching(/^Run the job again after \d{4}-\d\d-\d\dT\d\d:00:00.000Z\.$/),
  });
});

test('sends nothing twice that must not be there twice', async () => {
  const api = github.api();
  github.fake.faults.add({ method: 'POST', how: 'lose' });
  await expect(api.rest.issues.createComment({ ...issue, body: 'hello', request: { retries: 0 } })).rejects.toThrow();
  expect(github.calls()).toHaveLength(1);
});

test('a token that is over, one that may not, and what is not there, are told apart', async () => {
  const over = github.api();
  github.fake.clock.advance(25 * 3_600_000);
  expect(await diagnosticOf(doing(reading, () => over.rest.pulls.get(pull)))).toMatchObject({ code: 'FL6101' });
  const powerless = github.api({ contents: 'read' });
  expect(await diagnosticOf(doing(reading, () => powerless.rest.pulls.get(pull)))).toEqual({
    code: 'FL6102',
    severity: 'error',
    message: 'GitHub: cannot read pull request 1 of ada/shop: the token may not (GitHub asks for pull_requests=read)',
    help: 'Add `pull-requests: read` to `permissions` of the job in the workflow file. Pull requests of forks and of Dependabot have tokens that only read.',
  });
  const api = github.api();
  expect(await diagnosticOf(doing(reading, () => api.rest.pulls.get({ ...pull, pull_number: 9 })))).toMatchObject({
    code: 'FL6103',
  });
  const refused = doing({ ...reading, what: 'write a comment' }, () =>
    api.rest.issues.createComment({ ...issue, body: 'x'.repeat(70_000) }),
  );
  expect(await diagnosticOf(refused)).toMatchObject({
    code: 'FL6106',
    message: expect.stringContaining('it is refused (422: Validation Failed (body is too long'),
  });
});

test('what is no refusal of GitHub stays what it is', async () => {
  const bug = new TypeError('x is not a function');
  await expect(doing(reading, () => Promise.reject(bug))).rejects.toBe(bug);
});
