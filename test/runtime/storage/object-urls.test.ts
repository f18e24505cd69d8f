import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Running } from '../../../runtime/internal/start.ts';
import { readObjectUrl, signedObjectUrl } from '../../../runtime/storage/objects/disk/urls.ts';
import { Bucket } from '../../../runtime/storage/objects/mod.ts';
import type { BucketOperation, Manifest } from '../../../runtime/wire.ts';

const place = mkdtempSync(join(tmpdir(), 'fairlead-urls-'));
const operations: BucketOperation[] = [
  'upload',
  'download',
  'attributes',
  'list',
  'sign-upload',
  'sign-download',
  'public-url',
];
const manifest: Manifest = {
  version: 1,
  application: 'test',
  services: [],
  remote: [],
  routes: [],
  gateways: ['api-gateway'],
  topics: [],
  cronJobs: [],
  schemas: {},
};
const [photos, shown, inner] = [new Bucket('photos'), new Bucket('shown'), new Bucket('inner')];
let running: Running;
let base: string;

beforeAll(async () => {
  const bucket = (name: string, more: object) => ({ directory: join(place, name), ...more });
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  base = `http://127.0.0.1:${port}`;
  process.env.OBJECTS_KEY = 'a long random value';
  process.env.PORT = String(port);
  process.env.HOST = '127.0.0.1';
  process.env.ENCORE_NOLOG = '1';
  process.env.FAIRLEAD_INFRA_CONFIG = JSON.stringify({
    cors: { allow_origins_without_credentials: ['https://only.example'] },
    fairlead: {
      version: 1,
      object_storage: [
        {
          type: 'disk',
          base_url: base,
          key: { $env: 'OBJECTS_KEY' },
          buckets: {
            photos: bucket('photos', { operations }),
            shown: bucket('shown', { public: true, operations }),
            inner: bucket('inner', { operations: ['upload'] }),
          },
        },
      ],
      object_urls: {
        key: { $env: 'OBJECTS_KEY' },
        buckets: { photos: bucket('photos', { signed: true }), shown: bucket('shown', { public: true }) },
      },
    },
  });
  // It reads the configuration as it is loaded.
  const { start } = await import('../../../runtime/internal/start.ts');
  running = await start({ manifest, handlers: {} });
});
afterAll(async () => {
  await running.stop();
  rmSync(place, { recursive: true });
});

const names = ['a.txt', 'a b/ü?#&=+%.txt', '..', 'x/../y', '/leading', 'a//b', '%2e%2e', 'x'.repeat(1024), 'nul\u0000'];

test.each(names.map((name) => [name.slice(0, 20), name]))('a URL takes and gives the object %j', async (_, name) => {
  const { url: up } = await photos.signedUploadUrl(name);
  const put = await fetch(up, { method: 'PUT', body: name, headers: { 'content-type': 'text/x-name' } });
  const { etag } = await photos.attrs(name);
  expect([put.status, put.headers.get('etag'), await put.text()]).toEqual([200, etag, '']);
  const { url: down } = await photos.signedDownloadUrl(name);
  const got = await fetch(down);
  expect([got.status, got.headers.get('content-type'), await got.text()]).toEqual([200, 'text/x-name', name]);
  expect((await photos.download(name)).toString()).toBe(name);
  await shown.upload(name, Buffer.from(name));
  expect(await (await fetch(shown.publicUrl(name))).text()).toBe(name);
});

async function refused(url: string, init?: RequestInit): Promise<unknown> {
  const response = await fetch(url, init);
  const { code, message } = (await response.json()) as { code: string; message: string };
  return [response.status, code, message];
}

const invalid = [403, 'permission_denied', 'the URL is not valid, or no longer'];

