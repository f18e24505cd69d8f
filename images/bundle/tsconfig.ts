import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { parse } from 'jsonc-parser';
import { Disk } from '../../analyzer/disk.ts';
import { findWorkspace } from '../../analyzer/workspaces.ts';
import type { Diagnostic } from '../../pipeline/mod.ts';
import { ancestors } from '../externals/location.ts';
import { isMissing, systemCode } from '../files.ts';
import { slashes } from './esbuild.ts';

/** Those that the bundler looks for in each directory, the first that is there. */
const names = ['tsconfig.json', 'jsconfig.json'];

/** Files that options make a difference to. */
const code = /\.[cm]?[jt]sx?$/;

interface Config {
  path: string;
  /** Whether it lies above the workspace of what it would be taken for: where that was cloned to decides, not what it is. */
  foreign: boolean;
}

/**
 * The files with options for TypeScript that the bundler takes. For each file it takes the nearest above it, up to the root
 * of the disk, and nothing can tell it to stop at the workspace. So what it would take is looked up here as well.
 */
export class Tsconfigs {
  /** Whether the application has none, but some directory above its workspace. The bundler must not look for any then. */
  readonly absent: boolean;
  readonly #root: string;
  readonly #disk: Disk;
  readonly #inDirectory = new Map<string, string | undefined>();
  readonly #nearest = new Map<string, Config | undefined>();
  readonly #options = new Map<string, Readonly<Record<string, unknown>>>();
  #workspace: string | undefined;

  /** @param root the application's directory, without symbolic links in it */
  constructor(root: string) {
    this.#root = root;
    this.#disk = new Disk(root);
    this.absent = this.#of(root)?.foreign ?? false;
  }

  /** What is wrong when one of these files was bundled with other options than it has in its workspace. */
  judge(files: readonly string[]): Diagnostic[] {
    for (const file of files.filter((path) => code.test(path))) {
      const config = this.#of(dirname(resolve(this.#root, file)));
      if (config === undefined || config.foreign === this.absent) continue;
      const blamed = this.absent ? this.#of(this.#root)! : config;
      return [foreignTo(this.absent ? 'package.json' : file, this.#relative(blamed.path))];
    }
    return [];
  }

  /** The files that count for the root and for these files of the application, with all that they extend; relative to the root. */
  filesFor(files: readonly string[]): string[] {
    const directories = new Set([this.#root, ...files.map((file) => dirname(resolve(this.#root, file)))]);
    const found = new Set<string>();
    for (const directory of directories) {
      const config = this.#of(directory);
      if (config !== undefined && !config.foreign) addWithExtended(config.path, found);
    }
    return Array.from(found, (path) => this.#relative(path));
  }

  /** `compilerOptions` that count for a file, with those of what is extended. */
  readonly optionsFor = (file: string): Readonly<Record<string, unknown>> => {
    const config = this.absent ? undefined : this.#of(dirname(file));
    if (config === undefined) return {};
    const known = this.#options.get(config.path) ?? compilerOptions(config.path);
    this.#options.set(config.path, known);
    return known;
  };

  #of(directory: string): Config | undefined {
    if (!this.#nearest.has(directory)) this.#nearest.set(directory, this.#find(directory));
    return this.#nearest.get(directory);
  }

  #find(directory: string): Config | undefined {
    for (const at of ancestors(directory)) {
      const path = this.#fileIn(at);
      if (path !== undefined)
        return { path, foreign: !isIn(at, this.#root) && !isIn(at, this.#workspaceOf(directory)) };
    }
    return undefined;
  }

  #fileIn(directory: string): string | undefined {
    if (!this.#inDirectory.has(directory)) {
      const paths = names.map((name) => join(directory, name));
      this.#inDirectory.set(directory, paths.find(isFile));
    }
    return this.#inDirectory.get(directory);
  }

  /** The application's for all that lies in it; that of its own package for what is linked from elsewhere. */
  #workspaceOf(directory: string): string {
    this.#workspace ??= this.#workspaceAt(this.#root);
    if (isIn(directory, this.#workspace)) return this.#workspace;
    for (const at of ancestors(directory)) if (isFile(join(at, 'package.json'))) return this.#workspaceAt(at);
    return directory;
  }

  #workspaceAt(directory: string): string {
    // The analysis has reported what is wrong with the patterns.
    return findWorkspace(directory, this.#disk, { error: () => undefined, relative: String }).root;
  }

  #relative(path: string): string {
    return slashes(relative(this.#root, path));
  }
}

function foreignTo(file: string, config: string): Diagnostic {
  return {
    code: 'FL2405',
    severity: 'error',
    message: `the bundler would take ${config} for ${file}, though it lies outside of the workspace`,
    help: `Write a tsconfig.json for ${file} into the directory of its package, so that builds are the same elsewhere; {} will do.`,
    position: { file, line: 1, column: 1 },
  };
}

function addWithExtended(path: string, found: Set<string>): void {
  if (found.has(path)) return;
  found.add(path);
  for (const extended of read(path).extended) addWithExtended(extended, found);
}

function compilerOptions(path: string, within: readonly string[] = []): Record<string, unknown> {
  if (within.includes(path)) return {};
  const { options, extended } = read(path);
  return Object.assign({}, ...extended.map((one) => compilerOptions(one, [...within, path])), options);
}

function read(path: string): { options: object; extended: string[] } {
  const value = parse(readFileSync(path, 'utf8'), [], { allowTrailingComma: true }) as
    | { extends?: unknown; compilerOptions?: object }
    | undefined;
  const extended = [value?.extends]
    .flat()
    .flatMap((name) => (typeof name === 'string' ? (findExtended(name, path) ?? []) : []));
  return { options: value?.compilerOptions ?? {}, extended };
}

/** What is not there is reported by the analysis. */
function findExtended(name: string, from: string): string | undefined {
  if (/^\.{0,2}\//.test(name) || name === '.' || name === '..') {
    const path = resolve(dirname(from), name);
    return [path, `${path}.json`, join(path, 'tsconfig.json')].find(isFile);
  }
  const { resolve: find } = createRequire(from);
  for (const one of [name, `${name}.json`, `${name}/tsconfig.json`]) {
    try {
      const path = find(one);
      if (path.endsWith('.json')) return path;
    } catch {
      // The next may be there.
    }
  }
  return undefined;
}

function isIn(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep);
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch (error) {
    if (isMissing(error) || systemCode(error) === 'ENOTDIR') return false;
    throw error;
  }
}
