import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { LayerMaker } from '../../images/layer-maker.ts';
import { layout } from './release/support/releases.ts';

const files = [{ path: 'main.mjs', content: Buffer.from('main') }];

test('what a tar became counts only for the compressor that made it', async () => {
  await using store = await layout();
  const cache = join(store.path, 'cache');
  const { diffId } = await new LayerMaker({ repository: store.repository, cache, allowed: [] }).make(files);
  const kit = resolve(import.meta.dirname, '../..');
  const { version } = JSON.parse(await readFile(join(kit, 'node_modules/fflate/package.json'), 'utf8'));
  expect(await readdir(cache, { recursive: true })).toEqual(
    expect.arrayContaining([join('layers', `fflate-${version}-level-4`, diffId.replace(':', '-'))]),
  );
});

const large = [{ path: 'data.bin', content: randomBytes(300_000) }];

/** A maker of layers that tells of each that it stores: the drafts at that time, and whether its bytes are in memory. */
function observed({ repository, path }: Awaited<ReturnType<typeof layout>>, error?: Error) {
  const drafts = () => readdir(join(path, '.drafts'), { recursive: true });
  const stored: { drafts: number; inMemory: boolean }[] = [];
  const maker = new LayerMaker({
    repository: {
      isIntact: (content) => repository.isIntact(content),
      withScratch: (work) => repository.withScratch(work),
      async writeBlob(content, open) {
        const opened = open();
        stored.push({ drafts: (await drafts()).length, inMemory: opened instanceof Uint8Array });
        if (error) throw error;
        await repository.writeBlob(content, () => opened);
      },
    },
    inMemory: 200_000,
    allowed: [],
  });
  return { maker, stored, drafts };
}

test('large files are compressed into a file, which goes', async () => {
  await using store = await layout();
  await store.repository.withScratch(async () => {});
  const { maker, stored, drafts } = observed(store);
  const small = await maker.make(files);
  const { descriptor } = await maker.make(large);
  // A directory and a file in it.
  expect(stored).toEqual([
    { drafts: 0, inMemory: true },
    { drafts: 2, inMemory: false },
  ]);
  expect(await drafts()).toEqual([]);
  expect(await store.repository.isIntact(descriptor)).toBe(true);
  expect(small).not.toHaveProperty('content');
  const inMemory = new LayerMaker({ repository: store.repository, allowed: [] });
  expect((await inMemory.make(large)).descriptor).toEqual(descriptor);
});

test('the file goes when the layer cannot be stored or made', async () => {
  await using store = await layout();
  const { maker, stored, drafts } = observed(store, new Error('no room'));
  await expect(maker.make(large)).rejects.toThrow('no room');
  await expect(maker.make([...large, { ...large[0]!, path: '.env' }])).rejects.toThrow('FL2305');
  expect(stored).toEqual([{ drafts: 2, inMemory: false }]);
  expect(await drafts()).toEqual([]);
});

test('a prune removes what a crash left of it', async () => {
  await using store = await layout();
  const left = join(store.path, '.drafts', 'scratch-left');
  await store.repository.withScratch(() => mkdir(left));
  await writeFile(join(left, 'draft'), 'half a layer');
  const yesterday = new Date(Date.now() - 86_400_000);
  await utimes(left, yesterday, yesterday);
  await store.repository.prune(() => true);
  expect(await readdir(join(store.path, '.drafts'))).toEqual([]);
});
