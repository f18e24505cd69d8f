import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Bucket, ObjectNotFound, ObjectsError } from '../../../runtime/storage/objects/mod.ts';
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

test('a process without the bucket says so', async () => {
  const other = new Bucket('other');
  const message = 'bucket other: this bucket is not configured for use by this process';
  await expect(other.exists('a')).rejects.toThrow(message);
  await expect(other.list().next()).rejects.toThrow(message);
  expect(() => other.publicUrl('a')).toThrow(message);
});
