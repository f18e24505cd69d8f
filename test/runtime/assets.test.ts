import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { serveAssets } from '../../runtime/http/assets.ts';
import { errorBody, statusOf, toApiError } from '../../runtime/http/error-body.ts';
import { Router } from '../../runtime/http/router.ts';
import type { ManifestAssets } from '../../runtime/wire.ts';

/** A program with files beside it, and what must not be served. */
const base = mkdtempSync(join(tmpdir(), 'fairlead-assets-'));
const large = Buffer.alloc(32 << 20, 'fairlead ');
const files: Record<string, string | Buffer> = {
  'assets/site/index.html': '<h1>home</h1>',
  'assets/site/app.js': 'export {};',
  'assets/site/empty.txt': '',
  'assets/site/100% käse+.txt': 'cheese',
  'assets/site/docs/index.html': 'docs',
  'assets/site/docs/a b?.svg': '<svg/>',
  'assets/site/.well-known/security.txt': 'hello',
  'assets/site/large.bin': large,
  'assets/gone.html': 'gone',
};
const secrets: Record<string, string> = { 'main.mjs': 'secret', 'assets/site/unlisted.txt': 'secret' };

const site = { directory: 'assets/site', headers: {} };
const routes: Record<string, ManifestAssets> = {
  '/plain/*path': site,
  '/tuned/*path': {
    ...site,
    headers: {
      'cache-control': ['max-age=60'],
      'x-many': ['a', 'b'],
      vary: ['accept'],
      'content-type': ['text/x-mine'],
    },
  },
  '/gone/*path': { ...site, notFound: { file: 'assets/gone.html', status: 404 } },
  '/single': site,
  '/lost/*path': { directory: 'assets/lost', headers: {} },
  '/!path': { ...site, notFound: { file: 'assets/site/index.html', status: 200 } },
};

const router = new Router(Object.entries(routes).map(([path, target]) => ({ methods: ['GET', 'HEAD'], path, target })));
let served = 0;
let answered = 0;
const server = createServer(async (incoming, response) => {
  served += 1;
  response.setHeader('vary', 'Origin');
  const [path = ''] = (incoming.url ?? '').split('?');
  const match = router.find(incoming.method ?? '', path);
  try {
    if (!match) throw new Error('no route');
    const [subpath] = Object.values(match.pathParams);
    await serveAssets(match.target, base, subpath, incoming, response);
  } catch (error) {
    const failure = toApiError(error);
    response.statusCode = statusOf(failure.code);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(errorBody(failure, 'external')));
  }
  answered += 1;
});

beforeAll(async () => {
  for (const [path, content] of Object.entries({ ...files, ...secrets })) {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), content);
  }
  const tags = Object.keys(files).map((path, index) => [path, `tag-${index}`]);
  tags.push(['assets/site/vanished.txt', 'tag'], ['assets/site/folder.txt', 'tag']);
  mkdirSync(join(base, 'assets/site/folder.txt'));
  writeFileSync(join(base, 'assets.json'), JSON.stringify({ version: 1, files: Object.fromEntries(tags) }));
  symlinkSync('/etc', join(base, 'assets/site/etc'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(base, { recursive: true });
});

/** As it is written: a client that tidies paths up would hide what is tested. */
function open(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<IncomingMessage> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, headers }, resolve).on('error', reject).end();
  });
}

async function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const response = await open(path, headers, method);
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

test('a file is sent with its type and an entity tag of its content, and says nothing of when it was built', async () => {
  const { status, headers, body } = await get('/plain/app.js');
  expect([status, body]).toEqual([200, 'export {};']);
  expect(headers).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'content-length': '10',
    'accept-ranges': 'bytes',
    'cache-control': 'no-cache',
    etag: '"tag-1"',
  });
  expect(headers).not.toHaveProperty('last-modified');
});

