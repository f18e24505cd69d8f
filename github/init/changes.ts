import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createTwoFilesPatch } from 'diff';

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

export function writeFiles(root: string, changes: readonly FileChange[]): void {
  for (const { file, state, text } of changes) {
    if (state === 'current') continue;
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
}
