import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { type Digest, UserError } from '../pipeline/mod.ts';
import { digestOfFiles, type FileHash, hashOf, type ImageFile, isMissing } from './files.ts';

/** Images as directories named by their digests. An image appears under its name whole or not at all. */
export class ImageStore {
  readonly #images: string;
  readonly #drafts: string;

  constructor(directory: string) {
    this.#images = join(directory, 'images');
    this.#drafts = join(directory, 'drafts');
  }

  path(digest: Digest): string {
    return join(this.#images, digest.replace(':', '-'));
  }

  /** An image that is there and sound is left alone but for its time; a damaged one is replaced. */
  async put(files: readonly ImageFile[]): Promise<Digest> {
    const digest = digestOfFiles(files.map(({ path, bytes }) => ({ path, hash: hashOf(bytes) })));
    const target = this.path(digest);
    if ((await digestOfDirectory(target)) === digest) {
      await utimes(target, new Date(), new Date());
      return digest;
    }
    for (const { path } of files) requireInside(path);
    const draft = join(this.#drafts, randomUUID());
    for (const { path, bytes } of files) {
      await mkdir(dirname(join(draft, path)), { recursive: true });
      await writeFile(join(draft, path), bytes);
    }
    await this.#place(draft, digest);
    return digest;
  }

  async verify(digest: Digest): Promise<void> {
    const found = await digestOfDirectory(this.path(digest));
    if (found === digest) return;
    const help = 'Build and deploy the release again from its sources.';
    throw new UserError(
      found === undefined
        ? { code: 'FL2101', severity: 'error', message: `the image ${digest} is not in the store`, help }
        : { code: 'FL2102', severity: 'error', message: `the image at ${this.path(digest)} is damaged`, help },
    );
  }

  /** Removes the images that nobody needs and no one added within `grace` milliseconds, and the remains of crashes. */
  async removeAllBut(needed: ReadonlySet<Digest>, grace: number): Promise<Digest[]> {
    const old = async (path: string) => (await stat(path)).mtimeMs < Date.now() - grace;
    const removed: Digest[] = [];
    for (const name of await namesIn(this.#images)) {
      const digest = name.replace('-', ':') as Digest;
      if (needed.has(digest) || !(await old(this.path(digest)))) continue;
      await this.#discard(this.path(digest));
      removed.push(digest);
    }
    for (const name of await namesIn(this.#drafts)) {
      const draft = join(this.#drafts, name);
      if (await old(draft)) await rm(draft, { recursive: true, force: true });
    }
    return removed;
  }

  /** A directory cannot take another's place: what is in the way is sound and stays, or is damaged and goes first. */
  async #place(draft: string, digest: Digest): Promise<void> {
    const target = this.path(digest);
    await mkdir(this.#images, { recursive: true });
    try {
      await rename(draft, target);
    } catch (error) {
      const found = await digestOfDirectory(target);
      if (found === undefined) throw error;
      if (found === digest) return rm(draft, { recursive: true });
      await this.#discard(target);
      await this.#place(draft, digest);
    }
  }

  /** Moves aside first, so that half an image is never at an image's place. */
  async #discard(path: string): Promise<void> {
    const aside = join(this.#drafts, randomUUID());
    await mkdir(this.#drafts, { recursive: true });
    try {
      await rename(path, aside);
    } catch (error) {
      if (isMissing(error)) return;
      throw error;
    }
    await rm(aside, { recursive: true });
  }
}

/** The last guard, whoever made the list: an image writes nowhere but into itself. */
function requireInside(path: string): void {
  const plain = posix.normalize(path) === path && !path.includes('\\');
  if (!plain || path === '' || path === '.' || /^(\/|\.\.(\/|$))/.test(path))
    throw new Error(`an image cannot hold the file ${JSON.stringify(path)}`);
}

/** Undefined when there is no such directory. */
async function digestOfDirectory(directory: string): Promise<Digest | undefined> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory());
    return digestOfFiles(
      await Promise.all(
        files.map(async ({ parentPath, name }): Promise<FileHash> => {
          const path = join(parentPath, name);
          return { path: path.slice(directory.length + 1), hash: hashOf(await readFile(path)) };
        }),
      ),
    );
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