test('a URL is for one method, one object and one time', async () => {
  await photos.upload('mine', Buffer.from('mine'));
  await photos.upload('yours', Buffer.from('yours'));
  const { url: down } = await photos.signedDownloadUrl('mine');
  const { url: up } = await photos.signedUploadUrl('mine');
  const altered = (url: string, change: (url: URL) => void) => {
    const other = new URL(url);
    change(other);
    return other.href;
  };
  expect((await fetch(down, { method: 'HEAD' })).status).toBe(200);
  expect(await refused(down, { method: 'PUT', body: 'x' })).toEqual(invalid);
  expect(await refused(up)).toEqual(invalid);
  const attempts = [
    altered(down, (url) => (url.pathname = url.pathname.replace('mine', 'yours'))),
    altered(down, (url) => url.searchParams.set('name', 'yours')),
    altered(down, (url) => (url.pathname = url.pathname.replace('photos', 'shown'))),
    altered(down, (url) => url.searchParams.set('expires', String(Number(url.searchParams.get('expires')) + 1))),
    altered(down, (url) => url.searchParams.set('version', '1')),
    altered(down, (url) => url.searchParams.delete('signature')),
    altered(down, (url) => url.searchParams.delete('expires')),
    altered(down, (url) => url.searchParams.set('signature', '')),
    altered(down, (url) => url.searchParams.set('signature', `${url.searchParams.get('signature')}A`)),
    signedObjectUrl(base, { method: 'GET', bucket: 'photos', name: 'mine' }, Date.now(), 'another key'),
    signedObjectUrl(base, { method: 'GET', bucket: 'photos', name: 'mine' }, 1, 'a long random value'),
  ];
  for (const url of attempts) expect([url, await refused(url)]).toEqual([url, invalid]);
  const { url: short } = await photos.signedDownloadUrl('mine', { ttl: 1 });
  expect((await fetch(short)).status).toBe(200);
  await sleep(1100);
  expect(await refused(short)).toEqual(invalid);
  expect((await photos.download('mine')).toString()).toBe('mine');
});

test('who is not asked for a bucket learns nothing of it', async () => {
  await photos.upload('a', Buffer.from('a'));
  expect(await refused(`${base}/__fairlead/objects/photos/a`)).toEqual(invalid);
  expect(await refused(`${base}/__fairlead/objects/photos/none`)).toEqual(invalid);
  const nothing = [404, 'not_found', 'endpoint not found'];
  for (const path of ['inner/a', 'unknown/a', 'photos/', 'photos', '', '__proto__/a', 'shown/%ff'])
    expect([path, await refused(`${base}/__fairlead/objects/${path}`)]).toEqual([path, nothing]);
  const { url } = await photos.signedDownloadUrl('never');
  expect(await refused(url)).toEqual([404, 'not_found', 'object not found']);
  await expect(inner.signedUploadUrl('a')).rejects.toThrow('this process has no permission to sign URLs for uploads');
});

test('everybody reads a public bucket, and nobody writes to it without a signature', async () => {
  await shown.upload('a.txt', Buffer.from('0123456789'), { contentType: 'text/plain' });
  const url = shown.publicUrl('a.txt');
  expect(url).toBe(`${base}/__fairlead/objects/shown/a.txt`);
  expect((await fetch(url)).headers.get('content-type')).toBe('text/plain');
  expect(await refused(url, { method: 'PUT', body: 'x' })).toEqual(invalid);
  expect(await refused(url, { method: 'DELETE' })).toEqual([404, 'not_found', 'no route for method']);
  expect(() => photos.publicUrl('a')).toThrow('bucket photos: this bucket has no public URL in this environment');
});