test.each([
  ['/plain/', '<h1>home</h1>'],
  ['/plain/docs/', 'docs'],
  ['/plain/docs/a%20b%3F.svg', '<svg/>'],
  ['/plain/100%25%20k%C3%A4se+.txt', 'cheese'],
  ['/plain/.well-known/security.txt', 'hello'],
  ['/plain/empty.txt', ''],
  ['/single', '<h1>home</h1>'],
  ['/single/', '<h1>home</h1>'],
  ['/', '<h1>home</h1>'],
  ['/app.js', 'export {};'],
  ['/any/client/route?x=1', '<h1>home</h1>'],
])('%s is served', async (path, body) => {
  expect(await get(path)).toMatchObject({ status: 200, body });
});

test('HEAD has the headers of GET, and no body', async () => {
  const [got, head] = [await get('/plain/app.js'), await get('/plain/app.js', {}, 'HEAD')];
  expect(head).toMatchObject({ status: 200, body: '' });
  const stable = ({ date: _, ...headers }: IncomingMessage['headers']) => headers;
  expect(stable(head.headers)).toEqual(stable(got.headers));
});

test('the index of a directory is asked for with a slash, which the client is told', async () => {
  const { status, headers } = await get('/plain/docs?page=2');
  expect([status, headers.location]).toEqual([307, './docs/?page=2']);
});

test('what has not changed is not sent again', async () => {
  const asked = (headers: Record<string, string>) => get('/plain/app.js', headers);
  expect(await asked({ 'if-none-match': '"other", "tag-1"' })).toMatchObject({ status: 304, body: '' });
  expect(await asked({ 'if-none-match': 'W/"tag-1"' })).toMatchObject({ status: 304 });
  expect(await asked({ 'if-none-match': '"other"' })).toMatchObject({ status: 200 });
  expect(await asked({ 'if-modified-since': new Date().toUTCString() })).toMatchObject({ status: 200 });
  expect(await asked({ 'if-unmodified-since': new Date(0).toUTCString() })).toMatchObject({ status: 200 });
  expect(await asked({ 'if-match': '"tag-1"' })).toMatchObject({ status: 200 });
  const failed = await asked({ 'if-match': '"other"' });
  expect(failed.status).toBe(412);
  expect(JSON.parse(failed.body)).toMatchObject({ code: 'failed_precondition', message: 'precondition failed' });
});

test('a part of a file is sent for a range', async () => {
  const asked = (range: string, more: Record<string, string> = {}) => get('/plain/app.js', { range, ...more });
  const part = await asked('bytes=0-5');
  expect(part).toMatchObject({ status: 206, body: 'export' });
  expect(part.headers).toMatchObject({ 'content-range': 'bytes 0-5/10', 'content-length': '6', etag: '"tag-1"' });
  expect(await asked('bytes=-3')).toMatchObject({ status: 206, body: '{};' });
  expect(await asked('bytes=7-')).toMatchObject({ status: 206, body: '{};' });
  expect(await asked('bytes=-3')).toMatchObject({ status: 206, headers: { 'content-range': 'bytes 7-9/10' } });
  const end = await asked('bytes=-11');
  expect([end.status, end.headers['content-range'], end.body]).toEqual([206, 'bytes 0-9/10', 'export {};']);
  expect(await asked('bytes=0-5', { 'if-range': '"tag-1"' })).toMatchObject({ status: 206 });
  expect(await asked('bytes=0-5', { 'if-range': '"other"' })).toMatchObject({ status: 200, body: 'export {};' });
  expect(await asked('bytes=0-1,3-4')).toMatchObject({ status: 200, body: 'export {};' });
  expect(await asked('lines=1-2')).toMatchObject({ status: 200 });
  const beyond = await asked('bytes=10-');
  expect(beyond.status).toBe(416);
  expect(beyond.headers).toMatchObject({ 'content-range': 'bytes */10', 'content-type': 'application/json' });
  expect(JSON.parse(beyond.body)).toMatchObject({ code: 'out_of_range' });
});

