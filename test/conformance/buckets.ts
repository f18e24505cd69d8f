import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { type Bucket, ObjectNotFound, PreconditionFailed } from '../../runtime/storage/objects/mod.ts';

/** Buckets of one backend, empty before each test: two beside each other, and one that keeps versions. */
export interface BucketsUnderTest {
  files: Bucket;
  other: Bucket;
  versions: Bucket;
  /** Whether objects have a version also where former ones are not kept. @default false */
  alwaysVersions?: boolean;
  /** Whether former versions can be removed one by one. @default true */
  removesVersions?: boolean;
  /** How many uploads of `files` are there that were begun and not ended. @default nobody can tell */
  unfinished?: () => Promise<number>;
  /** Whether uploads of several parts keep to the condition that there is no such object. @default true */
  refusesParts?: boolean;
}

/** What applications may expect of a bucket, whatever it is on. */
export function describeBuckets(of: () => BucketsUnderTest): void {
  const listed = async (bucket: Bucket, options: Parameters<Bucket['list']>[0] = {}) => {
    const names: string[] = [];
    for await (const { name } of bucket.list(options)) names.push(name);
    return names;
  };

  const odd = ['a b+c%20', 'grüße/日本', 'x/../y', '&<>"\'', 'tab\tand\u0001', '/leading', 'a//b'];

  test('what is uploaded is there, whatever its name', async () => {
    for (const name of odd) {
      const data = Buffer.from(`content of ${name}`);
      const uploaded = await of().files.upload(name, data, { contentType: 'text/plain; charset=utf-8' });
      expect(uploaded).toEqual({
        name,
        size: data.length,
        etag: expect.any(String),
        contentType: 'text/plain; charset=utf-8',
        ...(of().alwaysVersions && { version: expect.any(String) }),
      });
      expect(await of().files.attrs(name)).toEqual(uploaded);
      expect((await of().files.download(name)).equals(data)).toBe(true);
    }
    expect((await listed(of().files)).sort()).toEqual([...odd].sort());
    expect(await listed(of().other)).toEqual([]);
    for (const name of odd) await of().files.remove(name);
    expect(await listed(of().files)).toEqual([]);
  });

  test('an empty object and one of a megabyte of any bytes stay what they are', async () => {
    const large = Buffer.from(Uint8Array.from({ length: 1 << 20 }, (_, index) => (index * 7) & 255));
    await of().files.upload('empty', Buffer.alloc(0));
    await of().files.upload('large', large);
    expect((await of().files.download('empty')).length).toBe(0);
    expect((await of().files.download('large')).equals(large)).toBe(true);
  });

  test('what is not there is an error, or removed already', async () => {
    expect(await of().files.exists('gone')).toBe(false);
    await expect(of().files.download('gone')).rejects.toBeInstanceOf(ObjectNotFound);
    await expect(of().files.attrs('gone')).rejects.toBeInstanceOf(ObjectNotFound);
    await of().files.remove('gone');
  });

  test('of many uploads on the condition that there is none, one succeeds', async () => {
    const tries = Array.from({ length: 5 }, (_, index) =>
      of().files.upload('once', Buffer.from(`${index}`), { preconditions: { notExists: true } }),
    );
    const results = await Promise.allSettled(tries);
    const failures = results.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(failures.length).toBeGreaterThan(0);
    expect(failures.every((error) => error instanceof PreconditionFailed)).toBe(true);
    await expect(of().files.upload('once', Buffer.from('x'), { preconditions: { notExists: true } })).rejects.toThrow(
      PreconditionFailed,
    );
    await of().files.upload('once', Buffer.from('x'));
  });

  /** Any bytes, in chunks of odd sizes, whose memory is used again. @param failure after them */
  async function* source(length: number, failure?: Error): AsyncGenerator<Buffer> {
    const memory = Buffer.alloc(100_003);
    for (let at = 0; at < length; at += memory.length) {
      const chunk = memory.subarray(0, Math.min(memory.length, length - at)).fill(`${at} bytes before `);
      yield chunk;
    }
    if (failure) throw failure;
  }
  const hash = async (stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) => {
    const digest = createHash('sha256');
    for await (const chunk of stream) digest.update(chunk);
    return digest.digest('hex');
  };
  /** The last is more than two parts of any backend. */
  const [none, few, several] = [0, 1000, 20_000_000];

  test.each([none, few, several])('a stream of %p bytes is there as it was, and comes as one', async (size) => {
    const uploaded = await of().files.uploadStream('a stream/ü', source(size), { contentType: 'video/mp4' });
    expect(uploaded).toMatchObject({ name: 'a stream/ü', size, contentType: 'video/mp4' });
    expect(await of().files.attrs('a stream/ü')).toEqual(uploaded);
    const wanted = await hash(source(size));
    expect(await hash(await of().files.downloadStream('a stream/ü'))).toBe(wanted);
    expect(await hash([await of().files.download('a stream/ü')])).toBe(wanted);
  });

  test('streams have versions, too, and one that is not there is an error', async () => {
    const one = await of().versions.uploadStream('v', source(few));
    await of().versions.uploadStream('v', source(few + 1));
    expect(await hash(await of().versions.downloadStream('v', one))).toBe(await hash(source(few)));
    await expect(of().files.downloadStream('gone')).rejects.toBeInstanceOf(ObjectNotFound);
  });

  test.each([few, several])(
    'a source that fails after %p bytes leaves what was there, and nothing else',
    async (size) => {
      await of().files.upload('kept', Buffer.from('before'));
      const failure = new Error('the source failed');
      await expect(of().files.uploadStream('kept', source(size, failure))).rejects.toBe(failure);
      await expect(of().files.uploadStream('new', source(size), { maxSize: size - 1 })).rejects.toThrow('`maxSize`');
      expect((await of().files.download('kept')).toString()).toBe('before');
      expect(await listed(of().files)).toEqual(['kept']);
      expect((await of().unfinished?.()) ?? 0).toBe(0);
    },
  );

  test('a stream on the condition that there is no such object takes the place of none', async () => {
    const once = { preconditions: { notExists: true } };
    await of().files.uploadStream('once', source(few), once);
    await expect(of().files.uploadStream('once', source(few), once)).rejects.toBeInstanceOf(PreconditionFailed);
    if (of().refusesParts === false) return;
    await expect(of().files.uploadStream('once', source(several), once)).rejects.toBeInstanceOf(PreconditionFailed);
    expect(await of().files.attrs('once')).toMatchObject({ size: few });
    expect((await of().unfinished?.()) ?? 0).toBe(0);
    expect(await of().files.uploadStream('other', source(several), once)).toMatchObject({ size: several });
  });

  test('a download that nobody wants any more ends, and the next one is whole', async () => {
    await of().files.uploadStream('film', source(several));
    const stream = await of().files.downloadStream('film');
    for await (const chunk of stream) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    // It may say as an error that it was given up, to whoever listens.
    if (!stream.closed) await new Promise((resolve) => stream.once('close', resolve));
    expect(await hash(await of().files.downloadStream('film'))).toBe(await hash(source(several)));
  });

  test('lists in the order of the names, page after page, and no more than wanted', async () => {
    const names = Array.from({ length: 1005 }, (_, index) => `n${String(index).padStart(4, '0')}`);
    for (let at = 0; at < names.length; at += 67)
      await Promise.all(names.slice(at, at + 67).map((name) => of().files.upload(name, Buffer.from('x'))));
    await of().other.upload('n0000', Buffer.from('x'));
    expect(await listed(of().files)).toEqual(names);
    expect(await listed(of().files, { prefix: 'n100' })).toEqual(['n1000', 'n1001', 'n1002', 'n1003', 'n1004']);
    expect(await listed(of().files, { limit: 1002 })).toEqual(names.slice(0, 1002));
    expect(await listed(of().files, { prefix: 'n000', limit: 3 })).toEqual(['n0000', 'n0001', 'n0002']);
  });

  test('versions are kept, read and removed one by one', async () => {
    const [one, two] = [
      await of().versions.upload('v', Buffer.from('one')),
      await of().versions.upload('v', Buffer.from('two!')),
    ];
    expect(one.version).toEqual(expect.any(String));
    expect(two.version).not.toBe(one.version);
    expect((await of().versions.download('v')).toString()).toBe('two!');
    expect((await of().versions.download('v', one)).toString()).toBe('one');
    expect(await of().versions.attrs('v', { version: one.version! })).toMatchObject({ version: one.version, size: 3 });
    await of().versions.remove('v');
    expect(await of().versions.exists('v')).toBe(false);
    expect(await of().versions.exists('v', { version: two.version! })).toBe(true);
    await expect(of().versions.download('v', { version: 'no-such-version' })).rejects.toBeInstanceOf(ObjectNotFound);
    if (of().removesVersions === false) return;
    await of().versions.remove('v', { version: one.version! });
    expect(await of().versions.exists('v', { version: one.version! })).toBe(false);
  });
}
