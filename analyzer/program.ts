import { dirname, join } from 'node:path';
import { getLibFiles, libFolderInMemoryPath, ts } from '@ts-morph/common';
import type { Application } from './discover.ts';
import { readText } from './discover.ts';
import type { Disk } from './disk.ts';
import type { Report } from './report.ts';
import { isRuntimeSpecifier, type Runtime } from './runtime.ts';

/** A generated module that is there for the checker only; paths relative to the application's root. */
export interface VirtualFile {
  path: string;
  text: string;
}

/**
 * Makes programs of one application. The second one, with the generated modules, shares every parsed and bound file with
 * the first, so that it costs little more than the resolution of its imports.
 */
export function createLoader(
  application: Application,
  runtime: Runtime,
  report: Report,
): (virtual: VirtualFile[]) => ts.Program {
  const options = compilerOptions(application, report);
  const host = new Host(application, runtime, options, report);
  return (virtual) => {
    host.virtual = new Map(virtual.map(({ path, text }) => [join(application.root, path), text]));
    return ts.createProgram({ rootNames: application.files, options, host });
  };
}

/** TypeScript's own library, by name. */
const libraries = new Map(getLibFiles().map(({ fileName, text }) => [fileName, text]));

/** Parsed libraries by settings: they never change, so a process that analyzes often parses them once. */
const parsedLibraries = new Map<string, ts.SourceFile>();

class Host implements ts.CompilerHost {
  virtual: ReadonlyMap<string, string> = new Map();
  readonly #application: Application;
  readonly #sources: ReadonlySet<string>;
  readonly #runtime: Runtime;
  readonly #report: Report;
  readonly #files = new Map<string, ts.SourceFile | undefined>();
  readonly #resolutions: ts.ModuleResolutionCache;
  readonly #libraryKey: string;

