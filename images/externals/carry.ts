import { createHash } from 'node:crypto';
import { constants, createReadStream, existsSync } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Diagnostic } from '../../pipeline/mod.ts';
import type { NativePackage } from '../base/mod.ts';
import { isMissing } from '../files.ts';
import type { LayerFile } from '../oci/image/mod.ts';
import { type BinaryTarget, headerSize, libcIn, libcOverlap, targetOf } from './binary.ts';
import { loadersByName, partnerEntries } from './by-name.ts';
import { type Leaving, ownerOf } from './keep-out.ts';
import { type Found, layOut, type Placed } from './layout.ts';
import { nativePackages } from './libc.ts';
import { isGenerated, packageDirectoryOf } from './location.ts';
import type { Installed } from './manifest.ts';
import { type CarriedPackage, isForPlatform, judgePlatforms, suits } from './platforms.ts';
import { type TraceCache, trace } from './trace.ts';

export interface CarryOptions {
  root: string;
  /** The directory that all was installed for. */
  workspace: string;
  leaving: readonly Leaving[];
  /** The packages of an installation for production, by their directories. @default any may be carried */
  production: ReadonlySet<string> | undefined;
  /** Wanted. */
  platforms: readonly string[];
  installed: Installed;
  /** Of what was traced before. */
  cache: TraceCache;
}

/** What an image has beside the bundle. */
export interface Carried {
  files: LayerFile[];
  /** The files on this machine. */
  sources: string[];
  /** The packages of which code is carried, by their directories. */
  directories: ReadonlySet<string>;
  /** Those of the wanted platforms that are possible. */
  platforms: string[];
  /** The packages of which it is known what C library they are made for. */
  native: NativePackage[];
  /** All paths that were found on the way, also those of which nothing is carried. */
  looked: readonly string[];
}

/** Finds all files of the packages that a bundle leads to, for as many of the wanted platforms as there are parts for. */
export async function carry(options: CarryOptions): Promise<Carried | { diagnostics: Diagnostic[] }> {
  const { root, workspace, leaving, installed } = options;
  const traced = await traceAll(options);
  const looked = [...(await complete(traced, options))].sort();
  const found = await inspectAll(looked, options.cache);
  const packages = describe(found, options);
  const { platforms, diagnostics } = judgePlatforms(packages, options.platforms);
  if (diagnostics.length > 0) return { diagnostics };
  const kept = found.filter((one) => isOfUse(one, platforms, installed));
  const placed = layOut({
    found: kept,
    entries: new Map(leaving.map((one) => [one.alias, one.package])),
    root,
    workspace,
    nameOf: (path) => nameIn(path, installed),
  });
  const known = new Map(kept.map((one) => [one.path, one]));
  return {
    files: placed.map((one) => layerFile(one, known)),
    sources: placed.flatMap(({ file }) => file ?? []),
    directories: directoriesOf(
      kept.flatMap(({ path }) => (/\.[cm]?js$/.test(path) ? [path] : [])),
      installed,
    ),
    platforms,
    native: nativePackages(describe(kept, options)),
    looked,
  };
}

/** With the packages that others load by name, which may load others in turn. */
async function traceAll(options: CarryOptions): Promise<ReadonlySet<string>> {
  const { leaving, installed, cache } = options;
  const entries = new Set(leaving.map(({ entry }) => entry));
  const traced = new Set<string>();
  let next = [...entries];
  while (next.length > 0) {
    const found = await trace({ entries: next, allows: allowed(options), installed, cache });
    const others = Array.from(loadersByName(found, installed), (directory) => partnerEntries(directory, installed));
    next = others.flat().filter((entry) => !entries.has(entry));
    for (const entry of next) entries.add(entry);
    for (const path of found) traced.add(path);
  }
  return traced;
}

function allowed({ leaving, production }: CarryOptions): (directory: string) => boolean {
  const called = new Set(leaving.map((one) => one.package));
  return (directory) =>
    production === undefined || production.has(directory) || called.has(directory) || isGenerated(directory);
}