test('what is not there is a JSON error, or the file that answers in its stead, whole and with its status', async () => {
  const plain = await get('/plain/none.txt');
  expect([plain.status, JSON.parse(plain.body)]).toEqual([
    404,
    { code: 'not_found', message: 'file not found', details: null },
  ]);
  expect((await get('/plain/none/')).status).toBe(404);
  const instead = await get('/gone/none.txt', { range: 'bytes=0-1', 'if-none-match': '*', 'if-match': '"x"' });
  expect(instead).toMatchObject({ status: 404, body: 'gone' });
  expect(instead.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'content-length': '4' });
  expect(instead.headers).not.toHaveProperty('etag');
  expect(await get('/client/route', { 'if-none-match': '"tag-0"' })).toMatchObject({ status: 304 });
});

test('declared headers are on every answer, and win', async () => {
  const { headers } = await get('/tuned/app.js');
  expect(headers).toMatchObject({ 'cache-control': 'max-age=60', 'x-many': 'a, b', vary: 'Origin, accept' });
  expect(headers['content-type']).toBe('text/x-mine');
  const missing = await get('/tuned/none.txt');
  expect(missing.headers).toMatchObject({ 'x-many': 'a, b', 'content-type': 'application/json' });
  expect(await get('/tuned/app.js', { 'if-none-match': '"tag-1"' })).toMatchObject({ status: 304 });
});

const climbs = [
  '../main.mjs',
  '../../main.mjs',
  '..%2Fmain.mjs',
  '%2e%2e/%2e%2e/main.mjs',
  '%2e%2e%2f%2e%2e%2fmain.mjs',
  '%252e%252e%252f%252e%252e%252fmain.mjs',
  '..%5c..%5cmain.mjs',
  '..\\..\\main.mjs',
  'docs/../../../main.mjs',
  './app.js',
  'docs//index.html',
  '/etc/passwd',
  '%2fetc%2fpasswd',
  'etc/passwd',
  'etc',
  'app.js%00',
  'app.js%00.html',
  'app.js/',
  'app.js/index.html',
  'unlisted.txt',
  '%c0%ae%c0%ae%c0%afmain.mjs',
  '%ff',
  '%',
  'constructor',
  '__proto__',
  'a/'.repeat(4000),
  'a'.repeat(8000),
  'INDEX.HTML',
];

test.each(climbs.map((path) => [path.length > 60 ? `${path.slice(0, 20)}… (${path.length})` : path, path]))(
  'nothing but what is listed is served: %s',
  async (_, path) => {
    const { status, body } = await get(`/plain/${path}`);
    expect([status, body.includes('secret'), body.includes('root:')]).toEqual([expect.any(Number), false, false]);
    // Without a route it is the test's own server that says so.
    expect([404, 500]).toContain(status);
    if (status === 404) expect(JSON.parse(body).message).toBe('file not found');
  },
);

test.each(['vanished.txt', 'folder.txt'])(
  'a listed file that is none is our failure, and says nothing of it: %s',
  async (name) => {
    const { status, headers, body } = await get(`/tuned/${name}`);
    expect([status, headers['content-type'], body]).toEqual([
      500,
      'application/json',
      '{"code":"internal","message":"an internal error occurred","details":null}',
    ]);
  },
);

(process.platform === 'linux' ? test : test.skip)(
  'a slow client is waited for, and one that leaves leaves no file open',
  async () => {
    const isOpen = () => openFiles().some((path) => path.endsWith('large.bin'));
    const before = served - answered;
    const response = await open('/plain/large.bin');
    response.pause();
    await sleep(200);
    expect([isOpen(), served - answered]).toEqual([true, before + 1]);
    response.destroy();
    for (let tries = 0; tries < 200 && (isOpen() || served - answered > before); tries++) await sleep(10);
    expect([isOpen(), served - answered]).toEqual([false, before]);
    const whole = await open('/plain/large.bin');
    let size = 0;
    for await (const chunk of whole) size += (chunk as Buffer).length;
    expect(size).toBe(large.length);
  },
);

/** By `/proc`, which Linux has. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return [];
    }
  });
}
