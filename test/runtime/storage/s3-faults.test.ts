import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateBucketCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { Bucket, PreconditionFailed } from '../../../runtime/storage/objects/mod.ts';
import { provideBuckets } from '../../../runtime/storage/objects/provider.ts';
import { openBucket } from '../../../runtime/storage/objects/s3.ts';
import { again } from '../../../runtime/storage/objects/s3-conflict.ts';
import { type FakeAws, makeFakeAws } from '../../fakes/aws/fake.ts';
import { until } from '../support/process.ts';

// A network between the process and S3 that loses answers, holds them back, or has others answer.

const region = 'eu-central-1';
const files = new Bucket('files');
const large = Buffer.alloc(20_000_000, 'x');
const chunks = () => [large.subarray(0, 9_000_000), large.subarray(9_000_000)];

let aws: FakeAws;
let network: Server;
let client: S3Client;

type Fault = 'lose' | 'hold' | { status: number; code: string };

/** What happens to a request; undefined: nothing. */
let fault: (asked: { method: string; query: URLSearchParams; url: string }) => Fault | undefined = () => undefined;
const cut: string[] = [];
let held = Promise.withResolvers<void>();

beforeAll(async () => {
  aws = await makeFakeAws({ clock: { factor: 1 } });
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = aws.env;
  const credentials = { accessKeyId, secretAccessKey };
  client = new S3Client({ region, endpoint: aws.url, forcePathStyle: true, credentials });
  const CreateBucketConfiguration = { LocationConstraint: region } as const;
  await client.send(new CreateBucketCommand({ Bucket: 'faulty', CreateBucketConfiguration }));
  network = createServer(pass).listen(0, '127.0.0.1');
  await once(network, 'listening');
  const endpoint = `http://127.0.0.1:${(network.address() as AddressInfo).port}`;
  const keys = { access_key_id: accessKeyId, secret_access_key: secretAccessKey };
  const bucket = openBucket({ type: 's3', region, endpoint, ...keys, buckets: {} }, { name: 'faulty' });
  provideBuckets(() => Object.assign(bucket, { publicUrl: () => '' }));
});

afterEach(() => {
  fault = () => undefined;
  cut.length = 0;
  held = Promise.withResolvers();
});

afterAll(async () => {
  client.destroy();
  network.close();
  network.closeAllConnections();
  await aws[Symbol.asyncDispose]();
});

function pass(asked: IncomingMessage, response: ServerResponse): void {
  const { method = '', url = '', headers } = asked;
  const happens = fault({ method, url, query: new URL(url, 'http://x').searchParams });
  response.once('close', () => response.writableFinished || cut.push(`${method} ${url}`));
  if (happens === 'hold') {
    asked.resume();
    held.resolve();
    return;
  }
  if (typeof happens === 'object') {
    asked.resume();
    response.writeHead(happens.status, { 'content-type': 'application/xml' });
    return void response.end(`<Error><Code>${happens.code}</Code><Message>told</Message></Error>`);
  }
  const to = request(`${aws.url}${url}`, { method, headers, agent: false }, async (answer) => {
    const body = await answer.toArray();
    if (happens === 'lose') return void asked.socket.destroy();
    response.writeHead(answer.statusCode ?? 0, answer.headers).end(Buffer.concat(body));
  });
  to.on('error', () => asked.socket.destroy());
  asked.pipe(to);
}

const completes = ({ method, query }: { method: string; query: URLSearchParams }) =>
  method === 'POST' && query.has('uploadId');
const unfinished = async () =>
  (await client.send(new ListMultipartUploadsCommand({ Bucket: 'faulty' }))).Uploads?.length ?? 0;

test.each([false, true])('an upload whose last answer is lost has succeeded, on a condition: %p', async (notExists) => {
  fault = (asked) => (completes(asked) ? 'lose' : undefined);
  const name = `lost-${notExists}`;
  const attrs = await files.uploadStream(name, chunks(), { preconditions: { notExists } });
  expect(attrs).toEqual({ name, size: large.length, etag: expect.stringMatching(/^"[0-9a-f]{32}-3"$/) });
  fault = () => undefined;
  expect(await files.attrs(name)).toMatchObject({ size: large.length, etag: attrs.etag });
});

test('an upload that S3 never completed has failed, and its parts are gone', async () => {
  fault = (asked) => (completes(asked) ? { status: 503, code: 'SlowDown' } : undefined);
  await expect(files.uploadStream('slow', chunks())).rejects.toMatchObject({ name: 'SlowDown' });
  expect([await files.exists('slow'), await unfinished()]).toEqual([false, 0]);
});

const other = (size: number) => [Buffer.alloc(size, 'y')];