/** With each package's own package.json, its parts for the wanted platforms, and the add-ons it chooses from. */
async function complete(traced: ReadonlySet<string>, options: CarryOptions): Promise<Set<string>> {
  const { installed } = options;
  const paths = new Set(traced);
  const packages = directoriesOf(traced, installed);
  // Those that are found on the way come later.
  for (const directory of packages) {
    if (installed.manifest(directory) !== undefined) paths.add(join(directory, 'package.json'));
    // Made for this application, with paths that only its settings know.
    if (isGenerated(directory)) for (const file of await readAll(directory)) paths.add(file);
    for (const { link, target } of partsOf(directory, options)) {
      if (link !== target) paths.add(link);
      packages.add(target);
      for (const file of await readAll(target)) paths.add(file);
    }
    for (const file of await addOnsOf(directory, traced)) paths.add(file);
  }
  return paths;
}

/** Real directories of packages only, not those that links lead to. */
function directoriesOf(paths: Iterable<string>, installed: Installed): Set<string> {
  const owners = Array.from(paths, (path) => ownerOf(path, installed));
  return new Set(owners.filter((one) => one !== undefined && installed.real(one) === one) as string[]);
}

function partsOf(directory: string, options: CarryOptions): { link: string; target: string }[] {
  const { installed, platforms } = options;
  const allows = allowed(options);
  return (installed.manifest(directory)?.optionalDependencies ?? []).flatMap((name) => {
    const link = installed.lookUpLink(name, directory);
    const target = link && installed.real(link);
    if (link === undefined || target === undefined || !allows(target)) return [];
    const manifest = installed.manifest(target);
    return isForPlatform(manifest) && suits(manifest, platforms) ? [{ link, target }] : [];
  });
}

const documents = /(\.(md|markdown|map|d\.[cm]?ts)|[/\\](test|tests|docs|obj|obj\.target))$/i;

/** All files of a package but documents. */
async function readAll(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const files = entries.map(async (entry): Promise<string[]> => {
    const path = join(directory, entry.name);
    if (documents.test(path) || entry.name === 'node_modules') return [];
    return entry.isDirectory() ? readAll(path) : [path];
  });
  return (await Promise.all(files)).flat();
}

/** Where add-ons lie that code chooses from when it runs. A package whose add-on is known chooses from `prebuilds` only. */
async function addOnsOf(directory: string, traced: ReadonlySet<string>): Promise<string[]> {
  if (!isNativeByFiles(directory)) return [];
  const inside = (path: string) => path.endsWith('.node') && packageDirectoryOf(path) === directory;
  const isKnown = Array.from(traced).some(inside);
  const from = isKnown
    ? [join(directory, 'prebuilds')]
    : ['prebuilds', 'build/Release', 'lib/binding'].map((one) => join(directory, one));
  const files = await Promise.all(from.filter((one) => existsSync(one)).map(readAll));
  return files.flat().filter((path) => path.endsWith('.node'));
}

function isNativeByFiles(directory: string): boolean {
  return existsSync(join(directory, 'binding.gyp')) || existsSync(join(directory, 'prebuilds'));
}

/** A file that is known to be there, and what is in it. */
interface Inspected extends Found {
  size: number;
  hash: string;
  executable: boolean;
  binary?: BinaryTarget;
}

/** How many files are open at a time. */
const atOnce = 32;

/** What is known of files for as long as their traces are. */
const inspections = new WeakMap<TraceCache, Map<string, Inspected[]>>();

async function inspectAll(paths: readonly string[], cache: TraceCache): Promise<Inspected[]> {
  const known = inspections.get(cache) ?? new Map<string, Inspected[]>();
  inspections.set(cache, known);
  const rest = paths.filter((path) => !known.has(path));
  for (let at = 0; at < rest.length; at += atOnce)
    await Promise.all(rest.slice(at, at + atOnce).map(async (path) => known.set(path, await inspect(path))));
  return paths.flatMap((path) => known.get(path) ?? []);
}

