import { dirname, join } from 'node:path';
import { getLibFiles, libFolderInMemoryPath, ts } from '@ts-morph/common';
import type { Application } from './discover.ts';
import { readText } from './discover.ts';
import type { Disk } from './disk.ts';
import { Kit } from './kit.ts';
import { findMissingPackages, type MissingPackage, type Unresolved } from './missing-packages.ts';
import type { Report } from './report.ts';
import { isInstalled, Resolver } from './resolver.ts';
import { isRuntimeSpecifier, type Runtime } from './runtime.ts';
import { readTsconfig, type Tsconfig } from './tsconfig.ts';
import { findWorkspace, readOr, type Workspace } from './workspaces.ts';

/** A generated module that is there for the checker only; paths relative to the application's root. */
export interface VirtualFile {
  path: string;
  text: string;
}

/**
 * Makes programs of one application. The second one, with the generated modules, shares every parsed and bound file with
 * the first, so that it costs little more than the resolution of its imports.
 *
 * @param files those of the application that a program is about; what they import belongs to it as well. @default all
 */
export function createLoader(
  application: Application,
  runtime: Runtime,
  report: Report,
  files: readonly string[] = application.files,
): Loader {
  const workspace = findWorkspace(application.root, application.disk, report);
  const tsconfig = readTsconfig(application, workspace, report);
  const host = new Host(application, runtime, workspace, tsconfig, report);
  const rootNames = [...files, ...application.declarations];
  let program: ts.Program | undefined;
  const load = (virtual: VirtualFile[]) => {
    host.virtual = virtualFiles(application.root, virtual);
    program = ts.createProgram({ rootNames, options: tsconfig.options, host });
    return program;
  };
  const missingPackages = () => (program ? findMissingPackages(host.unresolved, program, workspace, application) : []);
  return Object.assign(load, { missingPackages });
}

export interface Loader {
  (virtual: VirtualFile[]): ts.Program;
  /** What the sources of the last program import of packages that is not there, sorted by name. */
  missingPackages(): MissingPackage[];
}

/** The generated modules: path → text, and every directory above one. */
interface VirtualFiles {
  texts: ReadonlyMap<string, string>;
  directories: ReadonlySet<string>;
}

function virtualFiles(root: string, files: readonly VirtualFile[]): VirtualFiles {
  const texts = new Map(files.map(({ path, text }) => [join(root, path), text]));
  const directories = new Set<string>();
  for (const path of texts.keys()) {
    for (let directory = dirname(path); directory !== root; directory = dirname(directory)) directories.add(directory);
  }
  return { texts, directories };
}

/** TypeScript's own library, by name. */
const libraries = new Map(getLibFiles().map(({ fileName, text }) => [fileName, text]));

/** Parsed libraries and declarations of the kit and of packages, by path and settings: a process that analyzes often parses them once. */
const parsedOnce = new Map<string, ts.SourceFile>();

const declaration = /\.d\.[cm]?ts$/;

class Host implements ts.CompilerHost {
  virtual: VirtualFiles = { texts: new Map(), directories: new Set() };
  /** Imports of own sources that lead nowhere, and the specifier of each. */
  readonly unresolved: Unresolved[] = [];
  readonly #application: Application;
  readonly #sources: ReadonlySet<string>;
  readonly #runtime: Runtime;
  readonly #report: Report;
  readonly #files = new Map<string, ts.SourceFile | undefined>();
  readonly #resolver: Resolver;
  readonly #kit: Kit;
  readonly #settings: string;

  constructor(application: Application, runtime: Runtime, workspace: Workspace, tsconfig: Tsconfig, report: Report) {
    const { options } = tsconfig;
    this.#application = application;
    this.#sources = new Set(application.files);
    this.#runtime = runtime;
    this.#report = report;
    this.#resolver = new Resolver(application, workspace, tsconfig, this);
    this.#kit = new Kit(runtime, workspace);
    this.#settings = JSON.stringify([options.target, options.module, options.moduleDetection, options.strict]);
  }

  getSourceFile(path: string, options: ts.ScriptTarget | ts.CreateSourceFileOptions): ts.SourceFile | undefined {
    if (dirname(path) === libFolderInMemoryPath) return this.#library(path, options);
    if (!this.#files.has(path)) this.#files.set(path, this.#parse(path, options));
    return this.#files.get(path);
  }

  #library(path: string, options: ts.ScriptTarget | ts.CreateSourceFileOptions): ts.SourceFile | undefined {
    const text = libraries.get(path.slice(libFolderInMemoryPath.length + 1));
    return text === undefined ? undefined : this.#parseOnce(path, text, options);
  }

