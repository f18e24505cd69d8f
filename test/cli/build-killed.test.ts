import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { digestOf } from '../../images/oci/descriptor.ts';
import { parseManifest } from '../../images/oci/repository/content.ts';
import { openLayout } from '../../images/oci/repository/mod.ts';
import { createReleaseRegistry } from '../../images/release/mod.ts';
import { verifyRelease } from '../../images/release/verify.ts';
import type { Digest } from '../../pipeline/mod.ts';
import { directoryWith, fairlead, start } from './fairlead.ts';
import { tinyApplication } from './tiny.ts';

const app = tinyApplication();
const [state, cache] = [directoryWith(), directoryWith()];
afterAll(() => {
  for (const { remove } of [app, state, cache]) remove();
});

const environment = (where = state) => ({ FAIRLEAD_STATE_DIR: where.path, FAIRLEAD_CACHE_DIR: cache.path });
const store = join(state.path, 'store', 'tiny');
const layout = openLayout(store);
const registry = createReleaseRegistry(layout);

/** When a build is killed: so many milliseconds after it told this of its step that writes. */
const moments = [
  ['started', 0],
  ['started', 20],
  ['done', 0],
  ['done', 8],
] as const;

async function killedBuild(status: string, delay: number): Promise<void> {
  const child = start(['build', app.path, '--json'], { env: environment() });
  const exited = once(child, 'exit');
  const told = new Promise<void>((tell) => {
    let all = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      all += text;
      if (all.includes(`"title":"Write images","status":"${status}"`)) tell();
    });
  });
  await Promise.race([told, exited]);
  await setTimeout(delay);
  child.kill('SIGKILL');
  await exited;
}

/** What lies in the store under a digest that it does not have. */
async function halfWritten(): Promise<string[]> {
  const directory = join(store, 'blobs', 'sha256');
  const names = await readdir(directory).catch(() => []);
  const wrong = names.map(async (name) => digestOf(await readFile(join(directory, name))) !== `sha256:${name}`);
  const which = await Promise.all(wrong);
  return names.filter((_, at) => which[at]);
}

/** How many manifests, blobs and tags there are, all of which have all that they name. */
async function countTagged(): Promise<number> {
  let count = 0;
  const visit = async (digest: Digest): Promise<void> => {
    const found = await layout.manifest(digest);
    expect(found).toBeDefined();
    const { manifests, blobs } = parseManifest(found!.bytes, store);
    for (const blob of blobs) expect(await layout.isIntact(blob)).toBe(true);
    for (const child of manifests) await visit(child.digest);
    count += 1 + blobs.length;
  };
  for (const digest of (await layout.tagged()).values()) await visit(digest);
  return count;
}

test('a build that is killed leaves nothing half, and the next one comes out the same', async () => {
  const elsewhere = directoryWith();
  const whole = await fairlead(['build', app.path, '--json'], { env: environment(elsewhere) });
  elsewhere.remove();
  const { release } = JSON.parse(whole.stdout) as { release: Digest };

  for (const [status, delay] of moments) {
    await killedBuild(status, delay);
    expect(await halfWritten()).toEqual([]);
    await countTagged();
    for (const { digest } of await registry.list()) expect((await verifyRelease(layout, digest)).problems).toEqual([]);
  }
  expect(await readdir(join(store, 'blobs', 'sha256'))).not.toEqual([]);
  const after = await fairlead(['build', app.path, '--json'], { env: environment() });
  expect(JSON.parse(after.stdout)).toMatchObject({ release });
  expect((await registry.list()).map(({ digest }) => digest)).toContain(release);
  expect((await verifyRelease(layout, release)).problems).toEqual([]);
  expect(await countTagged()).toBeGreaterThan(10);
});