async function inspect(path: string): Promise<Inspected[]> {
  const { isFile, isLink, mode, length } = await kindOf(path);
  if (isLink)
    return [{ path, target: resolve(dirname(path), await readlink(path)), size: 0, hash: '', executable: false }];
  if (!isFile) return [];
  const executable = (mode & (constants.S_IXUSR | constants.S_IXGRP | constants.S_IXOTH)) !== 0;
  const hash = createHash('sha256');
  let size = 0;
  let end: Buffer = Buffer.alloc(0);
  let binary: BinaryTarget | undefined;
  for await (const chunk of chunksOf(path, length)) {
    if (size === 0) binary = targetOf(chunk.subarray(0, headerSize));
    if (binary?.os === 'linux' && binary.libc === undefined) {
      const libc = libcIn(Buffer.concat([end, chunk]));
      if (libc !== undefined) binary = { ...binary, libc };
      end = chunk.subarray(-libcOverlap);
    }
    hash.update(chunk);
    size += chunk.length;
  }
  return [{ path, size, hash: hash.digest('hex'), executable, ...(binary && { binary }) }];
}

const chunkSize = 1 << 20;

/** Packages are thousands of small files: a stream takes the memory of a whole chunk for each of them, which takes seconds. */
async function* chunksOf(path: string, length: number): AsyncGenerator<Buffer> {
  if (length > chunkSize) yield* createReadStream(path, { highWaterMark: chunkSize }) as AsyncIterable<Buffer>;
  else yield await readFile(path);
}

/** What is gone, or was never there, is nothing. */
async function kindOf(path: string): Promise<{ isFile: boolean; isLink: boolean; mode: number; length: number }> {
  try {
    const stats = await lstat(path);
    return { isFile: stats.isFile(), isLink: stats.isSymbolicLink(), mode: stats.mode, length: stats.size };
  } catch (error) {
    if (isMissing(error)) return { isFile: false, isLink: false, mode: 0, length: 0 };
    throw error;
  }
}

function describe(found: readonly Inspected[], { leaving, installed }: CarryOptions): CarriedPackage[] {
  const files = Map.groupBy(
    found.filter(({ target }) => target === undefined),
    ({ path }) => ownerOf(path, installed) ?? '',
  );
  const manifests = [...files.keys()].map((directory) => [directory, installed.manifest(directory)] as const);
  const optional = new Set(
    manifests.flatMap(([directory, manifest]) =>
      (manifest?.optionalDependencies ?? []).flatMap((name) => installed.lookUp(name, directory) ?? []),
    ),
  );
  const required = new Set(leaving.map((one) => one.package));
  return manifests.map(([directory, manifest]) => {
    const own = files.get(directory) ?? [];
    const targets = own.flatMap(({ binary }) => binary ?? []);
    const parts = manifest?.optionalDependencies ?? [];
    return {
      directory,
      manifest,
      targets,
      parts: parts.flatMap((name) => installed.lookUp(name, directory) ?? []).filter((part) => files.has(part)),
      needsNative: isNativeByFiles(directory) && (required.has(directory) || !optional.has(directory)),
    };
  });
}

/** Whether a file can be of use on one of the platforms. */
function isOfUse({ path, binary }: Inspected, platforms: readonly string[], installed: Installed): boolean {
  const manifest = installed.manifest(ownerOf(path, installed) ?? '');
  if (isForPlatform(manifest) && !suits(manifest, platforms)) return false;
  if (binary === undefined) return true;
  return binary.architectures.some((architecture) => platforms.includes(`${binary.os}/${architecture}`));
}

/** `sharp@0.33.5`, whatever file of it is meant. */
function nameIn(path: string, installed: Installed): string {
  const manifest = installed.manifest(ownerOf(path, installed) ?? '');
  return `${manifest?.name ?? 'package'}@${manifest?.version ?? '0'}`;
}

function layerFile({ path, file, link }: Placed, known: ReadonlyMap<string, Inspected>): LayerFile {
  if (link !== undefined) return { path, link };
  const { size, hash, executable } = known.get(file!)!;
  return { path, mode: executable ? 0o755 : 0o644, content: { file: file!, size, hash } };
}
