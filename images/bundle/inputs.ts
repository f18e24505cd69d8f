import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest, Graph } from '../../pipeline/mod.ts';
import { isMissing } from '../files.ts';
import { digestOf } from '../oci/descriptor.ts';
import { lockfiles } from '../oci/image/mod.ts';

/** The files that decide what is built, besides those that are bundled. */
const settings = ['package.json', 'encore.app', 'tsconfig.json', ...lockfiles];

/**
 * SHA-256 of every file of the application that goes into a build, by its path; those that are not there are left out.
 * @param files what is read besides settings and migrations, relative to the root
 * @param read the hashes of further files, in hex, for those that have been read already
 */
export async function hashInputs(
  root: string,
  graph: Graph,
  files: readonly string[],
  read: ReadonlyMap<string, string> = new Map(),
): Promise<Record<string, Digest>> {
  const migrations = graph.databases.flatMap((database) => database.migrations?.files.map(({ file }) => file) ?? []);
  const hashes = [...new Set([...settings, ...migrations, ...files, ...read.keys()])].sort().map(async (path) => {
    const known = read.get(path);
    const digest = known === undefined ? await digestOfFile(join(root, path)) : (`sha256:${known}` as const);
    return digest === undefined ? [] : [[path, digest] as const];
  });
  return Object.fromEntries((await Promise.all(hashes)).flat());
}

async function digestOfFile(path: string): Promise<Digest | undefined> {
  try {
    return digestOf(await readFile(path));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
