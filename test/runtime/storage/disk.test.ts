import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { directoryOf, nameOf } from '../../../runtime/storage/objects/disk/names.ts';
import { openDiskBucket } from '../../../runtime/storage/objects/disk.ts';
import { Bucket, PreconditionFailed } from '../../../runtime/storage/objects/mod.ts';
import { allowing } from '../../../runtime/storage/objects/operations.ts';
import { type BucketProvider, provideBuckets } from '../../../runtime/storage/objects/provider.ts';
import type { BucketOperation, DiskStorage } from '../../../runtime/wire.ts';
import { describeBuckets } from '../../conformance/buckets.ts';

const place = mkdtempSync(join(tmpdir(), 'fairlead-disk-'));
const worker = new URL('../fixtures/uploader.ts', import.meta.url).pathname;
let round = 0;
let [files, other, versions] = ['files', 'other', 'versions'].map((name) => new Bucket(name)) as [
  Bucket,
  Bucket,
  Bucket,
];

const operations: BucketOperation[] = ['list', 'attributes', 'download', 'upload', 'remove'];
const directoryFor = (bucket: string) => join(place, `${round}`, bucket);

function open(bucket: string, versioned = bucket === 'versions'): BucketProvider {
  const config = { directory: directoryFor(bucket), versioned, operations };
  const storage: DiskStorage = { type: 'disk', base_url: 'http://127.0.0.1:1', buckets: { [bucket]: config } };
  return Object.assign(openDiskBucket(storage, bucket, config), { publicUrl: () => '' });
}

beforeAll(() => provideBuckets((bucket) => open(bucket)));
beforeEach(() => {
  round += 1;
  [files, other, versions] = ['files', 'other', 'versions'].map((name) => new Bucket(name)) as typeof all;
});
afterAll(() => rmSync(place, { recursive: true }));
const all = [files, other, versions] as const as [Bucket, Bucket, Bucket];

const names = async (bucket: Bucket) => {
  const found: string[] = [];
  for await (const { name } of bucket.list()) found.push(name);
  return found;
};
const text = async (bucket: Bucket, name: string) => (await bucket.download(name)).toString();

describe('a bucket on a disk', () => {
  const unfinished = async () => readdirSync(join(directoryFor('files'), 'drafts')).length;
  describeBuckets(() => ({ files, other, versions, unfinished }));
});

const hostile = [
  '..',
  '.',
  '../../etc/passwd',
  '/',
  'a',
  'A',
  'a/b',
  'a/b/',
  'con',
  'nul.txt',
  'trailing.',
  ' ',
  '~a',
  '%2e',
  '%',
  'back\\slash',
  'new\nline',
  'q?a=b#c',
  'é',
  'e\u0301',
  '\u{1f600}',
  'ß',
  'SS',
  'x'.repeat(1024),
  'X'.repeat(1024),
  'ä'.repeat(512),
];

test('no name is too hostile, and no two are the same', async () => {
  for (const name of hostile) await files.upload(name, Buffer.from(name), { contentType: `text/${name.length}` });
  const sorted = hostile
    .map((name) => Buffer.from(name))
    .sort(Buffer.compare)
    .map(String);
  expect(await names(files)).toEqual(sorted);
  for (const name of hostile) expect(await text(files, name)).toBe(name);
  expect(readdirSync(join(place, `${round}`))).toEqual(['files']);
  expect(readdirSync(directoryFor('files')).sort()).toEqual(['drafts', 'objects']);
  const folded = readdirSync(join(directoryFor('files'), 'objects')).map((one) => one.toLowerCase().normalize('NFC'));
  expect(new Set(folded).size).toBe(hostile.length);
  for (const name of folded) expect(name.length).toBeLessThan(256);
  for (const name of hostile) await files.remove(name);
  expect([await names(files), readdirSync(join(directoryFor('files'), 'objects'))]).toEqual([[], []]);
});

test.each(hostile.filter((name) => Buffer.byteLength(name) < 60))('the directory of %j tells the name', (name) => {
  expect(directoryOf(name)).toMatch(/^[a-z0-9_%-][a-z0-9_%.-]*$/);
  expect(nameOf(directoryOf(name))).toBe(name);
});

test('an object is replaced whole, and an entity tag is of its content', async () => {
  const one = await files.upload('a', Buffer.from('one'), { contentType: 'text/plain' });
  const two = await files.upload('a', Buffer.from('two, longer'));
  expect(await files.attrs('a')).toEqual(two);
  expect(two).toEqual({ name: 'a', size: 11, etag: expect.stringMatching(/^"[0-9a-f]{32}"$/) });
  expect(two.etag).not.toBe(one.etag);
  expect((await other.upload('b', Buffer.from('one'))).etag).toBe(one.etag);
  expect(readdirSync(join(directoryFor('files'), 'objects/a'))).toHaveLength(1);
});

test('a removed version gives way to the one before it, but for those that a removal had hidden', async () => {
  const [v1] = [await versions.upload('v', Buffer.from('1'))];
  const v2 = await versions.upload('v', Buffer.from('2'));
  await versions.remove('v', { version: v2.version! });
  expect(await text(versions, 'v')).toBe('1');
  await versions.remove('v');
  const v3 = await versions.upload('v', Buffer.from('3'), { preconditions: { notExists: true } });
  await expect(versions.upload('v', Buffer.from('4'), { preconditions: { notExists: true } })).rejects.toThrow(
    PreconditionFailed,
  );
  await versions.remove('v', { version: v3.version! });
  expect(await versions.exists('v')).toBe(false);
  expect((await versions.download('v', { version: v1!.version! })).toString()).toBe('1');
  expect(await names(versions)).toEqual([]);
});

