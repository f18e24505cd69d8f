import { lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createTwoFilesPatch } from 'diff';
import { setupError } from '../setup-error.ts';

/** What becomes of a file. */
export interface FileChange {
  /** Relative to the repository. */
  file: string;
  /** `changed`: it is there and somebody made it another one. */
  state: 'new' | 'changed' | 'current';
  text: string;
  /** Of a changed one, as `diff -u` writes it. */
  diff?: string;
}

/** Compares what should be there with what is. @param read undefined for a file that is not there */
export function compareFiles(
  wanted: Readonly<Record<string, string>>,
  read: (file: string) => string | undefined,
): FileChange[] {
  return Object.entries(wanted).map(([file, text]) => {
    const before = read(file)?.replaceAll('\r\n', '\n');
    if (before === undefined) return { file, state: 'new', text };
    if (before === text) return { file, state: 'current', text };
    const patch = createTwoFilesPatch(file, file, before, text, 'as it is', 'as it would be');
    return { file, state: 'changed', text, diff: patch.slice(patch.indexOf('--- ')).trimEnd() };
  });
}

/**
 * Writes what is not current.
 * @throws UserError FL6312 before anything is written when a link leads a file to somewhere else
 */
export function writeFiles(root: string, changes: readonly FileChange[]): void {
  const outdated = changes.filter(({ state }) => state !== 'current');
  for (const { file } of outdated) refuseLinks(root, file);
  for (const { file, text } of outdated) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
}

/** What somebody else has committed must not lead to files of who runs this. */
function refuseLinks(root: string, file: string): void {
  for (let path = file; path !== '.'; path = dirname(path)) {
    if (!lstatSync(join(root, path), { throwIfNoEntry: false })?.isSymbolicLink()) continue;
    throw setupError(
      'FL6312',
      `${path} is a link, and ${file} would be written to where it leads`,
      'Put a directory or a file in its place, and run the command again. Nothing was written.',
    );
  }
}