test.each<[string, () => Buffer[], Fault | undefined]>([
  ['is missing', () => [], undefined],
  ['is another one', () => other(large.length), undefined],
  ['is a shorter one', () => other(1), undefined],
  ['is not told of', () => [], { status: 500, code: 'InternalError' }],
])('an upload that is gone has failed where the object %s', async (what, there, answer) => {
  const name = `gone: ${what}`;
  if (there().length > 0) await files.uploadStream(name, there());
  let aborts = 0;
  fault = (asked) => {
    if (asked.method === 'HEAD') return answer;
    // The parts are removed, and then that is asked again.
    if (asked.method === 'DELETE') return aborts++ === 0 ? 'lose' : undefined;
    return completes(asked) ? { status: 404, code: 'NoSuchUpload' } : undefined;
  };
  await expect(files.uploadStream(name, chunks())).rejects.toMatchObject({ name: 'NoSuchUpload' });
});

test('an upload whose last answer is lost has succeeded where objects can only be written', async () => {
  fault = (asked) => {
    if (asked.method === 'HEAD') return { status: 403, code: 'AccessDenied' };
    return completes(asked) ? 'lose' : undefined;
  };
  const { etag } = await files.uploadStream('written', chunks());
  fault = () => undefined;
  expect(await files.attrs('written')).toMatchObject({ size: large.length, etag });
});

test('the pause before an upload is tried again ends with its signal', async () => {
  const given = new AbortController();
  let asked = 0;
  const ask = () => {
    asked += 1;
    setImmediate(() => given.abort());
    return Promise.reject(Object.assign(new Error('conflict'), { $metadata: { httpStatusCode: 409 } }));
  };
  await expect(again(ask, given.signal)).rejects.toMatchObject({ name: 'AbortError' });
  expect(asked).toBe(1);
});

test.each([
  ['in parts', chunks],
  ['in one', () => [Buffer.from('x')]],
])('an upload that another one got in the way of is tried again, %s', async (way, bytes) => {
  let conflicts = 0;
  const conflict = { status: 409, code: 'ConditionalRequestConflict' };
  const last = (asked: Parameters<typeof fault>[0]) =>
    completes(asked) || (asked.method === 'PUT' && !asked.query.has('uploadId'));
  fault = (asked) => (last(asked) && conflicts++ < 2 ? conflict : undefined);
  const preconditions = { notExists: true };
  await files.uploadStream(`conflict ${way}`, bytes(), { preconditions });
  expect(await files.exists(`conflict ${way}`)).toBe(true);
  fault = (asked) => (last(asked) ? conflict : undefined);
  const upload = files.uploadStream(`conflicts ${way}`, bytes(), { preconditions });
  await expect(upload).rejects.toThrow(`another upload of conflicts ${way} was under way`);
  await expect(upload).rejects.toBeInstanceOf(PreconditionFailed);
  expect([await files.exists(`conflicts ${way}`), await unfinished()]).toEqual([false, 0]);
});

test('a part that fails ends those under way', async () => {
  fault = ({ query }) => {
    if (query.get('partNumber') === '1') return 'hold';
    return query.get('partNumber') === '2' ? { status: 400, code: 'InvalidPart' } : undefined;
  };
  await expect(files.uploadStream('failing', chunks())).rejects.toMatchObject({ name: 'InvalidPart' });
  await until(() => cut.some((asked) => asked.includes('partNumber=1')));
  expect([await files.exists('failing'), await unfinished()]).toEqual([false, 0]);
});

test.each<[string, () => Buffer[], (asked: Parameters<typeof fault>[0]) => boolean]>([
  ['in one', () => [Buffer.from('x')], ({ method }) => method === 'PUT'],
  ['of a part', chunks, ({ query }) => query.get('partNumber') === '3'],
  ['of the end', chunks, completes],
])(
  'an upload is given up when its source has ended already: while it waits for the answer %s',
  async (_, bytes, at) => {
    fault = (asked) => (at(asked) ? 'hold' : undefined);
    const given = new AbortController();
    const upload = files.uploadStream('given-up', bytes(), { signal: given.signal });
    void held.promise.then(() => given.abort(new Error('given up')));
    await expect(upload).rejects.toThrow('given up');
    await until(() => cut.length > 0);
    fault = () => undefined;
    expect([await files.exists('given-up'), await unfinished()]).toEqual([false, 0]);
  },
);

test('an upload that was complete when it was given up has succeeded', async () => {
  const given = new AbortController();
  fault = (asked) => {
    if (!completes(asked)) return undefined;
    // What S3 did is done when the answer would come.
    setTimeout(() => given.abort(new Error('given up')), 1_000).unref();
    return 'lose';
  };
  const { size } = await files.uploadStream('complete', chunks(), { signal: given.signal });
  expect([size, await files.exists('complete')]).toEqual([large.length, true]);
});
