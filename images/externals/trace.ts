import { parse, resolve, sep } from 'node:path';
import { nodeFileTrace } from '@vercel/nft';
import { packageDirectoryOf } from './location.ts';
import type { Installed } from './manifest.ts';
import { conditions } from './resolve.ts';

export interface TraceOptions {
  /** The files that are loaded first. */
  entries: Iterable<string>;
  /** Whether files of this package may be carried, by its directory. */
  allows: (directory: string) => boolean;
  installed: Installed;
  cache: TraceCache;
}

/** What is known of files, for as long as none of them changes. */
export type TraceCache = Record<string, unknown>;

/** All files that may be read when the entries are loaded, and the links that lead to them, as absolute paths. */
export async function trace({ entries, allows, installed, cache }: TraceOptions): Promise<Set<string>> {
  const files = [...new Set(entries)].sort();
  const base = parse(files[0] ?? sep).root;
  const { fileList } = await nodeFileTrace(files, {
    base,
    cache,
    // Nothing is there: what lies beside the application on this machine is not there where the image runs.
    processCwd: resolve(base, 'no-such-directory'),
    conditions,
    exportsOnly: true,
    ignore: (path) => !isAllowed(resolve(base, path)),
  });
  return new Set(Array.from(fileList, (path) => resolve(base, path)).filter(isAllowed));

  function isAllowed(file: string): boolean {
    const directory = packageDirectoryOf(file) ?? file;
    // A link leads to a package that is asked about for itself.
    return installed.real(directory) !== directory || allows(directory);
  }
}
