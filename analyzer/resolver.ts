import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { ts } from '@ts-morph/common';
import type { Application } from './discover.ts';
import type { Disk } from './disk.ts';
import { isWithin, type Output, outputsIn, type Tsconfig } from './tsconfig.ts';
import { readManifest, type Workspace } from './workspaces.ts';

type Resolution = ts.ResolvedModuleWithFailedLookupLocations;
type Mode = ts.ResolutionMode;

/**
 * Finds the file that a module specifier means, by the rules of the compiler and more: what a bundler would find is found
 * whatever `moduleResolution` says; a package of the workspace is found by its name without a link; and its sources are taken
 * rather than what is built from them.
 */
export class Resolver {
  readonly #application: Application;
  readonly #workspace: Workspace;
  readonly #host: ts.ModuleResolutionHost;
  readonly #options: ts.CompilerOptions;
  readonly #outputs: readonly Output[];
  readonly #cache: ts.ModuleResolutionCache;
  readonly #bundlerOptions: ts.CompilerOptions;
  readonly #bundlerCache: ts.ModuleResolutionCache;
  readonly #outputsIn = new Map<string, Output[]>();
  readonly #sources = new Map<string, string | undefined>();
  /** By the directory of the import and its specifier. */
  readonly #fallbacks = new Map<string, Resolution | undefined>();
  /** By its link: the directory of a member; undefined where a link leads to no member. */
  readonly #linked = new Map<string, string | undefined>();
  readonly #memberResolutions = new Map<string, Resolution | undefined>();

  constructor(application: Application, workspace: Workspace, { options, outputs }: Tsconfig, host: ts.CompilerHost) {
    this.#application = application;
    this.#workspace = workspace;
    this.#host = host;
    this.#options = options;
    this.#outputs = outputs;
    const cacheFor = (of: ts.CompilerOptions) =>
      ts.createModuleResolutionCache(application.root, (name) => host.getCanonicalFileName(name), of);
    this.#bundlerOptions = {
      ...options,
      module: ts.ModuleKind.Preserve,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      resolvePackageJsonExports: true,
      resolvePackageJsonImports: true,
    };
    this.#cache = cacheFor(options);
    this.#bundlerCache = cacheFor(this.#bundlerOptions);
  }

  resolve(
    specifier: string,
    containing: string,
    redirected: ts.ResolvedProjectReference | undefined,
    mode: Mode,
  ): Resolution {
    const first = ts.resolveModuleName(specifier, containing, this.#options, this.#host, this.#cache, redirected, mode);
    if (first.resolvedModule) return this.#withSource(first, specifier);
    if (isBuiltin(specifier)) return first;
    const key = `${dirname(containing)} ${specifier}`;
    return once(this.#fallbacks, key, () => this.#fallback(specifier, containing, first)) ?? first;
  }

  /** What the compiler's rules do not find. */
  #fallback(specifier: string, containing: string, first: Resolution): Resolution | undefined {
    const bundler = ts.resolveModuleName(specifier, containing, this.#bundlerOptions, this.#host, this.#bundlerCache);
    if (bundler.resolvedModule) return this.#withSource(bundler, specifier);
    const member = once(this.#memberResolutions, specifier, () => this.#resolveMember(specifier));
    if (member?.resolvedModule) return this.#withSource(member, specifier);
    const failed = [first, bundler, member].flatMap((resolution) => (resolution ? failedLookups(resolution) : []));
    const source = this.#sourceAmong(failed, specifier);
    return source === undefined ? undefined : { ...first, ...resolvedTo(source) };
  }

  /** A member of the workspace as if it were linked into the application's `node_modules`. */
  #resolveMember(specifier: string): Resolution | undefined {
    const name = packageOf(specifier);
    const directory = name === undefined ? undefined : this.#workspace.members().get(name);
    if (name === undefined || directory === undefined) return undefined;
    const { root } = this.#application;
    const host = linked(this.#host, join(root, 'node_modules', name), directory);
    return ts.resolveModuleName(specifier, join(root, 'index.ts'), this.#bundlerOptions, host);
  }

  /** The source of what is built, where there is one. What is installed is left as it is. */
  #withSource(resolution: Resolution, specifier: string): Resolution {
    const { resolvedFileName: path, isExternalLibraryImport } = resolution.resolvedModule!;
    if (isInstalled(path)) return resolution;
    const source = isBuilt(path) ? this.#sourceOf(path, !isRelative(specifier)) : undefined;
    if (source !== undefined) return { ...resolution, ...resolvedTo(source) };
    // A link into the workspace is no library.
    if (!isExternalLibraryImport) return resolution;
    return { ...resolution, resolvedModule: { ...resolution.resolvedModule!, isExternalLibraryImport: false } };
  }

  /** The source of one of the files that were looked for in vain. */
  #sourceAmong(failed: readonly string[], specifier: string): string | undefined {
    const name = packageOf(specifier) ?? '';
    for (const path of failed) {
      const real = this.#unlinked(path, name);
      const source = real === undefined ? undefined : this.#sourceOf(real, !isRelative(specifier));
      if (source !== undefined) return source;
    }
    return isRelative(specifier) ? undefined : this.#entryOf(specifier);
  }

  /** The path in the directory of a member, of a path below its name in `node_modules`; undefined for one of an installed package. */
  #unlinked(path: string, name: string): string | undefined {
    const modules = path.lastIndexOf(installed);
    if (modules < 0) return path;
    const start = modules + installed.length;
    const end = start + name.length;
    if (name === '' || path[end] !== '/' || !path.startsWith(name, start)) return undefined;
    const directory = once(this.#linked, path.slice(0, end), (link) => this.#memberAt(link, name));
    return directory === undefined ? undefined : directory + path.slice(end);
  }

  #memberAt(link: string, name: string): string | undefined {
    const { disk } = this.#application;
    const directory = disk.directoryExists(link) ? disk.realpath(link) : this.#workspace.members().get(name);
    return directory === undefined || isInstalled(`${directory}/`) ? undefined : directory;
  }

  /** The entry of a member whose outputs have other names than its sources. */
  #entryOf(specifier: string): string | undefined {
    const directory = this.#workspace.members().get(specifier);
    return directory && sourceFile([join(directory, 'src/index'), join(directory, 'index')], this.#application.disk);
  }

  #sourceOf(path: string, byConvention: boolean): string | undefined {
    return once(this.#sources, `${byConvention} ${path}`, () => this.#findSource(path, byConvention));
  }

  #findSource(path: string, byConvention: boolean): string | undefined {
    const stem = path.replace(/(\.d)?\.[cm]?[jt]sx?$/, '');
    if (stem === path) return undefined;
    const { disk } = this.#application;
    const project = packageDirectory(dirname(path), disk);
    const outputs = [...this.#outputs, ...(project === undefined ? [] : this.#outputsOf(project))];
    const declared = outputs.flatMap(({ directory, sources }) =>
      isWithin(path, directory) ? sources.map((source) => join(source, relative(directory, stem))) : [],
    );
    return sourceFile(
      [...declared, ...(byConvention && project !== undefined ? conventions(project, stem) : [])],
      disk,
    );
  }

  #outputsOf(directory: string): Output[] {
    return once(this.#outputsIn, directory, () => outputsIn(directory, this.#application.disk));
  }
}