  constructor(application: Application, runtime: Runtime, options: ts.CompilerOptions, report: Report) {
    this.#application = application;
    this.#sources = new Set(application.files);
    this.#runtime = runtime;
    this.#report = report;
    this.#resolutions = ts.createModuleResolutionCache(
      application.root,
      (name) => this.getCanonicalFileName(name),
      options,
    );
    this.#libraryKey = JSON.stringify([options.target, options.module, options.moduleDetection, options.strict]);
  }

  getSourceFile(path: string, options: ts.ScriptTarget | ts.CreateSourceFileOptions): ts.SourceFile | undefined {
    if (dirname(path) === libFolderInMemoryPath) return this.#library(path, options);
    if (!this.#files.has(path)) this.#files.set(path, this.#parse(path, options));
    return this.#files.get(path);
  }

  #library(path: string, options: ts.ScriptTarget | ts.CreateSourceFileOptions): ts.SourceFile | undefined {
    const key = `${path} ${this.#libraryKey}`;
    const text = libraries.get(path.slice(libFolderInMemoryPath.length + 1));
    if (!parsedLibraries.has(key) && text !== undefined) {
      parsedLibraries.set(key, ts.createSourceFile(path, text, withoutComments(options)));
    }
    return parsedLibraries.get(key);
  }

  #parse(path: string, options: ts.ScriptTarget | ts.CreateSourceFileOptions): ts.SourceFile | undefined {
    const text =
      this.virtual.get(path) ??
      (this.#sources.has(path) ? (readText(path, this.#application.disk, this.#report) ?? '') : this.readFile(path));
    if (text === undefined) return undefined;
    const own = this.#sources.has(path);
    return ts.createSourceFile(path, text, own ? options : withoutComments(options), own);
  }

  resolveModuleNameLiterals(
    literals: readonly ts.StringLiteralLike[],
    containing: string,
    redirected: ts.ResolvedProjectReference | undefined,
    options: ts.CompilerOptions,
    source: ts.SourceFile,
  ): readonly ts.ResolvedModuleWithFailedLookupLocations[] {
    return literals.map((literal) => {
      const own = this.#resolveOwn(literal.text);
      if (own) return { resolvedModule: own.path === undefined ? undefined : resolved(own.path, own.external) };
      const mode = ts.getModeForUsageLocation(source, literal, options);
      return ts.resolveModuleName(literal.text, containing, options, this, this.#resolutions, redirected, mode);
    });
  }

  #resolveOwn(specifier: string): { path: string | undefined; external: boolean } | undefined {
    if (isRuntimeSpecifier(specifier)) return { path: this.#runtime.modules.get(specifier), external: true };
    if (!specifier.startsWith('~encore/')) return undefined;
    const path = join(this.#application.root, 'encore.gen', specifier.slice('~encore/'.length), 'index.ts');
    return { path: this.virtual.has(path) ? path : undefined, external: false };
  }

  fileExists(path: string): boolean {
    return (
      this.virtual.has(path) ||
      (dirname(path) === libFolderInMemoryPath
        ? libraries.has(path.slice(libFolderInMemoryPath.length + 1))
        : this.#application.disk.fileExists(path))
    );
  }

  readFile(path: string): string | undefined {
    return this.virtual.get(path) ?? tryRead(this.#application.disk, path);
  }

  directoryExists(path: string): boolean {
    return (
      [...this.virtual.keys()].some((file) => file.startsWith(`${path}/`)) ||
      this.#application.disk.directoryExists(path)
    );
  }

  getDirectories(path: string): string[] {
    return directoriesIn(this.#application.disk, path);
  }

  realpath(path: string): string {
    return this.#application.disk.realpath(path);
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

/** The compiler has its own words for what it cannot read. */
function tryRead(disk: Disk, path: string): string | undefined {
  try {
    return disk.read(path);
  } catch {
    return undefined;
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

/** Those of `tsconfig.json`, else sensible ones; what the analyzer relies on is always on. */
function compilerOptions({ root, disk }: Application, report: Report): ts.CompilerOptions {
  const path = join(root, 'tsconfig.json');
  const declared = disk.fileExists(path) ? readConfig(path, disk, report) : defaults;
  return {
    ...declared,
    noEmit: true,
    strictNullChecks: true,
    skipLibCheck: true,
    allowJs: declared.allowJs ?? false,
    checkJs: false,
    composite: false,
    incremental: false,
    declaration: false,
  };
}

const defaults: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2024,
  lib: ['lib.es2024.d.ts'],
  module: ts.ModuleKind.Preserve,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  jsx: ts.JsxEmit.Preserve,
  types: ['node'],
  strict: true,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
};

function readConfig(path: string, disk: Disk, report: Report): ts.CompilerOptions {
  const source = ts.readJsonConfigFile(path, (file) => tryRead(disk, file));
  // The analyzer finds the files by itself, so that none has to be listed here.
  const host: ts.ParseConfigHost = {
    useCaseSensitiveFileNames: ts.sys.useCaseSensitiveFileNames,
    fileExists: (file) => disk.fileExists(file),
    readFile: (file) => tryRead(disk, file),
    readDirectory: () => [],
  };
  const parsed = ts.parseJsonSourceFileConfigFileContent(source, host, dirname(path), undefined, path);
  const noInputs = new Set([18002, 18003]);
  // What the compiler could read in spite of them may not be what was meant.
  const { parseDiagnostics } = source as typeof source & { parseDiagnostics: readonly ts.Diagnostic[] };
  for (const error of [...parseDiagnostics, ...parsed.errors]) {
    if (error.category !== ts.DiagnosticCategory.Error || noInputs.has(error.code)) continue;
    const at =
      error.file && error.start !== undefined
        ? report.span(error.file, error.start, error.start + (error.length ?? 0))
        : { file: 'tsconfig.json', line: 1, column: 1 };
    report.error(
      'FL1005',
      at,
      `tsconfig.json: ${ts.flattenDiagnosticMessageText(error.messageText, ' ')}`,
      'Correct the file.',
    );
  }
  return parsed.options;
}
