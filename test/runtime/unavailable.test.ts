import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { APIError } from '../../runtime/api/mod.ts';
import { errorBody, fromErrorBody, toApiError } from '../../runtime/http/error-body.ts';
import { setApplication } from '../../runtime/internal/application.ts';
import { closePubsub, publish } from '../../runtime/pubsub/publish.ts';
import { configuredBucket } from '../../runtime/storage/objects/configured.ts';
import { SQLDatabase } from '../../runtime/storage/sqldb/mod.ts';
import { isUnreachable, reaching } from '../../runtime/unavailable.ts';
import type { InfraConfig, ManifestTopic } from '../../runtime/wire.ts';
import { freePort } from '../support/free-port.ts';

const schema = { type: 'object', properties: {}, required: [] };
const topics = ['sent', 'posted'].map((name): ManifestTopic => ({ name, message: schema, attributes: [] }) as never);
let directory: string;

/** Everything is at a port where nobody is. */
beforeAll(async () => {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const account = { username: 'app', password: 'secret' };
  const config: InfraConfig = {
    sql_servers: [{ host: `127.0.0.1:${port}`, databases: { ledger: account } }],
    pubsub: [
      { type: 'aws_sns_sqs', topics: { sent: { arn: 'arn:aws:sns:eu-west-1:123456789012:sent', subscriptions: {} } } },
      { type: 'gcp_pubsub', project_id: 'test', topics: { posted: { name: 'posted', subscriptions: {} } } },
    ],
    object_storage: [
      { type: 's3', region: 'eu-west-1', endpoint, ...keys, buckets: { photos: { name: 'photos' } } },
      { type: 'gcs', endpoint, buckets: { films: { name: 'films' } } },
    ],
  };
  directory = mkdtempSync(join(tmpdir(), 'fairlead-unavailable-'));
  writeFileSync(join(directory, 'infra.config.json'), JSON.stringify(config));
  Object.assign(process.env, {
    ENCORE_INFRA_CONFIG_PATH: join(directory, 'infra.config.json'),
    AWS_ENDPOINT_URL_SNS: endpoint,
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'key',
    PUBSUB_EMULATOR_HOST: `127.0.0.1:${port}`,
  });
  setApplication({ manifest: { topics, schemas: {} } } as unknown as Parameters<typeof setApplication>[0]);
});
const keys = { access_key_id: 'id', secret_access_key: 'key' };

afterAll(async () => {
  setApplication(undefined);
  await closePubsub();
  rmSync(directory, { recursive: true, force: true });
});

async function listAll(bucket: string): Promise<void> {
  for await (const _ of configuredBucket(bucket)!.list({ prefix: '' }));
}

test.each([
  ['topic sent', () => publish('sent', {})],
  ['topic posted', () => publish('posted', {})],
  ['bucket photos', () => configuredBucket('photos')!.attrs({ name: 'a' })],
  ['bucket photos', () => listAll('photos')],
  ['bucket films', () => configuredBucket('films')!.download({ name: 'a' })],
  ['bucket films', () => listAll('films')],
  ['database ledger', () => new SQLDatabase('ledger').exec`SELECT 1`],
])('%s is unavailable while nobody answers', async (what, ask: () => Promise<unknown>) => {
  const thrown = await ask().catch((error: unknown) => error);
  const error = toApiError(thrown);
  expect(error).toMatchObject({ code: 'unavailable', message: `${what} cannot be reached`, cause: thrown });
  const told = { code: 'unavailable', message: 'a part of the application cannot be reached: try again later' };
  expect(errorBody(error, 'external')).toEqual({ ...told, details: null });
});

test.each(['photos', 'films'])('a source that breaks off says nothing of the bucket %s', async (bucket) => {
  const broken = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
  const source = async function* () {
    yield Buffer.from('begun');
    throw broken;
  };
  const upload = (bytes: AsyncIterable<Uint8Array>) =>
    configuredBucket(bucket)!.uploadStream('a', bytes, { notExists: false });
  const failure = await upload(source()).catch((error: unknown) => error);
  expect(failure).toBe(broken);
  expect(toApiError(failure).code).toBe('internal');
  const whole = await upload(new Response('whole').body!).catch((error: unknown) => error);
  expect(toApiError(whole)).toMatchObject({ code: 'unavailable', message: `bucket ${bucket} cannot be reached` });
});

test('what is not reached is told to processes of the application, and to nobody outside by any of them', () => {
  const lost = Object.assign(new Error('gone'), { code: 'ECONNRESET' });
  return reaching('database ledger', () => Promise.reject(lost)).catch((error: unknown) => {
    const sent = errorBody(toApiError(error), 'internal');
    expect(sent.internal_message).toBe('database ledger cannot be reached');
    const received = fromErrorBody(JSON.parse(JSON.stringify(sent)), 503);
    expect(received.message).toBe('database ledger cannot be reached');
    expect(JSON.stringify(errorBody(received, 'external'))).not.toContain('ledger');
    const own = errorBody(APIError.unavailable('closed on Sundays'), 'internal');
    expect(errorBody(fromErrorBody(own, 503), 'external').message).toBe('closed on Sundays');
  });
});

test('a connection that breaks off, and an answer of a proxy, are nobody there; a refusal is an answer', async () => {
  const broken = createTcp((socket) => socket.destroy()).listen(0, '127.0.0.1');
  const proxy = createServer((_request, response) => response.writeHead(503).end()).listen(0, '127.0.0.1');
  await Promise.all([once(broken, 'listening'), once(proxy, 'listening')]);
  const urlOf = (server: { address(): unknown }) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const failure = await fetch(urlOf(broken)).catch((error: unknown) => error);
  expect([isUnreachable(failure), (failure as { code?: string }).code]).toEqual([true, undefined]);
  const { GoogleApi } = await import('../../runtime/google/api.ts');
  const api = new GoogleApi(urlOf(proxy));
  const answer = await api.send({ method: 'GET', path: '/', attempts: 1 }).catch((error: unknown) => error);
  expect(isUnreachable(answer)).toBe(true);
  broken.close();
  proxy.close();
  const [refused, noFile] = [
    Object.assign(new Error(), { status: 403 }),
    Object.assign(new Error(), { code: 'ENOENT' }),
  ];
  expect([refused, noFile, new Error('no'), 'text', undefined].map(isUnreachable)).toEqual(Array(5).fill(false));
});
