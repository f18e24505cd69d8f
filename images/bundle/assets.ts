import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Diagnostic, type Graph, type Process, UserError } from '../../pipeline/mod.ts';
import type { AssetIndex } from '../../runtime/wire.ts';
import type { FileHash, ImageFile } from '../files.ts';
import { isMissing } from '../files.ts';
import type { DiskFile } from '../oci/image/mod.ts';
import { notRegular, readContent } from '../oci/image/read-content.ts';
import { createPool } from '../oci/repository/pool.ts';
import { slashes } from './esbuild.ts';
import { assetPath, assetSources } from './manifest.ts';
import { type ImageRoots, imagePathOf } from './places.ts';

/** A file that is served, as it was when it was read. */
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

/** Reads what the endpoints of an application serve; each directory once, however many processes have it. */
export class AssetReader {
  readonly #roots: ImageRoots;
  readonly #read = new Map<string, Promise<AssetFile[]>>();

  /** @param root the application's directory, without symbolic links in it */
  constructor(root: string, workspace: string = root) {
    this.#roots = { root, workspace };
  }

  /**
   * The files that a process serves, by source.
   * @throws UserError FL2010 with every link that cannot go along; FL2304, FL2306 and FL2307 for a file
   */
  async of(graph: Graph, process: Process): Promise<AssetFile[]> {
    const trees = await Promise.all(assetSources(graph, process).map((source) => this.#tree(source)));
    const files = new Map(trees.flat().map((file) => [file.source, file]));
    return [...files.values()].sort((a, b) => (a.source < b.source ? -1 : 1));
  }

  /** The files of what code reads, which images have at their own places. @throws UserError as `of` */
  async read(sources: readonly string[]): Promise<AssetFile[]> {
    const { root } = this.#roots;
    const trees = await Promise.all(sources.map((source) => this.#tree(source)));
    const files = trees.flat().map((file) => ({ ...file, path: imagePathOf(join(root, file.source), this.#roots)! }));
    return [...new Map(files.map((file) => [file.source, file])).values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  #tree(source: string): Promise<AssetFile[]> {
    const read = this.#read.get(source) ?? (source.startsWith('../') ? this.#beside(source) : this.#inside(source));
    this.#read.set(source, read);
    return read;
  }

  #inside(source: string): Promise<AssetFile[]> {
    return readTree(this.#roots.root, source === '.' ? '' : source);
  }

  /** What lies in the workspace beside the application. */
  async #beside(source: string): Promise<AssetFile[]> {
    const { root, workspace } = this.#roots;
    const files = await readTree(workspace, slashes(relative(workspace, join(root, source))));
    return files.map((file) => ({ ...file, source: slashes(relative(root, join(workspace, file.source))) }));
  }
}

/** `assets.json`: what the program may serve, and the entity tag of each. */
export function assetIndex(files: readonly AssetFile[]): ImageFile {
  const tags = files.map(({ path, content }) => [path, Buffer.from(content.hash, 'hex').toString('base64url')]);
  const index: AssetIndex = { version: 1, files: Object.fromEntries(tags) };
  return { path: 'assets.json', bytes: Buffer.from(`${JSON.stringify(index)}\n`) };
}

export function hashesOf(files: readonly AssetFile[]): FileHash[] {
  return files.map(({ path, content }) => ({ path, hash: content.hash }));
}

async function readTree(root: string, source: string): Promise<AssetFile[]> {
  const found: Found = { root, files: [], problems: [] };
  await visit(found, source, []);
  if (found.problems.length > 0) throw new UserError(found.problems);
  const pool = createPool(openAtOnce);
  return Promise.all(found.files.map((file) => pool(() => readFile(file))));
}

interface Found {
  root: string;
  files: { source: string; file: string; size: number }[];
  problems: Diagnostic[];
}

/** @param above the directories that lead here, after all links: one of them again would never end */
async function visit(found: Found, source: string, above: readonly string[]): Promise<void> {
  const { root, problems } = found;
  const place = join(root, source);
  const isLink = source !== '' && (await lstat(place)).isSymbolicLink();
  const target = await realpath(place).catch(unlessMissing);
  if (target === undefined) return void problems.push(badLink(source, 'leads to nothing'));
  if (!isWithin(target, root)) return void problems.push(badLink(source, "leads out of the application's directory"));
  if (above.includes(target)) return void problems.push(badLink(source, 'leads back to a directory that it is in'));
  if (isLink && isLeftOut(target, root)) return void problems.push(badLink(source, 'leads to what is left out'));
  const entry = await stat(target);
  if (entry.isFile()) found.files.push({ source, file: target, size: entry.size });
  else if (!entry.isDirectory()) problems.push(notRegular(source));
  else
    for (const name of (await readdir(target)).sort()) {
      if (isSkipped(target, name)) continue;
      await visit(found, source === '' ? name : `${source}/${name}`, [...above, target]);
    }
}

/** Installed packages lie beside a package.json. Elsewhere a directory of that name may be what a bundler wrote. */
function isSkipped(directory: string, name: string): boolean {
  return skipped.has(name) || (name === 'node_modules' && existsSync(join(directory, 'package.json')));
}

/** A link is no way around what is left out. */
function isLeftOut(target: string, root: string): boolean {
  return slashes(target.slice(root.length))
    .split('/')
    .some((name) => skipped.has(name));
}

async function readFile({ source, file, size }: Found['files'][number]): Promise<AssetFile> {
  const hash = createHash('sha256');
  for await (const chunk of readContent({ path: source, content: { file, size } })) hash.update(chunk);
  return { source, path: assetPath(source), content: { file, size, hash: hash.digest('hex') } };
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || slashes(path).startsWith(`${slashes(directory).replace(/\/$/, '')}/`);
}

function unlessMissing(error: unknown): undefined {
  if (isMissing(error) || (error as NodeJS.ErrnoException).code === 'ELOOP') return undefined;
  throw error;
}

function badLink(source: string, why: string): Diagnostic {
  return {
    code: 'FL2010',
    severity: 'error',
    message: `${JSON.stringify(source)} cannot be served: the link ${why}`,
    help: 'Replace the link by what it stands for, or remove it.',
  };
}
