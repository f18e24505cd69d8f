import { dirname, join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import type { Disk } from './disk.ts';
import { compare } from './report.ts';

/** The packages of one repository that import each other by name: what npm, pnpm, yarn and bun call a workspace. */
export interface Workspace {
  /** The directory whose file lists the members; the application's own when it is in no workspace. */
  root: string;
  /** Package name → directory, read when first asked for. Of two members of one name, the first in the order of directories. */
  members(): ReadonlyMap<string, string>;
}

/** What is read of a `package.json`. Whatever else it holds may have any type. */
export type Manifest = Partial<Record<string, unknown>>;

/**
 * The workspace that an application belongs to: the nearest list of members in its directory or above it, up to the root of the
 * repository, that has it as a member.
 */
export function findWorkspace(application: string, disk: Disk): Workspace {
  for (let directory = application; ; directory = dirname(directory)) {
    const patterns = patternsIn(directory, disk);
    if (patterns) {
      const directories = once(() => memberDirectories(directory, patterns, disk));
      const isMember = directory === application || directories().includes(application);
      return isMember ? workspace(directory, directories, disk) : workspace(application, () => [], disk);
    }
    if (isRepository(directory, disk) || dirname(directory) === directory) {
      return workspace(application, () => [], disk);
    }
  }
}

function workspace(root: string, directories: () => string[], disk: Disk): Workspace {
  const members = once(() => {
    const byName = new Map<string, string>();
    for (const directory of directories()) {
      const name = readManifest(directory, disk)?.name;
      if (typeof name === 'string' && !byName.has(name)) byName.set(name, directory);
    }
    return byName;
  });
  return { root, members };
}

function isRepository(directory: string, disk: Disk): boolean {
  const git = join(directory, '.git');
  return disk.directoryExists(git) || disk.fileExists(git);
}

/** The patterns of the members in their order, those to leave out with `!`; undefined where none are listed. */
function patternsIn(directory: string, disk: Disk): string[] | undefined {
  const yaml = readOr(disk, join(directory, 'pnpm-workspace.yaml'));
  const listed = yaml === undefined ? readManifest(directory, disk)?.workspaces : listedIn(yaml);
  const patterns = isRecord(listed) ? listed.packages : listed;
  return Array.isArray(patterns) ? patterns.filter((pattern) => typeof pattern === 'string') : undefined;
}

/** pnpm's file may be there for settings alone; the root is a member by itself then. */
function listedIn(yaml: string): unknown {
  try {
    const file: unknown = parseYaml(yaml);
    return (isRecord(file) && file.packages) || [];
  } catch {
    return [];
  }
}

/** The directories that the patterns match, sorted. Whether there is a package in each is not looked at. */
function memberDirectories(root: string, patterns: readonly string[], disk: Disk): string[] {
  const expand = (pattern: string) => alternatives(pattern).flatMap((one) => matches(root, segmentsOf(one), disk));
  const left = new Set(patterns.flatMap((pattern) => (pattern.startsWith('!') ? expand(pattern.slice(1)) : [])));
  const taken = new Set(patterns.flatMap((pattern) => (pattern.startsWith('!') ? [] : expand(pattern))));
  return [...taken].filter((directory) => !left.has(directory)).sort(compare);
}

function segmentsOf(pattern: string): string[] {
  return pattern.split('/').filter((segment) => segment !== '' && segment !== '.');
}

/** `{a,b}/*` → `a/*` and `b/*`. */
function alternatives(pattern: string): string[] {
  const braces = /^(.*?)\{([^{}]*)\}(.*)$/.exec(pattern);
  if (!braces) return [pattern];
  const [, before = '', inside = '', after = ''] = braces;
  return inside.split(',').flatMap((one) => alternatives(before + one + after));
}

function matches(directory: string, [first, ...rest]: readonly string[], disk: Disk): string[] {
  if (first === undefined) return [directory];
  if (first === '**') {
    const below = subdirectories(directory, disk).flatMap((name) =>
      matches(join(directory, name), ['**', ...rest], disk),
    );
    return [...matches(directory, rest, disk), ...below];
  }
  if (!/[*?[]/.test(first)) {
    const path = join(directory, first);
    return disk.directoryExists(path) ? matches(path, rest, disk) : [];
  }
  const pattern = segmentPattern(first);
  return subdirectories(directory, disk).flatMap((name) =>
    pattern.test(name) ? matches(join(directory, name), rest, disk) : [],
  );
}

function segmentPattern(segment: string): RegExp {
  const source = segment
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.');
  try {
    return new RegExp(`^${source}$`);
  } catch {
    return /^$/;
  }
}

function subdirectories(directory: string, disk: Disk): string[] {
  try {
    const entries = disk.list(directory) ?? [];
    return entries.flatMap(({ name, kind }) =>
      kind === 'directory' && name !== 'node_modules' && !name.startsWith('.') ? [name] : [],
    );
  } catch {
    return [];
  }
}

/** The `package.json` of a directory; undefined when it is not there or not to be understood. */
export function readManifest(directory: string, disk: Disk): Manifest | undefined {
  const text = readOr(disk, join(directory, 'package.json'));
  try {
    const manifest: unknown = text === undefined ? undefined : JSON.parse(text);
    return isRecord(manifest) ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** The text of a file; undefined when it is not there or cannot be read. */
export function readOr(disk: Disk, path: string): string | undefined {
  try {
    return disk.read(path);
  } catch {
    return undefined;
  }
}

/** Whether a package is among the dependencies of a `package.json`. */
export function dependsOn(manifest: Manifest | undefined, name: string): boolean {
  return ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'].some((kind) => {
    const dependencies = manifest?.[kind];
    return isRecord(dependencies) && Object.hasOwn(dependencies, name);
  });
}

const lockfiles = [
  { file: 'pnpm-lock.yaml', manager: 'pnpm' },
  { file: 'yarn.lock', manager: 'yarn' },
  { file: 'bun.lock', manager: 'bun' },
  { file: 'bun.lockb', manager: 'bun' },
] as const;

export type PackageManager = 'npm' | (typeof lockfiles)[number]['manager'];

/** The package manager of a repository: what `packageManager` of its `package.json` says, else whose lockfile is there, else npm. */
export function packageManagerOf(root: string, disk: Disk): PackageManager {
  const declared = /^(npm|pnpm|yarn|bun)@/.exec(String(readManifest(root, disk)?.packageManager))?.[1];
  if (declared !== undefined) return declared as PackageManager;
  return lockfiles.find(({ file }) => disk.fileExists(join(root, file)))?.manager ?? 'npm';
}

/** The command that installs what the lockfile of a repository lists, or what its manifests do when there is none. */
export function installCommand(root: string, disk: Disk): string {
  const manager = packageManagerOf(root, disk);
  return manager === 'npm' && disk.fileExists(join(root, 'package-lock.json')) ? 'npm ci' : `${manager} install`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
