import { constants } from 'node:fs';
import { readdir, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../../pipeline/mod.ts';
import { slashes } from '../../bundle/esbuild.ts';
import type { LayerFile } from './layer-file.ts';
import { notRegular } from './read-content.ts';

/**
 * All files and links below a directory. Whoever may execute a file, everybody may in the image.
 * @throws UserError FL2306 with all that is neither a file, a directory nor a link
 */
export async function readTree(directory: string): Promise<LayerFile[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const odd = entries.filter((entry) => !entry.isFile() && !entry.isDirectory() && !entry.isSymbolicLink());
  const pathOf = (entry: (typeof entries)[number]) =>
    slashes(join(entry.parentPath, entry.name).slice(join(directory, '/').length));
  if (odd.length > 0) throw new UserError(odd.map((entry) => notRegular(pathOf(entry))));
  const found = entries.map(async (entry): Promise<LayerFile[]> => {
    const [path, file] = [pathOf(entry), join(entry.parentPath, entry.name)];
    if (entry.isDirectory()) return [];
    if (entry.isSymbolicLink()) return [{ path, link: slashes(await readlink(file)) }];
    const { mode, size } = await stat(file);
    const executable = (mode & (constants.S_IXUSR | constants.S_IXGRP | constants.S_IXOTH)) !== 0;
    return [{ path, mode: executable ? 0o755 : 0o644, content: { file, size } }];
  });
  return (await Promise.all(found)).flat();
}
