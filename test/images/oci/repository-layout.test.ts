import { execFile, spawnSync } from 'node:child_process';
import { type FileHandle, open, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { mediaTypes } from '../../../images/oci/descriptor.ts';
import { copy, type Layout, openLayout } from '../../../images/oci/repository/mod.ts';
import type { Digest } from '../../../pipeline/mod.ts';
import { directory } from '../sample.ts';
import { artifact, type Blob, blob, codeOf, image, index, push, randomBlob, read, write } from './content.ts';

const module = (path: string) => JSON.stringify(join(import.meta.dirname, path));
const imports = `
  import { openLayout } from ${module('../../../images/oci/repository/mod.ts')};
  import { artifact, blob, image, push } from ${module('content.ts')};`;

const node = (script: string) =>
  promisify(execFile)(process.execPath, ['--input-type=module', '-e', imports + script], {
    cwd: join(import.meta.dirname, '../../..'),
  });

const fileOf = (root: string, digest: Digest) => join(root, 'blobs', 'sha256', digest.slice(7));

test('what is on disk is an OCI image layout', async () => {
  await using root = await directory();
  const layout = openLayout(root.path);
  const { manifest, blobs } = image([randomBlob(10)]);
  await push(layout, { manifest, blobs }, 'v1');
  expect(JSON.parse(await readFile(join(root.path, 'oci-layout'), 'utf8'))).toEqual({ imageLayoutVersion: '1.0.0' });
  expect(JSON.parse(await readFile(join(root.path, 'index.json'), 'utf8'))).toEqual({
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [{ ...manifest.descriptor, annotations: { 'org.opencontainers.image.ref.name': 'v1' } }],
  });
  const names = [manifest, ...blobs].map(({ descriptor }) => descriptor.digest.slice(7));
  expect((await readdir(join(root.path, 'blobs', 'sha256'))).sort()).toEqual(names.sort());
  expect(await readdir(join(root.path, '.drafts'))).toEqual([]);
});

/** Tells of each file that the disk is waited for, by its number, before it is. */
async function spyOnDisk(tell: (ino: number) => Promise<void>) {
  const handle = await open(import.meta.filename);
  const prototype: FileHandle = Object.getPrototypeOf(handle);
  await handle.close();
  const { datasync } = prototype;
  prototype.datasync = async function (this: FileHandle) {
    await tell((await this.stat()).ino);
    await datasync.call(this);
  };
  return {
    [Symbol.dispose]() {
      prototype.datasync = datasync;
    },
  };
}

test('the disk has what a tag names before it has the tag, and is waited for once', async () => {
  await using root = await directory();
  const layout = openLayout(root.path);
  const inodeOf = async (...path: string[]) => (await stat(join(root.path, ...path))).ino;
  const waits: { ino: number; tags: string[] }[] = [];
  using _ = await spyOnDisk(async (ino) => void waits.push({ ino, tags: await layout.tags() }));
  const one = image([randomBlob(10), randomBlob(100_000)]);
  const all = index([one.manifest]);
  for (const part of one.blobs) await write(layout, part);
  await layout.putManifests([one.manifest, all]);
  expect(waits).toEqual([{ ino: await inodeOf('index.json'), tags: [] }]);

  waits.length = 0;
  await layout.tag(all.descriptor.digest, 'v1');
  const names = await readdir(join(root.path, 'blobs', 'sha256'));
  const blobs = await Promise.all(names.map((name) => inodeOf('blobs', 'sha256', name)));
  expect(waits.slice(0, -1).map(({ ino }) => ino)).toEqual(expect.arrayContaining(blobs));
  expect(waits).toHaveLength(blobs.length + 1);
  expect(waits.at(-1)).toEqual({ ino: await inodeOf('index.json'), tags: [] });

  waits.length = 0;
  await layout.tag(all.descriptor.digest, 'v2');
  expect(waits).toHaveLength(1);
  await layout.tag(all.descriptor.digest, 'v2');
  expect(waits).toHaveLength(1);
});

test('what other tools wrote into the index stays', async () => {
  await using root = await directory();
  const layout = openLayout(root.path);
  const one = image([randomBlob(10)]);
  await push(layout, one, 'v1');
  const path = join(root.path, 'index.json');
  const value = JSON.parse(await readFile(path, 'utf8'));
  value.manifests[0].annotations['other.tool/note'] = 'kept';
  value.manifests[0].platform = { os: 'linux', architecture: 'arm64' };
  await writeFile(path, JSON.stringify(value));
  await layout.tag(one.manifest.descriptor.digest, 'v2');
  expect(JSON.parse(await readFile(path, 'utf8')).manifests[0]).toEqual(value.manifests[0]);
});

test('an index has the place of its images, and a manifest without a tag its own', async () => {
  await using root = await directory();
  const layout = openLayout(root.path);
  const images = [image([randomBlob(10)]), image([randomBlob(11)])];
  for (const one of images) await push(layout, one);
  const entries = async () =>
    JSON.parse(await readFile(join(root.path, 'index.json'), 'utf8')).manifests.map(
      ({ digest }: { digest: string }) => digest,
    );
  expect(await entries()).toEqual(images.map(({ manifest }) => manifest.descriptor.digest));
  const all = index(images.map(({ manifest }) => manifest));
  await layout.putManifest(all.bytes, mediaTypes.index, 'v1');
  expect(await entries()).toEqual([all.descriptor.digest]);
});

test('many processes write one layout, and all that they wrote is there', async () => {
  await using root = await directory();
  const subject = image([blob('base')]);
  await push(openLayout(root.path), subject, 'base');
  const script = (nth: number) => `
    const layout = openLayout(${JSON.stringify(root.path)});
    const subject = image([blob('base')]);
    await Promise.all(Array.from({ length: 5 }, async (_, index) => {
      await push(layout, image([blob('shared'.repeat(50_000)), blob('${nth}-' + index)]), 'p${nth}-' + index);
      await push(layout, artifact('a/note', subject.manifest, '${nth}-' + index));
    }));`;
  await Promise.all([0, 1, 2, 3].map((nth) => node(script(nth))));
  const layout = openLayout(root.path);
  expect(await layout.tags()).toHaveLength(1 + 4 * 5);
  expect(await layout.referrers(subject.manifest.descriptor.digest)).toHaveLength(4 * 5);
  expect(await readdir(join(root.path, '.drafts'))).toEqual([]);
});

test('a writer that is killed at any moment blocks nobody, and leaves nothing under a name', async () => {
  await using root = await directory();
  const layout = openLayout(root.path);
  for (let delay = 0; delay < 6; delay += 1) {
    const script = `
      const layout = openLayout(${JSON.stringify(root.path)});
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${delay * 15});
      for (let nth = 0; ; nth += 1) await push(layout, image([blob(('x' + nth).repeat(100_000))]), 'v' + nth);`;
    await expect(node(script)).rejects.toMatchObject({ signal: 'SIGKILL' });
    for (const name of await namesIn(join(root.path, 'blobs', 'sha256')))
      expect(blob(await readFile(join(root.path, 'blobs', 'sha256', name))).descriptor.digest).toBe(`sha256:${name}`);
    await push(layout, image([blob('after')]), 'after');
  }
  for (const tag of await layout.tags()) expect(await layout.manifest(tag)).toBeDefined();
});

async function namesIn(path: string): Promise<string[]> {
  return readdir(path).catch(() => []);
}

const mounts = spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs none /mnt']).status === 0;

(mounts ? test : test.skip)('a full disk leaves what is whole, and nothing else', async () => {
  await using root = await directory();
  const script = `${imports}
    const layout = openLayout(${JSON.stringify(root.path)});
    await push(layout, image([blob('small')]), 'v1');
    const error = await push(layout, image([blob('x'.repeat(3_000_000))]), 'v2').catch((error) => error);
    const { readdirSync } = await import('node:fs');
    console.log(JSON.stringify({
      code: error.diagnostics?.[0].code ?? String(error),
      tags: await layout.tags(),
      drafts: readdirSync(${JSON.stringify(join(root.path, '.drafts'))}),
      there: await layout.manifest('v1') !== undefined,
    }));`;
  const shell = `mount -t tmpfs -o size=1m none '${root.path}' && exec '${process.execPath}' --input-type=module -e "$0"`;
  const { stdout } = await promisify(execFile)('unshare', ['-rm', 'sh', '-c', shell, script], {
    cwd: join(import.meta.dirname, '../../..'),
  });
  expect(JSON.parse(stdout)).toEqual({ code: 'FL2212', tags: ['v1'], drafts: [], there: true });
});

test('a place that cannot be used is the error of the user', async () => {
  await using root = await directory({ file: '' });
  const layout = openLayout(join(root.path, 'file', 'layout'));
  const one = randomBlob(10);
  expect(await codeOf(write(layout, one))).toBe('FL2212');
  expect(await layout.hasBlob(one.descriptor.digest)).toBe(false);
});

test.each<[string, string, string]>([
  ['oci-layout', '{"imageLayoutVersion":"2.0.0"}', 'FL2213'],
  ['oci-layout', 'null', 'FL2213'],
  ['index.json', '', 'FL2213'],
  ['index.json', '{"schemaVersion":2}', 'FL2213'],
  ['index.json', '{"schemaVersion":2,"manifests":[{"digest":"../../etc/passwd","size":1,"mediaType":"x"}]}', 'FL2213'],
])('%s with %s is no layout', async (name, text, code) => {
  await using root = await directory();
  const layout = openLayout(root.path);
  await push(layout, image([randomBlob(10)]), 'v1');
  await writeFile(join(root.path, name), text);
  expect(await codeOf(layout.tags())).toBe(code);
  expect(await codeOf(push(layout, image([randomBlob(10)]), 'v2'))).toBe(code);
  expect(await readFile(join(root.path, name), 'utf8')).toBe(text);
});

test('what is damaged or lost on disk is never taken for what it was, and half a blob is mended', async () => {
  await using root = await directory();
  const layout = openLayout(root.path);
  const layer = randomBlob(1000);
  const one = image([layer]);
  const digest = await push(layout, one, 'v1');
  await writeFile(fileOf(root.path, layer.descriptor.digest), Buffer.alloc(1000));
  expect(await codeOf(read(layout, layer.descriptor))).toBe('FL2204');
  await writeFile(fileOf(root.path, layer.descriptor.digest), 'half');
  await write(layout, layer);
  expect((await read(layout, layer.descriptor)).equals(layer.bytes)).toBe(true);
  await writeFile(fileOf(root.path, digest), one.manifest.bytes.subarray(1));
  expect(await codeOf(layout.manifest('v1'))).toBe('FL2204');
  await rm(fileOf(root.path, digest));
  expect(await codeOf(layout.manifest('v1'))).toBe('FL2204');
  await push(layout, one, 'v1');
  expect(await layout.manifest('v1')).toBeDefined();
});

const damages: Record<string, (path: string) => Promise<void>> = {
  'cut off': (path) => truncate(path, 3),
  falsified: async (path) => writeFile(path, Buffer.alloc((await stat(path)).size, '{')),
  removed: (path) => rm(path),
};

describe.each(Object.entries(damages))('what was %s on disk', (_, damage) => {
  test('is whole when it was pushed again', async () => {
    await using root = await directory();
    const layout = openLayout(root.path);
    const one = image([randomBlob(1000), randomBlob(2_000_000)]);
    const note = artifact('a/note', one.manifest, 'about it');
    const pushAll = async () => {
      await push(layout, one, 'v1');
      await push(layout, note);
    };
    await pushAll();
    const before = await readdir(join(root.path, 'blobs', 'sha256'));
    for (const name of before) {
      await damage(join(root.path, 'blobs', 'sha256', name));
      await pushAll();
      for (const { descriptor } of [one.manifest, note.manifest, ...one.blobs, ...note.blobs])
        expect(await layout.isIntact(descriptor)).toBe(true);
      expect(await layout.referrers(one.manifest.descriptor.digest)).toMatchObject([note.manifest.descriptor]);
    }
    expect(await readdir(join(root.path, 'blobs', 'sha256'))).toEqual(before);
  });

  test('is no referrer any more when the next one comes', async () => {
    await using root = await directory();
    const layout = openLayout(root.path);
    const one = image([randomBlob(10)]);
    const [lost, other, next] = ['lost', 'other', 'next'].map((text) => artifact('a/note', one.manifest, text));
    await push(layout, one, 'v1');
    for (const note of [lost!, other!]) await push(layout, note);
    await damage(fileOf(root.path, lost!.manifest.descriptor.digest));
    await push(layout, next!);
    expect(await layout.referrers(one.manifest.descriptor.digest)).toMatchObject([
      other!.manifest.descriptor,
      next!.manifest.descriptor,
    ]);
  });

  test('is whole when it was copied again to mend it', async () => {
    await using root = await directory();
    const [from, to] = [openLayout(join(root.path, 'from')), openLayout(join(root.path, 'to'))];
    const one = image([randomBlob(1000)]);
    const all = index([one.manifest]);
    await push(from, one);
    await from.putManifest(all.bytes, mediaTypes.index);
    const { digest } = all.descriptor;
    await copy(from, to, digest);
    for (const { descriptor } of [all, one.manifest, ...one.blobs]) {
      await damage(fileOf(to.place, descriptor.digest));
      await copy(from, to, digest, { mend: true });
      expect(await to.isIntact(descriptor)).toBe(true);
    }
  });

  test('is not taken over by another layout', async () => {
    await using root = await directory();
    const [from, to] = [openLayout(join(root.path, 'from')), openLayout(join(root.path, 'to'))];
    const layer = randomBlob(1000);
    const { digest } = layer.descriptor;
    const whole = await push(from, image([layer]), 'v1');
    await damage(fileOf(from.place, digest));
    expect(['FL2203', 'FL2204']).toContain(await codeOf(copy(from, to, whole)));
    expect([await to.hasBlob(digest), await to.manifest(whole)]).toEqual([false, undefined]);
    expect(await readdir(join(to.place, '.drafts'))).toEqual([]);
  });
});

test('what another layout had for long is new where it is taken over', async () => {
  await using root = await directory();
  const [from, to] = [openLayout(join(root.path, 'from')), openLayout(join(root.path, 'to'))];
  const one = randomBlob(1000);
  const { digest } = one.descriptor;
  await write(from, one);
  await age(from.place);
  const states: string[] = [];
  await push(from, image([one]), 'v1');
  await age(from.place);
  await copy(from, to, (await from.manifest('v1'))!.descriptor.digest, {
    onProgress: ({ state }) => states.push(state),
  });
  expect(states).toContain('mounted');
  const [there, here] = [await stat(fileOf(from.place, digest)), await stat(fileOf(to.place, digest))];
  expect(Date.now() - here.mtimeMs).toBeLessThan(3_600_000);
  expect(here.ino).not.toBe(there.ino);
});

/** As if all of it had been written a day ago. */
async function age(root: string, ...spared: Digest[]): Promise<void> {
  const yesterday = new Date(Date.now() - 86_400_000);
  for (const folder of ['blobs/sha256', '.drafts'])
    for (const name of await readdir(join(root, folder)))
      if (!spared.includes(`sha256:${name}`)) await utimes(join(root, folder, name), yesterday, yesterday);
}

async function holds(layout: Layout, parts: Blob[]): Promise<boolean[]> {
  return Promise.all(parts.map(({ descriptor }) => layout.hasBlob(descriptor.digest)));
}

test('prune keeps what is kept with all that belongs to it, and what is new', async () => {
  await using root = await directory();
  const layout = openLayout(root.path);
  const shared = randomBlob(100);
  const [kept, gone] = [image([shared, randomBlob(10)]), image([shared, randomBlob(11)])];
  const all = index([kept.manifest]);
  await push(layout, kept);
  await layout.putManifest(all.bytes, mediaTypes.index, 'keep');
  const [sbom, lost] = [artifact('a/sbom', kept.manifest, 'one'), artifact('a/sbom', gone.manifest, 'two')];
  await push(layout, gone, 'old');
  await push(layout, sbom);
  await push(layout, lost);
  const stray = randomBlob(12);
  const fresh = randomBlob(13);
  for (const one of [stray, fresh]) await write(layout, one);
  await writeFile(join(root.path, '.drafts', 'remains'), 'of a crash');

  const keep = ({ tag }: { tag?: string }) => tag === 'keep';
  // What is new has no need of its tag to stay.
  expect((await layout.prune(keep, { dryRun: true })).blobs).toEqual([]);
  await age(root.path, fresh.descriptor.digest);
  const before = await readdir(root.path, { recursive: true });
  const foreseen = await layout.prune(keep, { dryRun: true });
  expect(await readdir(root.path, { recursive: true })).toEqual(before);
  expect(await layout.tags()).toEqual(['keep', 'old']);
  const pruned = await layout.prune(keep);
  expect(pruned).toEqual(foreseen);
  expect(pruned.manifests).toEqual([gone.manifest.descriptor.digest]);
  expect(await readdir(join(root.path, '.drafts'))).toEqual([]);
  expect(await layout.tags()).toEqual(['keep']);
  expect(await layout.referrers(kept.manifest.descriptor.digest)).toHaveLength(1);
  expect(await layout.referrers(gone.manifest.descriptor.digest)).toEqual([]);
  expect(
    new Set(await holds(layout, [all, kept.manifest, ...kept.blobs, sbom.manifest, ...sbom.blobs, fresh])),
  ).toEqual(new Set([true]));
  const [, ...layers] = gone.blobs;
  const dropped = [gone.manifest, layers[1]!, lost.manifest, lost.blobs[1]!, stray];
  expect(new Set(await holds(layout, dropped))).toEqual(new Set([false]));
  expect(pruned.blobs).toEqual(expect.arrayContaining(dropped.map(({ descriptor }) => descriptor.digest)));
  expect(pruned.bytes).toBeGreaterThan(dropped.reduce((sum, { bytes }) => sum + bytes.length, 0));
});

test('what has just been written keeps all that it names, though that is old and nothing else needs it', async () => {
  await using root = await directory();
  const layout = openLayout(root.path);
  const one = image([randomBlob(10)]);
  await push(layout, one, 'old');
  await age(root.path, one.manifest.descriptor.digest);
  expect(await layout.prune(() => false)).toEqual({
    manifests: [one.manifest.descriptor.digest],
    blobs: [],
    bytes: 0,
  });
  expect(await holds(layout, [one.manifest, ...one.blobs])).not.toContain(false);
});

test('prune of nothing makes nothing', async () => {
  await using root = await directory();
  expect(await openLayout(join(root.path, 'none')).prune(() => true)).toEqual({ manifests: [], blobs: [], bytes: 0 });
  expect(await readdir(root.path)).toEqual([]);
});
