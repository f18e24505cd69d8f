import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Bucket, ObjectNotFound, ObjectsError } from '../../../runtime/storage/objects/mod.ts';
import { partsOf } from '../../../runtime/storage/objects/parts.ts';
import { type BucketProvider, provideBuckets } from '../../../runtime/storage/objects/provider.ts';

/** What was asked of the provider. */
let calls: unknown[];

/** Holds nothing but `here`. */
const provider: BucketProvider = {
  async *list(options) {
    calls.push(['list', options]);
    for (let index = 0; ; index++) yield { name: `${options.prefix}${index}`, size: index, etag: '' };
  },
  async attrs({ name, version }) {
    calls.push(['attrs', name, version]);
    return name === 'here' ? { name, size: 1, etag: 'e' } : undefined;
  },
  async upload(name, data, options) {
    calls.push(['upload', name, data.toString(), options]);
    return { name, size: data.length, etag: 'e' };
  },
  async uploadStream(name, bytes, options) {
    let text = '';
    for await (const chunk of bytes) text += Buffer.from(chunk).toString();
    calls.push(['uploadStream', name, text, options]);
    return { name, size: text.length, etag: 'e' };
  },
  async downloadStream({ name, version }) {
    calls.push(['downloadStream', name, version]);
    return name === 'here' ? Readable.from([Buffer.from('content')]) : undefined;
  },
  async download({ name, version }) {
    calls.push(['download', name, version]);
    return name === 'here' ? Buffer.from('content') : undefined;
  },
  async remove({ name, version }) {
    calls.push(['remove', name, version]);
  },
  signedUploadUrl: async (name, ttl) => `https://up/${name}?${ttl}`,
  signedDownloadUrl: async (name, ttl) => `https://down/${name}?${ttl}`,
  publicUrl: (name) => `https://public/${name}`,
};

beforeEach(() => {
  calls = [];
  provideBuckets((bucket) => (bucket === 'files' ? provider : undefined));
});
afterEach(() => provideBuckets(() => undefined));

const files = new Bucket('files', { public: true });

test('calls reach the provider of the bucket, by a reference and by name too', async () => {
  await files.upload('a', Buffer.from('x'));
  await Bucket.named('files').upload('b', Buffer.from('y'), {
    contentType: 'text/plain',
    preconditions: { notExists: true },
  });
  await files.ref<Bucket>().remove('a', { version: '1' });
  expect(calls).toEqual([
    ['upload', 'a', 'x', { notExists: false }],
    ['upload', 'b', 'y', { contentType: 'text/plain', notExists: true }],
    ['remove', 'a', '1'],
  ]);
});

test('what is there is found, and what is not is an error', async () => {
  expect(await files.exists('here')).toBe(true);
  expect(await files.exists('gone')).toBe(false);
  expect((await files.download('here', { version: '2' })).toString()).toBe('content');
  expect(await files.attrs('here')).toEqual({ name: 'here', size: 1, etag: 'e' });
  const [download, attrs] = [files.download('gone', { version: '2' }), files.attrs('gone')];
  await expect(download).rejects.toThrow(new ObjectNotFound('bucket files: there is no object gone of version 2'));
  await expect(attrs).rejects.toThrow(new ObjectNotFound('bucket files: there is no object gone'));
  await expect(attrs).rejects.toBeInstanceOf(ObjectsError);
});

test('a stream is read by the backend, wherever it is from', async () => {
  const signal = new AbortController().signal;
  const options = { contentType: 'text/plain', preconditions: { notExists: true }, maxSize: 3, signal };
  await files.uploadStream('a', Readable.from([Buffer.from('x'), Buffer.from('yz')]), options);
  await files.uploadStream('b', new Response('web').body!);
  await files.uploadStream('c', [Buffer.from('p'), new Uint8Array([0x71])]);
  expect(calls).toEqual([
    ['uploadStream', 'a', 'xyz', { contentType: 'text/plain', notExists: true, signal }],
    ['uploadStream', 'b', 'web', { notExists: false }],
    ['uploadStream', 'c', 'pq', { notExists: false }],
  ]);
  expect(await text(await files.downloadStream('here', { version: '2' }))).toBe('content');
  await expect(files.downloadStream('gone')).rejects.toThrow(ObjectNotFound);
});

