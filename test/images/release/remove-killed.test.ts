import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { tryParseManifest } from '../../../images/oci/repository/content.ts';
import { createReleaseRegistry, sealRelease } from '../../../images/release/mod.ts';
import { verifyRelease } from '../../../images/release/verify.ts';
import type { Digest } from '../../../pipeline/mod.ts';
import { age, contentOf, layout, pushImage, source } from './support/releases.ts';

const [yesterday, now] = [new Date('2026-03-03T12:00:00Z'), new Date('2026-03-04T12:00:00Z')];
const images = resolve(import.meta.dirname, '../../../images');

/** Removes in a process of its own, which kills itself when it has removed so many files. */
async function removeAndDie(directory: string, gone: readonly Digest[], files: number): Promise<void> {
  const script = `
    import fs from 'node:fs/promises';
    import { syncBuiltinESMExports } from 'node:module';
    const rm = fs.rm;
    let removed = 0;
    fs.rm = (...args) => removed++ < ${files} ? rm(...args) : process.kill(process.pid, 'SIGKILL');
    syncBuiltinESMExports();
    const { openLayout } = await import(${JSON.stringify(join(images, 'oci/repository/mod.ts'))});
    const { createReleaseRegistry } = await import(${JSON.stringify(join(images, 'release/mod.ts'))});
    const registry = createReleaseRegistry(openLayout(${JSON.stringify(directory)}));
    await registry.remove(${JSON.stringify(gone)}, { now: new Date(${now.getTime()}), dryRun: false });`;
  const { NODE_OPTIONS: _, ...env } = process.env;
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script];
  await expect(promisify(execFile)(process.execPath, args, { env })).rejects.toMatchObject({ signal: 'SIGKILL' });
}

/** What manifests on the disk name and is not there. */
async function holes(directory: string): Promise<string[]> {
  const blobs = join(directory, 'blobs', 'sha256');
  const names = await readdir(blobs);
  const all = new Set(names.map((name) => `sha256:${name}`));
  const named = await Promise.all(
    names.map(async (name) => {
      const parts = tryParseManifest(await readFile(join(blobs, name)));
      return [...(parts?.blobs ?? []), ...(parts?.manifests ?? [])].map(({ digest }) => digest);
    }),
  );
  return named.flat().filter((digest) => !all.has(digest));
}

test('a removal that is killed at any moment leaves every manifest whole, and the next one ends it', async () => {
  await using place = await layout();
  const { repository } = place;
  const registry = createReleaseRegistry(repository);
  const all = [];
  for (let count = 0; count < 6; count += 1) {
    const own = { 'all-in-one/app': await pushImage(repository, `${count}`) };
    const release = sealRelease(contentOf(own, { tool: `${count}` }), source('a'));
    await registry.put(release, { environment: 'production', at: yesterday });
    all.push(release);
  }
  await age(place.path);
  const [stays, ...others] = all;
  const gone = others.map(({ digest }) => digest);
  const blobs = () => readdir(join(place.path, 'blobs', 'sha256'));
  const before = (await blobs()).length;
  let left = before;
  for (const files of [0, 1, 7, 30]) {
    await removeAndDie(place.path, gone, files);
    left -= files;
    expect(await blobs()).toHaveLength(left);
    expect(await holes(place.path)).toEqual([]);
    for (const { digest } of await registry.list())
      expect((await verifyRelease(repository, digest)).problems).toEqual([]);
  }
  await registry.remove(gone, { now, dryRun: false });
  expect(await registry.list()).toMatchObject([{ digest: stays!.digest }]);
  expect((await verifyRelease(repository, stays!.digest)).problems).toEqual([]);
  expect((await blobs()).length).toBeLessThan(before / 3);
  expect((await registry.remove(gone, { now, dryRun: false })).bytes).toBe(0);
}, 30_000);