test('a part of an object is sent for a range, and nothing when it is known', async () => {
  await shown.upload('ten', Buffer.from('0123456789'));
  await shown.upload('none', Buffer.alloc(0));
  const asked = async (headers: Record<string, string>, name = 'ten') => {
    const response = await fetch(shown.publicUrl(name), { headers });
    return [response.status, response.headers.get('content-range'), await response.text()];
  };
  const { etag } = await shown.attrs('ten');
  expect(await asked({ range: 'bytes=2-4' })).toEqual([206, 'bytes 2-4/10', '234']);
  expect(await asked({ range: 'bytes=8-100' })).toEqual([206, 'bytes 8-9/10', '89']);
  expect(await asked({ range: 'bytes=-3' })).toEqual([206, 'bytes 7-9/10', '789']);
  expect(await asked({ range: 'bytes=-30' })).toEqual([206, 'bytes 0-9/10', '0123456789']);
  expect(await asked({ range: 'bytes=10-' })).toEqual([416, 'bytes */10', '']);
  expect(await asked({ range: 'bytes=4-2' })).toEqual([200, null, '0123456789']);
  expect(await asked({ range: 'bytes=0-1,3-4' })).toEqual([200, null, '0123456789']);
  expect(await asked({ range: 'bytes=0-1', 'if-range': etag })).toEqual([206, 'bytes 0-1/10', '01']);
  expect(await asked({ range: 'bytes=0-1', 'if-range': '"x"' })).toEqual([200, null, '0123456789']);
  expect(await asked({ 'if-none-match': etag })).toEqual([304, null, '']);
  expect(await asked({}, 'none')).toEqual([200, null, '']);
  expect(await asked({ range: 'bytes=0-0' }, 'none')).toEqual([416, 'bytes */0', '']);
});

test('pages of any origin may use a signed URL, whatever the application says of its endpoints', async () => {
  const { url } = await photos.signedUploadUrl('page');
  const headers = { origin: 'https://page.example', 'access-control-request-headers': 'content-type,x-own' };
  const preflight = await fetch(url, { method: 'OPTIONS', headers });
  expect(preflight.status).toBe(200);
  expect(Object.fromEntries(preflight.headers)).toMatchObject({
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, HEAD, PUT',
    'access-control-allow-headers': 'content-type,x-own',
  });
  const put = await fetch(url, { method: 'PUT', body: 'x', headers: { origin: 'https://page.example' } });
  expect([put.status, put.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
});

test('an upload that breaks off leaves nothing', async () => {
  const { url } = await photos.signedUploadUrl('broken');
  const upload = request(url, { method: 'PUT', headers: { 'content-length': 1_000_000 } });
  upload.on('error', () => {});
  upload.write(Buffer.alloc(200_000));
  const drafts = () => readdirSync(join(place, 'photos/drafts')).length;
  for (let tries = 0; tries < 200 && drafts() === 0; tries++) await sleep(10);
  expect(drafts()).toBe(1);
  upload.destroy();
  for (let tries = 0; tries < 200 && drafts() > 0; tries++) await sleep(10);
  expect([drafts(), await photos.exists('broken')]).toEqual([0, false]);
});

test('megabytes come through as they are, in both directions', async () => {
  const content = Buffer.from(Uint8Array.from({ length: 9 << 20 }, (_, index) => (index * 31) & 255));
  const { url: up } = await photos.signedUploadUrl('large');
  expect((await fetch(up, { method: 'PUT', body: content })).status).toBe(200);
  const { url: down } = await photos.signedDownloadUrl('large');
  expect(Buffer.from(await (await fetch(down)).arrayBuffer()).equals(content)).toBe(true);
});

test('a path is read as it was written, once', async () => {
  expect(readObjectUrl('/__fairlead/objects/b/a%252e?expires=x')).toEqual({ bucket: 'b', name: 'a%2e', expires: 0 });
  expect(readObjectUrl('/__fairlead/objects/b/')).toBeUndefined();
  expect(readObjectUrl('/elsewhere/b/a')).toBeUndefined();
  // As a client that tidies nothing up would send it.
  const climbing = await new Promise<IncomingMessage>((resolve) =>
    request({ port: running.port, host: '127.0.0.1', path: '/__fairlead/objects/shown/../photos/a' }, resolve).end(),
  );
  expect([climbing.statusCode, await text(climbing)]).toEqual([404, expect.stringContaining('object not found')]);
});
