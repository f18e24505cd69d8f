import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { isMissing, systemCode } from '../files.ts';
import { ancestors } from './location.ts';

/** What of a package.json decides how a package is installed and loaded. */
export interface Manifest {
  name?: string;
  version?: string;
  type?: string;
  dependencies: readonly string[];
  optionalDependencies: readonly string[];
  devDependencies: readonly string[];
  /** Those that must be there, though somebody else brings them. */
  peerDependencies: readonly string[];
  /** Those that it works with where somebody else brings them. */
  optionalPeers: readonly string[];
  os?: readonly string[];
  cpu?: readonly string[];
  libc?: readonly string[];
  /** Whether it says that a compiled part belongs to it. */
  native: boolean;
  /** Whether it says itself what its specifiers mean, by conditions perhaps. */
  exports: boolean;
  /** Whether it is the root of a workspace by itself. */
  workspaces: boolean;
}

/** Looks packages up as Node does, and reads each file once. */
export class Installed {
  readonly #manifests = new Map<string, Manifest | undefined>();
  readonly #found = new Map<string, string | undefined>();

  /** Undefined when there is none, or it is no JSON. */
  manifest(directory: string): Manifest | undefined {
    if (!this.#manifests.has(directory)) this.#manifests.set(directory, readManifest(directory));
    return this.#manifests.get(directory);
  }

  /** Where a package really lies that code in `directory` calls by `name`. */
  lookUp(name: string, directory: string): string | undefined {
    const path = this.lookUpLink(name, directory);
    return path === undefined ? undefined : this.real(path);
  }

  /** The same, but the path where it is found, which may be a link. */
  lookUpLink(name: string, directory: string): string | undefined {
    for (const at of ancestors(directory)) {
      const modules = join(at, 'node_modules');
      if (this.real(modules) === undefined) continue;
      const path = join(modules, name);
      if (this.real(path) !== undefined) return path;
    }
    return undefined;
  }

  /** A path without links in it; undefined when nothing is there. */
  real(path: string): string | undefined {
    if (!this.#found.has(path)) this.#found.set(path, realpath(path));
    return this.#found.get(path);
  }
}

function realpath(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch (error) {
    if (isMissing(error) || systemCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

function readManifest(directory: string): Manifest | undefined {
  try {
    return parseManifest(JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')));
  } catch (error) {
    if (isMissing(error) || systemCode(error) === 'ENOTDIR' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function parseManifest(value: unknown): Manifest {
  const own = record(value);
  const optionalPeers = record(own.peerDependenciesMeta);
  const isRequired = (name: string) => record(optionalPeers[name]).optional !== true;
  return {
    ...texts(own, 'name', 'version', 'type'),
    dependencies: Object.keys(record(own.dependencies)),
    optionalDependencies: Object.keys(record(own.optionalDependencies)),
    devDependencies: Object.keys(record(own.devDependencies)),
    peerDependencies: Object.keys(record(own.peerDependencies)).filter(isRequired),
    optionalPeers: Object.keys(optionalPeers).filter((name) => !isRequired(name)),
    ...lists(own, 'os', 'cpu', 'libc'),
    // The last two: of node-pre-gyp, and of napi-rs.
    native: own.gypfile === true || 'module_path' in record(own.binary) || typeof own.napi === 'object',
    exports: own.exports !== undefined && own.exports !== null,
    workspaces: 'workspaces' in own,
  };
}

function texts<K extends string>(own: Record<string, unknown>, ...keys: K[]): { [key in K]?: string } {
  const entries = keys.flatMap((key) => (typeof own[key] === 'string' ? [[key, own[key]]] : []));
  return Object.fromEntries(entries) as { [key in K]?: string };
}

function lists<K extends string>(own: Record<string, unknown>, ...keys: K[]): { [key in K]?: string[] } {
  const entries = keys.flatMap((key) => (own[key] === undefined ? [] : [[key, [own[key]].flat().map(String)]]));
  return Object.fromEntries(entries) as { [key in K]?: string[] };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
