import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest, Release } from '../../pipeline/mod.ts';
import { digestOf } from '../oci/descriptor.ts';
import { type Layout, openLayout } from '../oci/repository/mod.ts';
import { createReleaseRegistry } from '../release/mod.ts';
import { files, renderManifest } from './manifest.ts';

/** The repository that a build for a handover writes its images into. */
export function handoverLayout(directory: string): Layout {
  return openLayout(join(directory, files.layout));
}

/**
 * Completes a handover: what one job builds and another, which runs none of the application's code, puts up. Its images are
 * in `handoverLayout(directory)` already.
 * @param root the application's directory, whose `fairlead.json` goes along
 * @returns the digest of `handover.json`, by which the other job knows all of it
 */
export async function writeHandover(
  directory: string,
  { release, root, now }: { release: Release; root: string; now: Date },
): Promise<Digest> {
  await createReleaseRegistry(handoverLayout(directory)).put(release, { at: now });
  const config = await readIfThere(join(root, files.config));
  const path = join(directory, files.config);
  if (config) await writeFile(path, config);
  else await rm(path, { force: true });
  const { application } = release.content.graph;
  const manifest = renderManifest({
    ...({ version: 1, application, release: release.digest } as const),
    ...(config && { config: digestOf(config) }),
  });
  await writeFile(join(directory, files.manifest), manifest);
  return digestOf(manifest);
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
