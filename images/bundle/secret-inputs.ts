import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Diagnostic } from '../../pipeline/mod.ts';
import { looksSecret } from '../oci/image/secrets.ts';

/**
 * The files that go into an image and look as if they held secrets: FL2305 for each.
 * @param inputs relative to the root
 * @param why they go into it, as a sentence goes on after `it is`
 * @param allowed paths that may be in it all the same; one that ends in `/` is a directory
 */
export async function secretInputs(
  root: string,
  inputs: readonly string[],
  why: 'imported' | 'a static asset' | 'read by code',
  allowed: readonly string[],
): Promise<Diagnostic[]> {
  const isAllowed = (path: string) =>
    allowed.some((entry) => (entry.endsWith('/') ? path.startsWith(entry) : path === entry));
  const judged = await Promise.all(
    inputs.map(async (path): Promise<Diagnostic[]> => {
      if (isAllowed(path) || !(await looksSecret(path, () => readFile(join(root, path), 'utf8')))) return [];
      return [
        {
          code: 'FL2305',
          severity: 'error',
          message: `${JSON.stringify(path)} cannot go into an image: it is ${why}, and looks as if it held secrets`,
          help: 'Declare a secret with secret() and read it at run time, or name the file in `build.allowSecrets` of fairlead.json when it holds none.',
          position: { file: path, line: 1, column: 1 },
        },
      ];
    }),
  );
  return judged.flat();
}