function once<T>(memory: Map<string, T>, key: string, make: (key: string) => T): T {
  if (!memory.has(key)) memory.set(key, make(key));
  return memory.get(key) as T;
}

const installed = '/node_modules/';

/** Directories that build tools write to, unless told otherwise. */
const outputNames = /^(\.output|build|cjs|compiled|dist|es|esm|lib|module|out|output|types|typings)$/;

/** `dist/esm/a` of a package → `src/esm/a`, `esm/a`, `src/a`, `a`. */
function conventions(project: string, stem: string): string[] {
  const [first = '', ...rest] = relative(project, stem).split('/');
  if (!outputNames.test(first)) return [];
  return rest.flatMap((_, index) => {
    const inner = rest.slice(index).join('/');
    return [join(project, 'src', inner), join(project, inner)];
  });
}

function sourceFile(stems: readonly string[], disk: Disk): string | undefined {
  const paths = stems.flatMap((stem) => ['.ts', '.tsx', '.mts', '.cts'].map((extension) => stem + extension));
  const found = paths.find((path) => disk.fileExists(path));
  return found === undefined ? undefined : disk.realpath(found);
}

function packageDirectory(from: string, disk: Disk): string | undefined {
  for (let directory = from; ; directory = dirname(directory)) {
    if (readManifest(directory, disk)) return directory;
    if (dirname(directory) === directory) return undefined;
  }
}

/** The host as if `directory` were linked at `link`. */
function linked(host: ts.ModuleResolutionHost, link: string, directory: string): ts.ModuleResolutionHost {
  const there = (path: string) => (isWithin(path, link) ? join(directory, relative(link, path)) : path);
  return {
    fileExists: (path) => host.fileExists(there(path)),
    readFile: (path) => host.readFile(there(path)),
    directoryExists: (path) => isWithin(link, path) || (host.directoryExists?.(there(path)) ?? true),
    realpath: (path) => host.realpath?.(there(path)) ?? there(path),
  };
}

function failedLookups(resolution: Resolution): readonly string[] {
  return (resolution as Resolution & { failedLookupLocations?: readonly string[] }).failedLookupLocations ?? [];
}

function resolvedTo(path: string): { resolvedModule: ts.ResolvedModuleFull } {
  return {
    resolvedModule: {
      resolvedFileName: path,
      extension: (/\.d\.[cm]?ts$|\.[^.]+$/.exec(path)?.[0] ?? ts.Extension.Ts) as ts.Extension,
      isExternalLibraryImport: false,
      resolvedUsingTsExtension: false,
    },
  };
}

function isBuilt(path: string): boolean {
  return /(\.d\.[cm]?ts|\.[cm]?jsx?)$/.test(path);
}

/** Whether a file is of an installed package. */
export function isInstalled(path: string): boolean {
  return path.includes(installed);
}

function isRelative(specifier: string): boolean {
  return /^(\.\.?(\/|$)|\/)/.test(specifier);
}

const builtins = new Set(builtinModules);

/** Whether a specifier means a module of the platform. */
export function isBuiltin(specifier: string): boolean {
  return builtins.has(specifier) || /^[a-z]+:/.test(specifier);
}

/** The package that a specifier means by name; undefined for everything else. */
export function packageOf(specifier: string): string | undefined {
  if (isBuiltin(specifier)) return undefined;
  return /^((?:@[a-z0-9][\w.~-]*\/)?[a-z0-9][\w.~-]*)(?:\/.*)?$/i.exec(specifier)?.[1];
}