test.each<[string, Parameters<Bucket['uploadStream']>[2], string]>([
  ['with more bytes than it may have', { maxSize: 5 }, 'the object has more than `maxSize` bytes: 5'],
  ['that was given up before', { signal: AbortSignal.abort(new Error('given up')) }, 'given up'],
  [
    'of a type that no header can hold',
    { contentType: 'a\r\nb' },
    '`contentType` has a character that no header can have: "a\\r\\nb"',
  ],
  ['of a size that is none', { maxSize: -1 }, '`maxSize` is a number of bytes, not negative: -1'],
])('an upload %s fails', async (_, options, message) => {
  const source = Readable.from([Buffer.from('abc'), Buffer.from('def'), Buffer.from('ghi')]);
  await expect(files.uploadStream('a', source, options)).rejects.toThrow(message);
  expect(calls).toEqual([]);
});

test('an upload is given up while its source gives nothing', async () => {
  const source = new Readable({ read() {} });
  source.push('begun');
  const given = new AbortController();
  const upload = files.uploadStream('a', source, { signal: given.signal });
  setImmediate(() => given.abort());
  await expect(upload).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  expect(source.destroyed).toBe(true);
});

test('an upload is given up while the backend takes a part, of several or the last one', async () => {
  for (const chunks of [1, 3]) {
    const given = new AbortController();
    const uploadStream: BucketProvider['uploadStream'] = async (name, bytes) => {
      for await (const _ of bytes) given.abort(new Error('given up'));
      return { name, size: 0, etag: '' };
    };
    provideBuckets(() => ({ ...provider, uploadStream }));
    const source = Readable.from(Array.from({ length: chunks }, () => Buffer.from('x')));
    await expect(files.uploadStream('a', source, { signal: given.signal })).rejects.toThrow('given up');
    expect(source.destroyed).toBe(true);
  }
});

test('a request that brings too much can be answered', async () => {
  const server = createServer(async (request, response) => {
    const upload = files.uploadStream('a', request, { maxSize: 100_000 });
    await upload.catch((error: Error) => response.writeHead(400).end(error.message));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}`, { method: 'PUT', body: Buffer.alloc(2_000_000) });
    expect([answer.status, await answer.text()]).toEqual([400, 'the object has more than `maxSize` bytes: 100000']);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('what is no bytes is refused, and its source let go', async () => {
  const source = Readable.from(['text', 'more']);
  await expect(files.uploadStream('a', source)).rejects.toThrow('what is uploaded comes as bytes, not as string');
  expect(source.destroyed).toBe(true);
});

test('bytes are cut into parts of their sizes, and copied', async () => {
  const cut = async (chunks: number[], sizes: number[]) => {
    const memory = Buffer.alloc(1_000_000);
    let next = 0;
    async function* source() {
      for (const length of chunks) {
        for (let at = 0; at < length; at++) memory[at] = next++ & 255;
        yield memory.subarray(0, length);
      }
    }
    const parts: Buffer[] = [];
    for await (const part of partsOf(source(), (index) => sizes[index] ?? sizes.at(-1)!)) parts.push(part);
    const whole = Buffer.concat(parts);
    expect(whole.every((byte, at) => byte === (at & 255)) && whole.length === next).toBe(true);
    return parts.map(({ length }) => length);
  };
  expect(await cut([], [4])).toEqual([0]);
  expect(await cut([3], [4])).toEqual([3]);
  expect(await cut([4], [4])).toEqual([4]);
  expect(await cut([0, 5, 0], [4])).toEqual([4, 1]);
  expect(await cut([1, 2, 3, 4, 5], [4, 6])).toEqual([4, 6, 5]);
  expect(await cut([700_000, 700_000], [600_000])).toEqual([600_000, 600_000, 200_000]);
});

test('a list ends at its limit, and asks for no more', async () => {
  const names = async (options: Parameters<Bucket['list']>[0]) => {
    const found: string[] = [];
    for await (const { name } of files.list(options)) found.push(name);
    return found;
  };
  expect(await names({ prefix: 'p', limit: 2 })).toEqual(['p0', 'p1']);
  expect(await names({ limit: 0 })).toEqual([]);
  expect(calls).toEqual([['list', { prefix: 'p', limit: 2 }]]);
  await expect(names({ limit: 1.5 })).rejects.toThrow('`limit` is a whole number, not negative: 1.5');
});

test('a list without a limit is read as far as it is wanted', async () => {
  const list = files.list();
  expect([(await list.next()).value, (await list.next()).value]).toMatchObject([{ name: '0' }, { name: '1' }]);
  await list.return();
  expect(calls).toEqual([['list', { prefix: '' }]]);
});

test('signed URLs are valid for an hour, or as asked', async () => {
  expect(await files.signedUploadUrl('a')).toEqual({ url: 'https://up/a?3600' });
  expect(await files.signedDownloadUrl('a', { ttl: 604_800 })).toEqual({ url: 'https://down/a?604800' });
  expect(files.publicUrl('a')).toBe('https://public/a');
});

test.each([0, 604_801, Number.NaN])('a URL cannot be valid for %p seconds', async (ttl) => {
  await expect(files.signedUploadUrl('a', { ttl })).rejects.toThrow(`\`ttl\` is from 1 to 604800 seconds: ${ttl}`);
});

