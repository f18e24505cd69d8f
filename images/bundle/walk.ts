import type { Dirent, Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Diagnostic, UserError } from '../../pipeline/mod.ts';
import { isMissing } from '../files.ts';
import { notRegular, refusal } from '../oci/image/read-content.ts';
import { slashes } from './esbuild.ts';

/** A file that was found, and where it is after all links: an absolute path. */
export interface FoundFile {
  /** As it was reached, relative to the directory that the walk was for; a link counts as what it leads to. */
  source: string;
  file: string;
}

/** What may be taken from where. */
export interface Bounds {
  /** No link leads out of it. A directory without symbolic links in its path. */
  root: string;
  /** What cannot be done with what a bad link stands for, as a sentence goes on after its path. */
  failing: string;
  /** Whether what lies in a directory under this name is left out without a word. */
  isSkipped: (directory: string, name: string) => boolean;
  /** Whether no link leads to what has this name, nor below. */
  isBarred: (name: string) => boolean;
}

/** Files by source, and everything that is in the way of taking the rest. */
export interface Walked {
  files: FoundFile[];
  problems: Diagnostic[];
}

/**
 * All files from a file or directory on, relative to the root; `''` is the root itself. Of problems there are FL2010 for links, FL2306 for
 * what is no file, and FL2307 for what may not be read.
 */
export async function walk(bounds: Bounds, source: string): Promise<Walked> {
  const walked: Walked = { files: [], problems: [] };
  await new Walker(bounds, walked).enter(source, []);
  return walked;
}

type Entry = Pick<Dirent | Stats, 'isFile' | 'isDirectory'>;

class Walker {
  readonly #bounds: Bounds;
  readonly #walked: Walked;

  constructor(bounds: Bounds, walked: Walked) {
    this.#bounds = bounds;
    this.#walked = walked;
  }

  /** By whatever path, links too. @param above the directories that lead here, after all links: one of them again would never end */
  async enter(source: string, above: readonly string[]): Promise<void> {
    const { root } = this.#bounds;
    const place = join(root, source);
    const target = await this.#asked(source, () => realpath(place).catch(unlessMissing));
    if (target === 'refused') return;
    if (target === undefined) return this.#bad(source, 'leads to nothing');
    if (!isWithin(target, root)) return this.#bad(source, "leads out of the application's directory");
    if (target !== place && this.#isBarred(target)) return this.#bad(source, 'leads to what is left out');
    const entry = await this.#asked(source, () => stat(target));
    if (entry !== 'refused') await this.#visit({ source, file: target }, entry, above);
  }

  async #visit(found: FoundFile, entry: Entry, above: readonly string[]): Promise<void> {
    if (entry.isFile()) this.#walked.files.push(found);
    else if (entry.isDirectory()) await this.#list(found, above);
    else this.#walked.problems.push(notRegular(found.source));
  }

  async #list({ source, file }: FoundFile, above: readonly string[]): Promise<void> {
    if (above.includes(file)) return this.#bad(source, 'leads back to a directory that it is in');
    const entries = await this.#asked(source, () => readdir(file, { withFileTypes: true }));
    if (entries === 'refused') return;
    const here = [...above, file];
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (this.#bounds.isSkipped(file, entry.name)) continue;
      const below = source === '' ? entry.name : `${source}/${entry.name}`;
      if (entry.isSymbolicLink()) await this.enter(below, here);
      else await this.#visit({ source: below, file: join(file, entry.name) }, entry, here);
    }
  }

  /** A link is no way around what is left out. */
  #isBarred(target: string): boolean {
    return slashes(relative(this.#bounds.root, target)).split('/').some(this.#bounds.isBarred);
  }

  /** What the system says, unless it refuses to. */
  async #asked<T>(source: string, ask: () => Promise<T>): Promise<T | 'refused'> {
    try {
      return await ask();
    } catch (error) {
      const refused = refusal(source, error);
      if (!(refused instanceof UserError)) throw error;
      this.#walked.problems.push(...refused.diagnostics);
      return 'refused';
    }
  }

  #bad(source: string, why: string): void {
    this.#walked.problems.push({
      code: 'FL2010',
      severity: 'error',
      message: `${JSON.stringify(source)} ${this.#bounds.failing}: the link ${why}`,
      help: 'Replace the link by what it stands for, or remove it.',
    });
  }
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || slashes(path).startsWith(`${slashes(directory).replace(/\/$/, '')}/`);
}

function unlessMissing(error: unknown): undefined {
  if (isMissing(error) || (error as NodeJS.ErrnoException).code === 'ELOOP') return undefined;
  throw error;
}