  #parseOnce(path: string, text: string, options: ts.ScriptTarget | ts.CreateSourceFileOptions): ts.SourceFile {
    const format = typeof options === 'object' ? options.impliedNodeFormat : undefined;
    const key = `${path} ${this.#settings} ${format}`;
    const parsed = parsedOnce.get(key);
    if (parsed?.text === text) return parsed;
    const file = ts.createSourceFile(path, text, withoutComments(options));
    parsedOnce.set(key, file);
    return file;
  }

  #parse(path: string, options: ts.ScriptTarget | ts.CreateSourceFileOptions): ts.SourceFile | undefined {
    const text =
      this.virtual.texts.get(path) ??
      (this.#sources.has(path) ? (readText(path, this.#application.disk, this.#report) ?? '') : this.readFile(path));
    if (text === undefined) return undefined;
    if (this.#kit.has(path)) return this.#parseOnce(path, text, options);
    const own = this.#isOwn(path);
    if (!own && isInstalled(path) && declaration.test(path)) return this.#parseOnce(path, text, options);
    return ts.createSourceFile(path, text, own ? options : withoutComments(options), own);
  }

  /** Whether a file is a source of the application or of another member of its workspace. */
  #isOwn(path: string): boolean {
    return this.#sources.has(path) || !(isInstalled(path) || this.#kit.has(path) || this.virtual.texts.has(path));
  }

  resolveModuleNameLiterals(
    literals: readonly ts.StringLiteralLike[],
    containing: string,
    redirected: ts.ResolvedProjectReference | undefined,
    options: ts.CompilerOptions,
    source: ts.SourceFile,
  ): readonly ts.ResolvedModuleWithFailedLookupLocations[] {
    return literals.map((literal) => {
      const specifier = literal.text;
      const own = this.#resolveOwn(specifier);
      if (own) return { resolvedModule: own.path === undefined ? undefined : resolved(own.path, own.external) };
      if (this.#kit.has(containing)) return this.#kit.resolve(specifier, containing);
      const mode = ts.getModeForUsageLocation(source, literal, options);
      const resolution = this.#resolver.resolve(specifier, containing, redirected, mode);
      if (!resolution.resolvedModule && this.#isOwn(containing))
        this.unresolved.push({ specifier, literal, containing });
      return resolution;
    });
  }

  #resolveOwn(specifier: string): { path: string | undefined; external: boolean } | undefined {
    if (isRuntimeSpecifier(specifier)) return { path: this.#runtime.modules.get(specifier), external: true };
    if (!specifier.startsWith('~encore/')) return undefined;
    const path = join(this.#application.root, 'encore.gen', specifier.slice('~encore/'.length), 'index.ts');
    return { path: this.virtual.texts.has(path) ? path : undefined, external: false };
  }

  /** What is the kit's own is the same for every application, so that it is no part of what was read of this one. */
  #diskOf(path: string): Disk {
    return this.#kit.has(path) ? this.#kit.disk : this.#application.disk;
  }

  fileExists(path: string): boolean {
    if (dirname(path) === libFolderInMemoryPath) return libraries.has(path.slice(libFolderInMemoryPath.length + 1));
    return this.virtual.texts.has(path) || this.#diskOf(path).fileExists(path);
  }

  readFile(path: string): string | undefined {
    return this.virtual.texts.get(path) ?? readOr(this.#diskOf(path), path);
  }

  directoryExists(path: string): boolean {
    return this.virtual.directories.has(path) || this.#diskOf(path).directoryExists(path);
  }

  getDirectories(path: string): string[] {
    return directoriesIn(this.#diskOf(path), path);
  }

  realpath(path: string): string {
    return this.#diskOf(path).realpath(path);
  }

  getDefaultLibFileName(options: ts.CompilerOptions): string {
    return `${libFolderInMemoryPath}/${ts.getDefaultLibFileName(options)}`;
  }

  getDefaultLibLocation(): string {
    return libFolderInMemoryPath;
  }

  getCurrentDirectory(): string {
    return this.#application.root;
  }

  getCanonicalFileName(name: string): string {
    return ts.sys.useCaseSensitiveFileNames ? name : name.toLowerCase();
  }

  useCaseSensitiveFileNames(): boolean {
    return ts.sys.useCaseSensitiveFileNames;
  }

  getNewLine(): string {
    return '\n';
  }

  writeFile(): void {
    throw new Error('the analyzer writes no files');
  }
}

function directoriesIn(disk: Disk, path: string): string[] {
  try {
    const entries = disk.list(path) ?? [];
    return entries
      .filter(({ name, kind }) => kind === 'directory' || (kind === 'link' && disk.directoryExists(join(path, name))))
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

function resolved(path: string, external: boolean): ts.ResolvedModuleFull {
  return {
    resolvedFileName: path,
    extension: path.endsWith('.d.ts') ? ts.Extension.Dts : ts.Extension.Ts,
    isExternalLibraryImport: external,
    resolvedUsingTsExtension: false,
  };
}

/** Doc comments are read of the application's own files only. */
function withoutComments(options: ts.ScriptTarget | ts.CreateSourceFileOptions): ts.CreateSourceFileOptions {
  return {
    ...(typeof options === 'object' ? options : { languageVersion: options }),
    jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
  };
}
