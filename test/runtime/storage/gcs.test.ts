import { createHash, createSign, createVerify, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { GoogleAuth } from 'google-auth-library';
import { openBucket } from '../../../runtime/storage/objects/gcs.ts';
import { signUrl, type UrlToSign } from '../../../runtime/storage/objects/gcs-signature.ts';
import { Bucket } from '../../../runtime/storage/objects/mod.ts';
import { type BucketProvider, provideBuckets } from '../../../runtime/storage/objects/provider.ts';
import type { GoogleStorage } from '../../../runtime/wire.ts';
import { describeBuckets } from '../../conformance/buckets.ts';
import { type FakeGcs, fakeGcs, startFakeGcs } from '../../support/fake-gcs.ts';

const account = 'signer@test.iam.gserviceaccount.com';
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = {
  type: 'service_account',
  project_id: 'test',
  client_email: account,
  private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
};
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'fairlead-gcs-'));
  process.env.GOOGLE_APPLICATION_CREDENTIALS = join(directory, 'key.json');
  writeFileSync(process.env.GOOGLE_APPLICATION_CREDENTIALS, JSON.stringify(key));
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('a bucket on Google Cloud Storage', () => {
  if (!fakeGcs) return test.skip('fake-gcs-server is not there', () => {});
  let server: FakeGcs;
  let count = 0;
  let [files, other, versions]: Bucket[] = [];

  beforeAll(async () => {
    server = await startFakeGcs(fakeGcs!);
    const storage: GoogleStorage = { type: 'gcs', endpoint: server.endpoint, buckets: {} };
    const opened = (config: GoogleStorage['buckets'][string]): BucketProvider =>
      Object.assign(openBucket(storage, config), { publicUrl: () => '' });
    provideBuckets((bucket) => {
      const [kind, index] = bucket.split(' ');
      if (kind === 'versions') return opened({ name: `versioned-${index}` });
      return opened({ name: `bucket-${index}`, key_prefix: kind === 'files' ? 'pr-1/' : 'pr-2/' });
    });
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    count += 1;
    await server.createBucket(`bucket-${count}`);
    await server.createBucket(`versioned-${count}`, { versioned: true });
    [files, other, versions] = ['files', 'other', 'versions'].map((name) => new Bucket(`${name} ${count}`));
  });

  // The server removes no former version; Google does.
  describeBuckets(() => ({
    files: files!,
    other: other!,
    versions: versions!,
    alwaysVersions: true,
    removesVersions: false,
  }));

  test('signed URLs take and give the object', async () => {
    const { url: up } = await files!.signedUploadUrl('by/öthers (1)', { ttl: 60 });
    expect((await fetch(up, { method: 'PUT', body: 'from outside' })).status).toBe(200);
    expect((await files!.download('by/öthers (1)')).toString()).toBe('from outside');
    const { url: down } = await files!.signedDownloadUrl('by/öthers (1)');
    expect(await (await fetch(down)).text()).toBe('from outside');
    expect(new URL(down).searchParams.get('X-Goog-Expires')).toBe('3600');
    expect(new URL(up).searchParams.get('X-Goog-Expires')).toBe('60');
  });

  test.each(['a\nb', 'a\rb', 'x'.repeat(1020)])('what Google has no names for is refused: %#', async (name) => {
    await expect(files!.upload(name, Buffer.from('x'))).rejects.toThrow('Google Cloud Storage has no objects of');
  });
});

const wanted: UrlToSign = {
  method: 'GET',
  endpoint: 'https://storage.googleapis.com',
  bucket: 'photos',
  name: "a b/ü!'()*+",
  ttl: 60,
  now: new Date('2026-03-04T05:06:07.890Z'),
};

/** What Google makes of the URL to hold its signature against, as its documentation of V4 says. */
function signedText(method: string, url: string): { text: string; signature: string } {
  const { host, pathname, search } = new URL(url);
  const [query, signature = ''] = search.slice(1).split('&X-Goog-Signature=') as [string, string?];
  const time = new URLSearchParams(query).get('X-Goog-Date')!;
  const canonical = `${method}\n${pathname}\n${query}\nhost:${host}\n\nhost\nUNSIGNED-PAYLOAD`;
  const digest = createHash('sha256').update(canonical).digest('hex');
  return { text: `GOOG4-RSA-SHA256\n${time}\n${time.slice(0, 8)}/auto/storage/goog4_request\n${digest}`, signature };
}

test('a URL is signed with the key of the service account', async () => {
  const url = await signUrl(new GoogleAuth(), wanted);
  expect(url).toMatch(/^https:\/\/storage\.googleapis\.com\/photos\/a%20b\/%C3%BC%21%27%28%29%2A%2B\?/);
  const { text, signature } = signedText('GET', url);
  expect(createVerify('RSA-SHA256').update(text).verify(publicKey, signature, 'hex')).toBe(true);
  expect([...new URL(url).searchParams].slice(0, 5)).toEqual([
    ['X-Goog-Algorithm', 'GOOG4-RSA-SHA256'],
    ['X-Goog-Credential', `${account}/20260304/auto/storage/goog4_request`],
    ['X-Goog-Date', '20260304T050607Z'],
    ['X-Goog-Expires', '60'],
    ['X-Goog-SignedHeaders', 'host'],
  ]);
});

test('where there is only an identity, Google signs in its name', async () => {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const { url = '', headers } = request;
    let body = '';
    for await (const chunk of request) body += chunk;
    response.setHeader('metadata-flavor', 'Google').setHeader('content-type', 'application/json');
    if (url.endsWith('/token')) return response.end(JSON.stringify({ access_token: 'the-token', expires_in: 3600 }));
    if (url.endsWith('/email')) return response.end(account);
    if (!url.startsWith('/sign/')) return response.end('{}');
    asked.push(`${headers.authorization} ${url}`);
    const text = Buffer.from((JSON.parse(body) as { payload: string }).payload, 'base64');
    response.end(JSON.stringify({ signedBlob: createSign('RSA-SHA256').update(text).sign(privateKey, 'base64') }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { GOOGLE_APPLICATION_CREDENTIALS: before } = process.env;
  // No key, and none of a developer's either.
  delete process.env.GOOGLE_APPLICATION_CREDENTIALS;
  Object.assign(process.env, { CLOUDSDK_CONFIG: directory, HOME: directory, GCE_METADATA_HOST: host });
  try {
    const auth = new GoogleAuth({ universeDomain: 'googleapis.com' });
    const sign = (text: string) => auth.sign(text, `http://${host}/sign/`);
    const url = await signUrl({ getCredentials: () => auth.getCredentials(), sign }, { ...wanted, method: 'PUT' });
    const { text, signature } = signedText('PUT', url);
    expect(createVerify('RSA-SHA256').update(text).verify(publicKey, signature, 'hex')).toBe(true);
    expect(asked).toEqual([`Bearer the-token /sign/${account}:signBlob`]);
  } finally {
    process.env.GOOGLE_APPLICATION_CREDENTIALS = before;
    delete process.env.GCE_METADATA_HOST;
    server.closeAllConnections();
    server.close();
  }
});
