import { createWriteStream } from 'node:fs';
import { chmod, mkdir, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Arranged, arrange } from '../oci/image/arrange.ts';
import { isLink } from '../oci/image/layer-file.ts';
import type { LayerFile } from '../oci/image/mod.ts';
import { readContent } from '../oci/image/read-content.ts';

/**
 * Writes files into a new directory as an image would have them, so that a Dockerfile can copy them: readable by all, and
 * of 1970-01-01, so that equal files are found in the builder's cache.
 * @throws UserError as `layerOf` does
 */
export async function writeContext(
  directory: string,
  files: readonly LayerFile[],
  allowed: readonly string[],
): Promise<void> {
  const entries = await arrange(files, allowed);
  await mkdir(directory, { recursive: true });
  for (const entry of entries) await writeEntry(join(directory, entry.path), entry);
  const directories = entries.filter((entry) => 'directory' in entry).map(({ path }) => join(directory, path));
  for (const path of [directory, ...directories].reverse()) {
    await chmod(path, 0o755);
    await utimes(path, 0, 0);
  }
}

async function writeEntry(path: string, entry: Arranged): Promise<void> {
  if ('directory' in entry) return mkdir(path).then(() => undefined);
  if (isLink(entry)) return symlink(entry.link, path);
  await pipeline(readContent(entry), createWriteStream(path, { flags: 'wx' }));
  await chmod(path, entry.mode ?? 0o644);
  await utimes(path, 0, 0);
}
