import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, digestOf, type Release, UserError } from '../pipeline/mod.ts';
import { isMissing } from './files.ts';

/** A release as it lies on disk. */
export interface StoredRelease {
  /** Rises when a former reader would misread it. */
  version: 1;
  /** Milliseconds since 1970; no two of one process are the same. */
  added: number;
  release: Release;
}

/** Releases as files named by their digests. */
export class ReleaseStore {
  readonly #directory: string;
  #latest = 0;

  constructor(directory: string) {
    this.#directory = join(directory, 'releases');
  }

  /** A release that is there already becomes the newest, with the source it was last built from. */
  async put(release: Release): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    this.#latest = Math.max(Date.now(), this.#latest + 1);
    const entry: StoredRelease = { version: 1, added: this.#latest, release };
    const draft = join(this.#directory, `.${randomUUID()}`);
    try {
      await writeFile(draft, JSON.stringify(entry));
      await rename(draft, this.#path(release.digest));
    } finally {
      await rm(draft, { force: true });
    }
  }

  /** Undefined when it is not there. */
  async get(digest: Digest): Promise<Release | undefined> {
    return (await read(this.#path(digest)))?.release;
  }

  /** Newest first. */
  async list(): Promise<StoredRelease[]> {
    const entries = await Promise.all((await this.#files()).map((name) => read(join(this.#directory, name))));
    return entries.filter((entry) => entry !== undefined).sort((a, b) => b.added - a.added);
  }

  async remove(digest: Digest): Promise<void> {
    await rm(this.#path(digest), { force: true });
  }

  async #files(): Promise<string[]> {
    try {
      return (await readdir(this.#directory)).filter((name) => name.startsWith('sha256-'));
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  #path(digest: Digest): string {
    return join(this.#directory, `${digest.replace(':', '-')}.json`);
  }
}

async function read(path: string): Promise<StoredRelease | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  const entry = parse(text) as Partial<Omit<StoredRelease, 'version'>> & { version?: number };
  if (typeof entry?.version === 'number' && entry.version > 1)
    throw new UserError({
      code: 'FL2103',
      severity: 'error',
      message: `the release at ${path} was written by a newer version of Fairlead`,
      help: 'Update Fairlead to the version that wrote it, or a later one.',
    });
  if (entry?.version !== 1 || digestOf(entry.release?.content ?? null) !== entry.release?.digest)
    throw new UserError({
      code: 'FL2102',
      severity: 'error',
      message: `the release at ${path} is damaged`,
      help: 'Remove the file, then build and deploy the release again from its sources.',
    });
  return entry as StoredRelease;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
