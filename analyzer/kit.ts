import { ts } from '@ts-morph/common';
import { Disk } from './disk.ts';
import type { Runtime } from './runtime.ts';
import { isWithin } from './tsconfig.ts';
import { readOr, type Workspace } from './workspaces.ts';

/** The declarations of the runtime, and what they import. */
export class Kit {
  readonly disk: Disk;
  readonly #workspace: Workspace;
  readonly #directories: string[];
  readonly #host: ts.ModuleResolutionHost;

  constructor({ directory }: Runtime, workspace: Workspace) {
    const disk = new Disk(directory);
    this.disk = disk;
    this.#workspace = workspace;
    this.#directories = [directory];
    this.#host = {
      fileExists: (path) => disk.fileExists(path),
      readFile: (path) => readOr(disk, path),
      directoryExists: (path) => disk.directoryExists(path),
      realpath: (path) => disk.realpath(path),
    };
  }

  has(path: string): boolean {
    return this.#directories.some((directory) => path.startsWith(directory) && path[directory.length] === '/');
  }

  /** What an import of the runtime means: a package of the kit, unless the application has the same one installed. */
  resolve(specifier: string, containing: string): ts.ResolvedModuleWithFailedLookupLocations {
    const resolution = ts.resolveModuleName(specifier, containing, resolutionOptions, this.#host);
    const path = resolution.resolvedModule?.resolvedFileName ?? '';
    const [directory] = /^.*\/node_modules\/(@[^/]+\/)?[^/]+/.exec(path) ?? [];
    if (directory !== undefined && !isWithin(directory, this.#workspace.root) && !this.has(path)) {
      this.#directories.push(directory);
    }
    return resolution;
  }
}

const resolutionOptions = { moduleResolution: ts.ModuleResolutionKind.Bundler, module: ts.ModuleKind.Preserve };
