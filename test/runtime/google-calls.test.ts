import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { InfraConfig } from '../../runtime/wire.ts';
import { startTokenIssuer, type TokenIssuer } from '../support/google-tokens.ts';
import { readJournal } from './support/journal.ts';
import { type AppProcess, killAll, startProcess, until } from './support/process.ts';

const [email, audience] = ['pusher@test.iam.gserviceaccount.com', 'https://app.example/push'];
const claims = { email, aud: audience };
let issuer: TokenIssuer;
let directory: string;
let journal: string;
let count = 0;

beforeAll(async () => {
  issuer = await startTokenIssuer();
  directory = mkdtempSync(join(tmpdir(), 'fairlead-google-calls-'));
});
afterAll(async () => {
  await issuer.stop();
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(() => {
  journal = join(directory, `journal${++count}`);
});
afterEach(killAll);

const pushed: InfraConfig = {
  pubsub: [
    {
      type: 'gcp_pubsub',
      project_id: 'test',
      topics: {
        jobs: {
          name: 'jobs',
          subscriptions: {
            work: { name: 'work', push_config: { id: 'work-1', service_account: email, jwt_audience: audience } },
          },
        },
      },
    },
  ],
};
const receive = (env: Record<string, string> = {}) =>
  startProcess('./worker.ts', pushed, { ...issuer.env, SUBSCRIBE: 'work', JOURNAL: journal, ...env });

interface Sent {
  token?: string;
  id?: string;
  method?: string;
  body?: string;
  /** Ends the connection. */
  close?: boolean;
}

async function send(app: AppProcess, { token = issuer.sign(claims), id = 'work-1', ...options }: Sent = {}) {
  const { method = 'POST', body = message({ id: 'a', at: new Date() }), close = false } = options;
  const headers = {
    ...(token !== '' && { authorization: `Bearer ${token}` }),
    ...(close && { connection: 'close' }),
  };
  const sent = method === 'POST' ? { method, headers, body } : { method, headers };
  const response = await fetch(`${app.url}/__encore/pubsub/push/${id}`, sent);
  return [response.status, await response.text()] as const;
}

function message(job: object, more: object = {}): string {
  const data = Buffer.from(JSON.stringify(job)).toString('base64');
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  return JSON.stringify({
    message: { data, messageId: '7', message_id: '7', attributes: { traceparent } },
    subscription: 'projects/test/subscriptions/work',
    ...more,
  });
}

test('what Google sends is handled and acknowledged, in the trace of its publisher', async () => {
  const app = await receive();
  expect(await send(app)).toEqual([204, '']);
  expect(await send(app, { body: message({ id: 'b', at: new Date() }, { deliveryAttempt: 3 }) })).toEqual([204, '']);
  expect(readJournal(journal, 'end')).toMatchObject([
    { id: 'a', attempt: 1, at: true, trace: 'a'.repeat(32) },
    { id: 'b', attempt: 3 },
  ]);
  await app.line((line) => line.message === 'message handled' && line.subscription === 'work');
});

test('each of several workers takes what Google sends, also where the subscription has fewer at once', async () => {
  const app = await startProcess(
    './worker.ts',
    { ...pushed, worker_threads: 4 },
    { ...issuer.env, SUBSCRIBE: 'work', JOURNAL: journal },
  );
  // Each request has a connection of its own, and so another worker.
  const answers = [];
  for (const id of [...'abcdefgh'])
    answers.push(await send(app, { body: message({ id, at: new Date() }), close: true }));
  expect(answers).toEqual(Array(8).fill([204, '']));
  expect(new Set(readJournal(journal, 'end').map(({ pid }) => pid)).size).toBe(4);
});

test('what fails, does not fit or has been tried enough is not acknowledged', async () => {
  const app = await receive({ RETRY: '{"maxRetries": 1}' });
  const failing = { id: 'a', at: new Date(), does: 'fail', times: 9 };
  expect((await send(app, { body: message(failing, { deliveryAttempt: 2 }) }))[0]).toBe(500);
  await app.line((line) => line.message === 'message became a dead letter' && line.message_id === '7');
  expect((await send(app, { body: message(failing, { deliveryAttempt: 3 }) }))[0]).toBe(500);
  expect(readJournal(journal)).toHaveLength(1);
  expect((await send(app, { body: message({ id: 1 }) }))[0]).toBe(500);
  expect((await send(app, { body: '{"id": "a"}' }))[0]).toBe(400);
  expect((await send(app, { body: 'hello' }))[0]).toBe(400);
  expect((await send(app, { body: message({ id: 'x'.repeat(16 << 20) }) }))[0]).toBe(400);
});

test('nobody gets in without a token that Google signed for this subscription', async () => {
  const app = await receive();
  const hour = 3600;
  const now = Math.floor(Date.now() / 1000);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const valid = issuer.sign(claims);
  const [header, payload, signature] = valid.split('.') as [string, string, string];
  const other = Buffer.from(JSON.stringify({ ...claims, sub: 'me' })).toString('base64url');
  const none = Buffer.from('{"alg":"none","kid":"one"}').toString('base64url');
  const tokens = [
    ...['', 'nonsense', 'a.b.c', `${header}.${payload}.`, `${header}.${other}.${signature}`, `${none}.${payload}.`],
    issuer.sign(claims, { key: privateKey }),
    issuer.sign(claims, { kid: 'two' }),
    issuer.sign(claims, { kid: '__proto__' }),
    issuer.sign({ ...claims, aud: 'https://other.example' }),
    issuer.sign({ ...claims, email: 'other@test.iam.gserviceaccount.com' }),
    issuer.sign({ ...claims, email_verified: false }),
    issuer.sign({ ...claims, email_verified: 'true' }),
    issuer.sign({ aud: audience }),
    issuer.sign({ ...claims, iss: 'https://issuer.example' }),
    issuer.sign({ ...claims, iat: now - 2 * hour, exp: now - hour }),
    issuer.sign({ ...claims, iat: now + hour, exp: now + 2 * hour }),
    issuer.sign({ ...claims, exp: undefined }),
    issuer.sign({ ...claims, exp: now + 100 * 24 * hour }),
  ];
  for (const token of tokens) expect([token, (await send(app, { token }))[0]]).toEqual([token, 401]);
  expect(readJournal(journal)).toEqual([]);
  expect(app.lines.filter((line) => JSON.stringify(line).includes(payload))).toEqual([]);
  expect((await send(app, { token: valid }))[0]).toBe(204);
});

test('there is nothing at any other place', async () => {
  const app = await receive();
  for (const id of ['work-2', 'work', '', '__proto__', 'work-1/more']) expect((await send(app, { id }))[0]).toBe(404);
  expect((await send(app, { method: 'GET' }))[0]).toBe(404);
});

test('keys of others count only beside an emulator', async () => {
  const env = { FAIRLEAD_GOOGLE_KEYS_URL: issuer.env.FAIRLEAD_GOOGLE_KEYS_URL!, PUBSUB_EMULATOR_HOST: '' };
  // Google's own keys cannot be had through this, and ours are not asked for.
  const proxy = { HTTPS_PROXY: 'http://127.0.0.1:1', https_proxy: 'http://127.0.0.1:1' };
  const app = await receive({ ...env, ...proxy });
  const [status] = await send(app);
  expect([401, 500]).toContain(status);
  expect(readJournal(journal)).toEqual([]);
});

test('Cloud Scheduler runs cron jobs, once each, and is told how they ended', async () => {
  const config: InfraConfig = {
    fairlead: { version: 1, cron: { type: 'google_http', service_account: email, audience } },
  };
  const app = await startProcess('./services.ts', config, issuer.env);
  const wake = async (job: string, token: string, run = 'one') => {
    const headers = { authorization: `Bearer ${token}`, 'x-cloudscheduler-scheduletime': run };
    const url = `${app.url}/__fairlead/cron/${encodeURIComponent(job)}`;
    return (await fetch(url, { method: 'POST', headers })).status;
  };
  const token = issuer.sign(claims);
  expect(await wake('tidy job', issuer.sign({ ...claims, aud: 'other' }))).toBe(401);
  expect(await wake('no job', token)).toBe(404);
  expect(await wake('tidy job', token)).toBe(200);
  expect(await wake('broken job', token, 'two')).toBe(404);
  expect((await fetch(`${app.url}/__fairlead/cron/${encodeURIComponent('tidy job')}`)).status).toBe(404);
  const ended = () => app.lines.filter(({ event }) => event === 'cron job ended');
  await until(() => ended().length === 2);
  expect(ended().map(({ cron_job, run, status }) => ({ cron_job, run, status }))).toEqual([
    { cron_job: 'tidy job', run: 'one', status: 200 },
    { cron_job: 'broken job', run: 'two', status: 404 },
  ]);
  expect(app.lines.filter(({ message }) => message === 'tidied')).toHaveLength(1);
});
