import { dirname, join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import type { Disk } from './disk.ts';
import { lineAndColumn } from './line-and-column.ts';
import { compare, type Report } from './report.ts';
import { matchesGlob } from './segment-glob.ts';

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
 * repository, that has it as a member. A pattern of too many alternatives is reported, FL1005, and left out.
 */
export function findWorkspace(application: string, disk: Disk, report: Pick<Report, 'error' | 'relative'>): Workspace {
  for (let directory = application; ; directory = dirname(directory)) {
    const patterns = patternsIn(directory, disk, report);
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

/** A pattern of members, without its braces. */
interface Pattern {
  alternatives: readonly string[];
  /** It began with `!`: what it matches is no member. */
  leaves: boolean;
}

/** The patterns of the members in their order; undefined where none are listed. */
function patternsIn(directory: string, disk: Disk, report: Pick<Report, 'error' | 'relative'>): Pattern[] | undefined {
  const yaml = readOr(disk, join(directory, 'pnpm-workspace.yaml'));
  const listed = yaml === undefined ? readManifest(directory, disk)?.workspaces : listedIn(yaml);
  const patterns = isRecord(listed) ? listed.packages : listed;
  if (!Array.isArray(patterns)) return undefined;
  const path = join(directory, yaml === undefined ? 'package.json' : 'pnpm-workspace.yaml');
  return patterns.flatMap((pattern) => {
    if (typeof pattern !== 'string') return [];
    const leaves = pattern.startsWith('!');
    const alternatives = alternativesOf(leaves ? pattern.slice(1) : pattern);
    if (alternatives) return [{ alternatives, leaves }];
    const text = disk.read(path) ?? '';
    report.error(
      'FL1005',
      { file: report.relative(path), ...lineAndColumn(text, Math.max(text.indexOf(pattern), 0)) },
      `a pattern of the workspace has more than ${mostAlternatives} alternatives`,
      'Write fewer braces into it: `*` matches any name.',
    );
    return [];
  });
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
function memberDirectories(root: string, patterns: readonly Pattern[], disk: Disk): string[] {
  const matched = (which: boolean) =>
    new Set(
      patterns
        .filter(({ leaves }) => leaves === which)
        .flatMap(({ alternatives }) => alternatives.flatMap((one) => matches(root, segmentsOf(one), disk))),
    );
  const left = matched(true);
  return [...matched(false)].filter((directory) => !left.has(directory)).sort(compare);
}

/** `**` twice in a row matches what one does. */
function segmentsOf(pattern: string): string[] {
  const segments = pattern.split('/').filter((segment) => segment !== '' && segment !== '.');
  return segments.filter((segment, index) => segment !== '**' || segments[index - 1] !== '**');
}

const mostAlternatives = 1000;

/** `{a,b}/*` → `a/*` and `b/*`; undefined when there are too many, of which each pair of braces makes at least one. */
function alternativesOf(pattern: string): string[] | undefined {
  const found: string[] = [];
  const open = [pattern];
  for (let steps = 0; open.length > 0; steps++) {
    if (steps + open.length > 2 * mostAlternatives) return undefined;
    const next = open.pop()!;
    const braces = /^(.*?)\{([^{}]*)\}(.*)$/.exec(next);
    if (!braces) {
      found.push(next);
      continue;
    }
    const [, before = '', inside = '', after = ''] = braces;
    for (const one of inside.split(',').reverse()) open.push(before + one + after);
  }
  return found.length > mostAlternatives ? undefined : found;
}

/** The directories below one that segments match. Each place is looked at once, however many ways lead there. */
function matches(root: string, segments: readonly string[], disk: Disk): string[] {
  const seen = new Set<string>();
  const found = new Set<string>();
  const visit = (directory: string, index: number): void => {
    const place = `${index}:${directory}`;
    if (seen.has(place)) return;
    seen.add(place);
    const segment = segments[index];
    if (segment === undefined) found.add(directory);
    else if (segment === '**') {
      visit(directory, index + 1);
      for (const name of subdirectories(directory, disk)) visit(join(directory, name), index);
    } else if (/[*?[]/.test(segment)) {
      for (const name of subdirectories(directory, disk))
        if (matchesGlob(segment, name)) visit(join(directory, name), index + 1);
    } else if (disk.directoryExists(join(directory, segment))) visit(join(directory, segment), index + 1);
  };
  visit(root, 0);
  return [...found];
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