test('what was there stays when a bucket begins to keep versions', async () => {
  await files.upload('a', Buffer.from('old'));
  const keeping = open('files', true);
  const old = await keeping.attrs({ name: 'a' });
  await keeping.upload('a', Buffer.from('new'), { notExists: false });
  expect((await keeping.download({ name: 'a', version: old!.version! }))?.toString()).toBe('old');
  expect((await keeping.download({ name: 'a' }))?.toString()).toBe('new');
});

test('a process that is killed in the middle of an upload leaves nothing to be seen, and its draft goes in time', async () => {
  await files.upload('before', Buffer.from('x'));
  const child = await startWorker('slow', 'half');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const drafts = join(directoryFor('files'), 'drafts');
  expect([await names(files), readdirSync(drafts).length]).toEqual([['before'], 1]);
  await open('files').upload('again', Buffer.from('x'), { notExists: false });
  expect(readdirSync(drafts)).toHaveLength(1);
  const yesterday = new Date(Date.now() - 25 * 3600 * 1000);
  utimesSync(join(drafts, readdirSync(drafts)[0]!), yesterday, yesterday);
  await open('files').upload('again', Buffer.from('x'), { notExists: false });
  expect(readdirSync(drafts)).toEqual([]);
});

test('of several processes that create the same objects at once, one creates each', async () => {
  const children = await Promise.all(Array.from({ length: 4 }, () => startWorker('create')));
  const counts = await Promise.all(children.map(createdBy));
  expect(counts.flat().sort()).toEqual(Array.from({ length: 50 }, (_, index) => `o${index}`).sort());
  expect(await names(files)).toHaveLength(50);
}, 60_000);

test('readers see one of the contents whole, whatever several processes write, remove and create', async () => {
  const children = await Promise.all(Array.from({ length: 3 }, () => startWorker('churn')));
  const ends = children.map((child) => once(child, 'exit'));
  let reads = 0;
  for (const end = Date.now() + 2000; Date.now() < end; ) {
    const found = await open('files').download({ name: 'shared' });
    if (found === undefined) continue;
    reads += 1;
    expect(found.length).toBe(found[0]! * 100);
    expect(found.every((byte) => byte === found[0])).toBe(true);
  }
  for (const child of children) child.send('stop');
  expect((await Promise.all(ends)).map(([code]) => code)).toEqual([0, 0, 0]);
  expect(reads).toBeGreaterThan(0);
  await files.upload('shared', Buffer.from('last'));
  expect(readdirSync(join(directoryFor('files'), 'objects/shared'))).toHaveLength(1);
}, 60_000);

test('a file that is none of ours is said to be damaged', async () => {
  await files.upload('a', Buffer.from('x'));
  const directory = join(directoryFor('files'), 'objects/a');
  writeFileSync(join(directory, readdirSync(directory)[0]!), '');
  await expect(files.download('a')).rejects.toThrow(/objects\/a\/.* is damaged: it has no header/);
});

test('an object is whole, or is not there, on a disk that takes no more than a part at a time', async () => {
  const handle = await openFile(join(place, 'probe'), 'w');
  const file = Object.getPrototypeOf(handle) as typeof handle;
  await handle.close();
  const write = file.write as unknown as (bytes: Uint8Array, at: number, length: number, position: number) => unknown;
  let room = Number.POSITIVE_INFINITY;
  const spied = jest.spyOn(file, 'write').mockImplementation(function (this: typeof handle, ...args: unknown[]) {
    const [bytes, at, length, position] = args as Parameters<typeof write>;
    if (room <= 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    room -= 50;
    return write.call(this, bytes, at, Math.min(length, 50), position);
  } as never);
  try {
    await files.upload('a', Buffer.alloc(120, 'x'));
    expect(await text(files, 'a')).toBe('x'.repeat(120));
    // Enough for the content and a part of the header.
    room = 150;
    await expect(files.upload('a', Buffer.alloc(70, 'y'))).rejects.toThrow('no space left');
    expect(await text(files, 'a')).toBe('x'.repeat(120));
  } finally {
    spied.mockRestore();
  }
});

test('no more can be done with a bucket than what is allowed', async () => {
  const provider = allowing(open('files'), 'files', ['upload', 'attributes']);
  await provider.upload('a', Buffer.from('x'), { notExists: false });
  expect(await provider.attrs({ name: 'a' })).toMatchObject({ size: 1 });
  const said = (what: string) => `bucket files: this process has no permission to ${what}`;
  expect(() => provider.download({ name: 'a' })).toThrow(said('download objects'));
  expect(() => provider.list({ prefix: '' })).toThrow(said('list objects'));
  expect(() => provider.remove({ name: 'a' })).toThrow(said('remove objects'));
  expect(() => provider.signedUploadUrl('a', 1)).toThrow(said('sign URLs for uploads'));
  expect(() => provider.signedDownloadUrl('a', 1)).toThrow(said('sign URLs for downloads'));
  expect(() => provider.publicUrl('a')).toThrow(said('name public URLs'));
});

async function startWorker(...work: string[]): Promise<ChildProcess> {
  const child = fork(worker, [directoryFor('files'), ...work], { execArgv: ['--disable-warning=ExperimentalWarning'] });
  await once(child, 'message');
  return child;
}

async function createdBy(child: ChildProcess): Promise<string[]> {
  child.send('go');
  const [created] = (await once(child, 'message')) as [string[]];
  return created;
}