test.each([
  ['empty', ''],
  ['longer than 1024 bytes', 'ä'.repeat(513)],
])('no object has a name that is %s', async (wrong, name) => {
  await expect(files.download(name)).rejects.toThrow(`the name of an object is not ${wrong}`);
  expect(() => files.publicUrl(name)).toThrow(ObjectsError);
  expect(calls).toEqual([]);
});

const wrong = (value: unknown) => value as never;

test.each<[string, () => unknown, string]>([
  ['a name', () => files.exists(wrong(5)), 'the name of an object is not empty'],
  ['half a character in a name', () => files.upload('a\ud800', Buffer.from('x')), 'is no Unicode text: "a\\ud800"'],
  ['a version for options', () => files.remove('a', wrong('2')), 'options are an object, not a value of type string'],
  ['a version', () => files.remove('a', { version: wrong(2) }), '`version` is text, not a value of type number'],
  ['a prefix for options', () => files.list(wrong('a/')).next(), 'options are an object, not a value of type string'],
  ['a prefix', () => files.list({ prefix: wrong(null) }).next(), '`prefix` is text, not null'],
  [
    'a limit',
    () => files.list({ limit: wrong(Symbol('5')) }).next(),
    '`limit` is a whole number, not negative: Symbol(5)',
  ],
  [
    'data',
    () => files.upload('a', wrong('text')),
    'what is uploaded is bytes, as in a Buffer, not a value of type string',
  ],
  ['no data', () => files.upload('a', wrong(undefined)), 'what is uploaded is bytes, as in a Buffer, not undefined'],
  [
    'a content type',
    () => files.upload('a', Buffer.from(''), { contentType: wrong(5) }),
    '`contentType` is text, not a',
  ],
  [
    'conditions',
    () => files.upload('a', Buffer.from(''), { preconditions: wrong('notExists') }),
    'options are an object',
  ],
  ['a source', () => files.uploadStream('a', wrong(5)), 'reads bytes from, not a value of type number'],
  ['no source', () => files.uploadStream('a', wrong(null)), 'reads bytes from, not null'],
  ['text for a source', () => files.uploadStream('a', wrong('')), 'reads bytes from, not a value of type string'],
  ['a signal', () => files.uploadStream('a', [], { signal: wrong([]) }), '`signal` is an AbortSignal, not a list'],
  ['a size', () => files.uploadStream('a', [], { maxSize: wrong('5') }), '`maxSize` is a number of bytes'],
  ['a time', () => files.signedUploadUrl('a', { ttl: wrong(true) }), '`ttl` is from 1 to 604800 seconds: true'],
  ['a time for options', () => files.signedDownloadUrl('a', wrong(60)), 'options are an object'],
])('%s that is wrong is refused before anything is asked', async (_, call, message) => {
  await expect((async () => call())()).rejects.toThrow(message);
  await expect((async () => call())()).rejects.toBeInstanceOf(ObjectsError);
  expect(calls).toEqual([]);
});

test('a process without the bucket says so', async () => {
  const other = new Bucket('other');
  const message = 'bucket other: this bucket is not configured for use by this process';
  await expect(other.exists('a')).rejects.toThrow(message);
  await expect(other.list().next()).rejects.toThrow(message);
  expect(() => other.publicUrl('a')).toThrow(message);
});
