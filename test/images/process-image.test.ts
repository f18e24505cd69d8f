import { readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { LayerMaker } from '../../images/layer-maker.ts';
import { scratch } from '../../images/oci/image/mod.ts';
import { writeProcessImage } from '../../images/process-image.ts';
import { createReleaseRegistry, sealRelease } from '../../images/release/mod.ts';
import { verifyRelease } from '../../images/release/verify.ts';
import { age, contentOf, layout, source } from './release/support/releases.ts';

const bytes = Buffer.from('export const text = "of the runtime";\n'.repeat(10));
const content = {
  application: 'sample',
  key: 'all-in-one/app',
  dependencies: [{ path: 'runtime.mjs', content: bytes }],
  own: [{ path: 'main.mjs', bytes }],
  packages: [{ name: 'pg', version: '8.0.0', license: 'MIT' }],
};
const bases = { entrypoint: ['node'], platforms: [scratch({ os: 'linux', architecture: 'amd64' })] };
const at = new Date('2026-03-04T10:00:00Z');

/** A store, with a cache beside it, that is written to as a build does. */
async function openStore() {
  const place = await layout();
  const { repository, path } = place;
  const registry = createReleaseRegistry(repository);
  const write = (cache = join(path, 'cache')) =>
    writeProcessImage(content, bases, {
      repository,
      layers: new LayerMaker({ repository, cache, allowed: [] }),
    });
  return {
    ...{ repository, registry, write, path, blobs: join(path, 'blobs', 'sha256') },
    async build() {
      const release = sealRelease(contentOf({ [content.key]: await write() }), source('a'));
      await registry.put(release, { at });
      return release.digest;
    },
    [Symbol.asyncDispose]: place[Symbol.asyncDispose],
  };
}

const damages: Record<string, (path: string) => Promise<void>> = {
  'cut off': (path) => truncate(path, 3),
  falsified: async (path) => writeFile(path, Buffer.alloc((await stat(path)).size, '{')),
  removed: (path) => rm(path),
};

describe.each(Object.entries(damages))('what was %s in a store', (_, damage) => {
  test('is whole after the next build, whatever it was', async () => {
    await using store = await openStore();
    const digest = await store.build();
    const names = await readdir(store.blobs);
    expect(names.length).toBeGreaterThanOrEqual(12);
    for (const name of names) {
      await damage(join(store.blobs, name));
      expect(await store.build()).toBe(digest);
      expect((await verifyRelease(store.repository, digest)).problems).toEqual([]);
    }
    for (const name of names) await damage(join(store.blobs, name));
    expect(await store.build()).toBe(digest);
    expect((await verifyRelease(store.repository, digest)).problems).toEqual([]);
  });
});

test('a build that changes nothing writes nothing', async () => {
  await using store = await openStore();
  await store.build();
  const inodes = async () =>
    Promise.all(
      ['index.json', ...(await readdir(store.blobs)).map((name) => join('blobs', 'sha256', name))].map(
        async (name) => [name, (await stat(join(store.path, name))).ino] as const,
      ),
    );
  const before = await inodes();
  await store.build();
  expect(await inodes()).toEqual(before);
});

test('a prune leaves the image that a build has found whole', async () => {
  await using store = await openStore();
  const image = await store.write();
  await age(store.path);
  expect(await store.write()).toBe(image);
  const parts = await readdir(store.blobs);
  await store.repository.prune(() => false);
  expect(await readdir(store.blobs)).toEqual(parts);
  const release = sealRelease(contentOf({ [content.key]: image }), source('a'));
  await store.registry.put(release, { at });
  expect((await verifyRelease(store.repository, release.digest)).problems).toEqual([]);
});
