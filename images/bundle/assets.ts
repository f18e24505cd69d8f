import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Graph, type Process, UserError } from '../../pipeline/mod.ts';
import type { AssetIndex } from '../../runtime/wire.ts';
import type { FileHash, ImageFile } from '../files.ts';
import type { DiskFile } from '../oci/image/mod.ts';
import { readContent } from '../oci/image/read-content.ts';
import { createPool } from '../oci/repository/pool.ts';
import { type ImageRoots, imagePathOf } from './image-path.ts';
import { assetPath, assetSources } from './manifest.ts';
import { type Bounds, type FoundFile, type Walked, walk } from './walk.ts';

/** A file that goes into images as it is, as it was when it was read. */
export interface AssetFile {
  /** Where it is known: in the application, and to whoever asks for it. Relative to the root; a link counts as what it leads to. */
  source: string;
  /** Where an image has it. */
  path: string;
  content: DiskFile & { hash: string };
}

/** Files that are read at a time: a system lets a process have some hundreds open. */
const openAtOnce = 16;

/** What a version control system keeps beside the files, and what a desktop does. */
const skipped = new Set(['.git', '.hg', '.svn', '.DS_Store']);

/** Reads what goes into images as it is; each directory and each file once, however many processes have it. */
export class AssetReader {
  readonly #roots: ImageRoots;
  readonly #found = new Map<string, Promise<Walked>>();
  readonly #contents = new Map<string, Promise<AssetFile['content']>>();
  readonly #pool = createPool(openAtOnce);

  /** @param root the application's directory, without symbolic links in it */
  constructor(root: string, workspace: string = root) {
    this.#roots = { root, workspace };
  }

  /**
   * The files that a process serves, by source.
   * @throws UserError FL2010 with every link that cannot go along; FL2304, FL2306 and FL2307 for a file
   */
  async of(graph: Graph, process: Process): Promise<AssetFile[]> {
    const found = await Promise.all(assetSources(graph, process).map((source) => this.#walk(source)));
    const problems = found.flatMap((one) => one.problems);
    if (problems.length > 0) throw new UserError(problems);
    const files = found.flatMap((one) => one.files);
    return this.#read(files, assetPath);
  }

  /** The files that code reads, which images have at their own places. @throws UserError as `of` */
  async read(files: readonly FoundFile[]): Promise<AssetFile[]> {
    const { root } = this.#roots;
    return this.#read(files, (source) => imagePathOf(join(root, source), this.#roots)!);
  }

  #walk(source: string): Promise<Walked> {
    const { root } = this.#roots;
    const found = this.#found.get(source) ?? walk({ root, ...served }, source === '.' ? '' : source);
    this.#found.set(source, found);
    return found;
  }

  async #read(files: readonly FoundFile[], pathOf: (source: string) => string): Promise<AssetFile[]> {
    const distinct = [...new Map(files.map((file) => [file.source, file])).values()];
    const read = distinct.map(async (file) => {
      const { source } = file;
      return { source, path: pathOf(source), content: await this.#content(file) };
    });
    return (await Promise.all(read)).sort((a, b) => (a.source < b.source ? -1 : 1));
  }

  #content({ source, file }: FoundFile): Promise<AssetFile['content']> {
    const content = this.#contents.get(file) ?? this.#pool(() => readFile(source, file));
    this.#contents.set(file, content);
    return content;
  }
}

/** Installed packages lie beside a package.json. Elsewhere a directory of that name may be what a bundler wrote. */
const served: Omit<Bounds, 'root'> = {
  failing: 'cannot be served',
  isSkipped: (directory, name) =>
    skipped.has(name) || (name === 'node_modules' && existsSync(join(directory, 'package.json'))),
  isBarred: (name) => skipped.has(name),
};

/** `assets.json`: what the program may serve, and the entity tag of each. */
export function assetIndex(files: readonly AssetFile[]): ImageFile {
  const tags = files.map(({ path, content }) => [path, Buffer.from(content.hash, 'hex').toString('base64url')]);
  const index: AssetIndex = { version: 1, files: Object.fromEntries(tags) };
  return { path: 'assets.json', bytes: Buffer.from(`${JSON.stringify(index)}\n`) };
}

export function hashesOf(files: readonly AssetFile[]): FileHash[] {
  return files.map(({ path, content }) => ({ path, hash: content.hash }));
}

async function readFile(source: string, file: string): Promise<AssetFile['content']> {
  const { size } = await lstat(file);
  const hash = createHash('sha256');
  for await (const chunk of readContent({ path: source, content: { file, size } })) hash.update(chunk);
  return { file, size, hash: hash.digest('hex') };
}
