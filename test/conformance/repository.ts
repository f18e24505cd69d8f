import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mediaTypes } from '../../images/oci/descriptor.ts';
import { type CopyEvent, copy, type Repository } from '../../images/oci/repository/mod.ts';
import { artifact, blob, codeOf, image, index, push, randomBlob, read, write } from '../images/oci/content.ts';

export interface Harness {
  /** Another empty one each time, of one registry. */
  repository(): Promise<Repository>;
  dispose(): Promise<void>;
}

/** Where implementations may differ. */
export interface Traits {
  /** A manifest whose layers are not there is refused. */
  checksLayers: boolean;
  /** A tag can be removed alone. */
  removesTags: boolean;
  /** Removing a manifest removes its tags. */
  removesTagsOfManifest: boolean;
  /** A blob of another repository is taken over when its name is given. */
  mounts: boolean;
  /** What one repository has, all have. */
  sharesBlobs: boolean;
}

/** The suite that every repository passes. */
export function describeRepository(name: string, makeHarness: () => Promise<Harness>, traits: Traits): void {
  describe(`the repository ${name}`, () => {
    let harness: Harness;
    beforeAll(async () => {
      harness = await makeHarness();
    });
    afterAll(() => harness?.dispose());

    test('is empty at first', async () => {
      const repository = await harness.repository();
      const { descriptor } = blob('nothing');
      expect(await repository.hasBlob(descriptor.digest)).toBe(false);
      expect(await repository.manifest(descriptor.digest)).toBeUndefined();
      expect(await repository.manifest('latest')).toBeUndefined();
      expect(await repository.tags()).toEqual([]);
      expect(await repository.referrers(descriptor.digest)).toEqual([]);
      expect(await codeOf(read(repository, descriptor))).toBe('FL2203');
      await repository.remove(descriptor.digest);
    });

    test.each([0, 1, 1000, 3_000_000])('keeps a blob of %d bytes', async (size) => {
      const repository = await harness.repository();
      const one = randomBlob(size);
      await write(repository, one);
      expect(await repository.hasBlob(one.descriptor.digest)).toBe(true);
      expect((await read(repository, one.descriptor)).equals(one.bytes)).toBe(true);
      await repository.writeBlob(one.descriptor, () => {
        throw new Error('it was opened though it is there');
      });
    });

    test('takes a blob as a stream of odd pieces', async () => {
      const repository = await harness.repository();
      const one = randomBlob(1_000_003);
      async function* open() {
        for (let start = 0; start < one.bytes.length; start += 77_777) yield one.bytes.subarray(start, start + 77_777);
      }
      await repository.writeBlob(one.descriptor, open);
      expect((await read(repository, one.descriptor)).equals(one.bytes)).toBe(true);
    });

    test.each<[string, (bytes: Buffer) => Buffer]>([
      ['other', (bytes) => Buffer.alloc(bytes.length)],
      ['fewer', (bytes) => bytes.subarray(1)],
      ['more', (bytes) => Buffer.concat([bytes, bytes])],
    ])('takes no blob of %s bytes than its descriptor says', async (_, change) => {
      const repository = await harness.repository();
      const { descriptor, bytes } = randomBlob(100_000);
      expect(await codeOf(repository.writeBlob(descriptor, () => change(bytes)))).toBe('FL2211');
      expect(await repository.hasBlob(descriptor.digest)).toBe(false);
    });

    test('tells the error of the stream that it was to keep', async () => {
      const repository = await harness.repository();
      const { descriptor, bytes } = randomBlob(500_000);
      async function* open() {
        yield bytes.subarray(0, 300_000);
        throw new Error('the file is gone');
      }
      await expect(repository.writeBlob(descriptor, open)).rejects.toThrow('the file is gone');
      expect(await repository.hasBlob(descriptor.digest)).toBe(false);
    });

    test('reads no blob that is not as it should be', async () => {
      const repository = await harness.repository();
      const one = randomBlob(1000);
      await write(repository, one);
      expect(await codeOf(read(repository, { ...one.descriptor, size: 999 }))).toBe('FL2204');
      expect(await codeOf(read(repository, { ...one.descriptor, size: 1001 }))).toBe('FL2204');
    });

    test('keeps manifests byte for byte, by digest and by tag', async () => {
      const repository = await harness.repository();
      const { manifest, blobs } = image([randomBlob(10)]);
      const spaced = blob(` ${manifest.bytes} \n`, mediaTypes.manifest);
      expect(await push(repository, { manifest: spaced, blobs }, 'v1')).toBe(spaced.descriptor.digest);
      for (const reference of ['v1', spaced.descriptor.digest]) {
        const found = await repository.manifest(reference);
        expect(found?.descriptor).toEqual(spaced.descriptor);
        expect(Buffer.from(found!.bytes).equals(spaced.bytes)).toBe(true);
      }
    });

    test('moves tags, and lists them in order', async () => {
      const repository = await harness.repository();
      const [one, two] = [
        await push(repository, image([randomBlob(10)]), 'b'),
        await push(repository, image([randomBlob(11)])),
      ];
      await repository.tag(one, 'A_1.2-3');
      await repository.tag(one, 'c');
      await repository.tag(two, 'b');
      expect(await repository.tags()).toEqual(['A_1.2-3', 'b', 'c']);
      expect((await repository.manifest('b'))?.descriptor.digest).toBe(two);
      expect((await repository.manifest('c'))?.descriptor.digest).toBe(one);
      expect(await codeOf(repository.tag(blob('nothing').descriptor.digest, 'd'))).toBe('FL2203');
      expect(await codeOf(repository.tag(one, 'no tag'))).toBe('FL2209');
      expect(await codeOf(repository.manifest('../secret'))).toBe('FL2209');
    });

    test('keeps indexes of images', async () => {
      const repository = await harness.repository();
      const images = [image([randomBlob(10)]), image([randomBlob(11)])];
      for (const one of images) await push(repository, one);
      const all = index(images.map(({ manifest }) => manifest));
      await repository.putManifest(all.bytes, mediaTypes.index, 'v1');
      expect((await repository.manifest('v1'))?.descriptor).toEqual(all.descriptor);
      for (const { manifest } of images)
        expect((await repository.manifest(manifest.descriptor.digest))?.descriptor).toEqual(manifest.descriptor);
    });

    test('takes no index before its images, and no manifest that is none', async () => {
      const repository = await harness.repository();
      const all = index([image([randomBlob(10)]).manifest]);
      expect(['FL2203', 'FL2207']).toContain(await codeOf(repository.putManifest(all.bytes, mediaTypes.index, 'v1')));
      expect(await repository.manifest('v1')).toBeUndefined();
      expect(await codeOf(repository.putManifest(Buffer.from('{}'), mediaTypes.manifest))).toBe('FL2204');
    });

    (traits.checksLayers ? test : test.skip)('takes no manifest before its blobs', async () => {
      const repository = await harness.repository();
      const { manifest } = image([randomBlob(10)]);
      expect(['FL2203', 'FL2207']).toContain(
        await codeOf(repository.putManifest(manifest.bytes, mediaTypes.manifest, 'v1')),
      );
      expect(await repository.manifest('v1')).toBeUndefined();
    });

    test('lists what refers to a manifest', async () => {
      const repository = await harness.repository();
      const subject = image([randomBlob(10)]);
      await push(repository, subject, 'v1');
      const { digest } = subject.manifest.descriptor;
      const parts = [
        artifact('a/sbom', subject.manifest, 'one'),
        artifact('a/sbom', subject.manifest, 'two'),
        artifact('a/proof', subject.manifest, 'three'),
      ];
      for (const part of parts) await push(repository, part);
      await push(repository, parts[0]!);
      const listed = await repository.referrers(digest);
      expect(listed.map((entry) => entry.digest).sort()).toEqual(
        parts.map(({ manifest }) => manifest.descriptor.digest).sort(),
      );
      expect(await repository.referrers(digest, 'a/proof')).toEqual([
        { ...parts[2]!.manifest.descriptor, artifactType: 'a/proof', annotations: { note: 'three' } },
      ]);
      expect(await repository.referrers(digest, 'a/other')).toEqual([]);
      expect(await repository.tags()).toEqual(['v1']);
      await repository.remove(parts[2]!.manifest.descriptor.digest);
      expect(await repository.referrers(digest, 'a/proof')).toEqual([]);
      expect(await repository.referrers(digest, 'a/sbom')).toHaveLength(2);
    });

    test('keeps each of many referrers that are put at the same time', async () => {
      const repository = await harness.repository();
      const subject = image([randomBlob(10)]);
      await push(repository, subject);
      const all = await Promise.all(
        Array.from({ length: 8 }, (_, nth) => push(repository, artifact('a/note', subject.manifest, `${nth}`))),
      );
      const listed = await repository.referrers(subject.manifest.descriptor.digest);
      expect(listed.map(({ digest }) => digest).sort()).toEqual([...all].sort());
    });

    test('removes manifests by digest', async () => {
      const repository = await harness.repository();
      const [gone, stays] = [
        await push(repository, image([randomBlob(10)]), 'v1'),
        await push(repository, image([randomBlob(11)]), 'v2'),
      ];
      await repository.remove(gone);
      await repository.remove(gone);
      expect(await repository.manifest(gone)).toBeUndefined();
      expect((await repository.manifest('v2'))?.descriptor.digest).toBe(stays);
      if (traits.removesTagsOfManifest) expect(await repository.tags()).toEqual(['v2']);
    });

    test(traits.removesTags ? 'removes a tag alone' : 'says that it removes no tag alone', async () => {
      const repository = await harness.repository();
      const digest = await push(repository, image([randomBlob(10)]), 'v1');
      await repository.tag(digest, 'v2');
      if (!traits.removesTags) return expect(await codeOf(repository.remove('v1'))).toBe('FL2207');
      await repository.remove('v1');
      await repository.remove('v1');
      expect(await repository.tags()).toEqual(['v2']);
      await repository.remove('v2');
      expect(await repository.tags()).toEqual([]);
      expect((await repository.manifest(digest))?.descriptor.digest).toBe(digest);
    });

    test('mounts a blob of another repository', async () => {
      const [one, two] = [await harness.repository(), await harness.repository()];
      const shared = randomBlob(1000);
      await write(one, shared);
      const mounted = await two.mountBlob(shared.descriptor.digest, one.name);
      expect(mounted).toBe(traits.mounts);
      if (mounted) expect((await read(two, shared.descriptor)).equals(shared.bytes)).toBe(true);
      expect(await two.mountBlob(blob('nothing').descriptor.digest, one.name)).toBe(false);
    });

    test('copies an index with all that it names, once', async () => {
      const [one, two] = [await harness.repository(), await harness.repository()];
      const shared = randomBlob(5000);
      const images = [image([shared, randomBlob(10)]), image([shared, randomBlob(11)])];
      for (const part of images) await push(one, part);
      const all = index(images.map(({ manifest }) => manifest));
      await one.putManifest(all.bytes, mediaTypes.index);
      await push(one, artifact('a/sbom', all, 'about it'));
      const { digest } = all.descriptor;

      const states: string[] = [];
      const onProgress = ({ state }: CopyEvent) => state !== 'copying' && states.push(state);
      expect(await copy(one, two, digest, { tags: ['v1', 'v2'], referrers: true, onProgress })).toEqual(all.descriptor);
      // Three layers, one config, an index of two images; about it an artifact of two parts.
      expect(states).toHaveLength(4 + 3 + 3);
      const free = states.filter((state) => state === (traits.mounts ? 'mounted' : 'present'));
      expect(free).toHaveLength(traits.mounts || traits.sharesBlobs ? 6 : 0);
      expect(await two.tags()).toEqual(['v1', 'v2']);
      expect(await two.referrers(digest, 'a/sbom')).toHaveLength(1);
      for (const part of images.flatMap(({ blobs }) => blobs))
        expect((await read(two, part.descriptor)).equals(part.bytes)).toBe(true);

      states.length = 0;
      await copy(one, two, digest, { tags: ['v3'], referrers: true, onProgress });
      expect(new Set(states)).toEqual(new Set(['present']));
      expect(await two.tags()).toEqual(['v1', 'v2', 'v3']);
    });

    test('ends a call when its signal says so', async () => {
      const repository = await harness.repository();
      const one = randomBlob(2_000_000);
      const stop = new AbortController();
      async function* open() {
        yield one.bytes.subarray(0, 500_000);
        stop.abort(new Error('enough'));
        yield one.bytes.subarray(500_000);
      }
      await expect(repository.writeBlob(one.descriptor, open, { signal: stop.signal })).rejects.toThrow('enough');
      expect(await repository.hasBlob(one.descriptor.digest)).toBe(false);
    });
  });
}
