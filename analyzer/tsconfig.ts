import { dirname, join, relative } from 'node:path';
import { ts } from '@ts-morph/common';
import type { Application } from './discover.ts';
import type { Disk } from './disk.ts';
import type { Report } from './report.ts';
import { installCommand, readOr, type Workspace } from './workspaces.ts';

/** The compiler's options for an application, and where projects that it refers to put what is built from them. */
export interface Tsconfig {
  options: ts.CompilerOptions;
  outputs: Output[];
}

/** Files below `directory` are built from those of the same path below one of `sources`. */
export interface Output {
  directory: string;
  sources: string[];
}

/**
 * Reads the `tsconfig.json` of an application, or the nearest one above it in its workspace; without one, there are sensible
 * options. What the analyzer relies on is always on. Options that are deprecated work, and newer libraries are always there.
 */
export function readTsconfig({ root, disk }: Application, workspace: Workspace, report: Report): Tsconfig {
  const path = findConfig(root, workspace.root, disk);
  const { options, outputs } = path
    ? readConfig(path, workspace, disk, report)
    : { options: unconfigured, outputs: [] };
  return { options: { ...options, ...always(options) }, outputs };
}

function findConfig(root: string, top: string, disk: Disk): string | undefined {
  for (let directory = root; ; directory = dirname(directory)) {
    const path = join(directory, 'tsconfig.json');
    if (disk.fileExists(path)) return path;
    if (directory === top || dirname(directory) === directory) return undefined;
  }
}

const unconfigured: ts.CompilerOptions = {
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

/** The declarations of the runtime are written with this library. */
const library = { target: ts.ScriptTarget.ES2024, file: 'lib.es2024.d.ts' };

function always(declared: ts.CompilerOptions): ts.CompilerOptions {
  return {
    target: Math.max(declared.target ?? 0, library.target),
    ...(declared.lib && { lib: [...new Set([...declared.lib, library.file])] }),
    jsx: declared.jsx ?? ts.JsxEmit.Preserve,
    types: declared.types ?? (declared.typeRoots ? ['*'] : ['node']),
    resolveJsonModule: true,
    noEmit: true,
    strictNullChecks: true,
    // These say nothing of types, but would be reported of the classes that schemas are made from.
    strictPropertyInitialization: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    erasableSyntaxOnly: false,
    skipLibCheck: true,
    allowJs: declared.allowJs ?? false,
    checkJs: false,
    composite: false,
    incremental: false,
    declaration: false,
    noLib: false,
    noResolve: false,
    preserveSymlinks: false,
  };
}

/** Not found, of a file that is extended, and the two of a project without files: the analyzer finds the files by itself. */
const [notFound, ...noInputs] = [6053, 18002, 18003];

function readConfig(path: string, workspace: Workspace, disk: Disk, report: Report): Tsconfig {
  const { source, parsed } = parseConfig(path, disk);
  let incomplete = false;
  // What the compiler could read in spite of syntax errors may not be what was meant.
  const { parseDiagnostics } = source as typeof source & { parseDiagnostics: readonly ts.Diagnostic[] };
  for (const error of [...parseDiagnostics, ...parsed.errors]) {
    if (error.category !== ts.DiagnosticCategory.Error || noInputs.includes(error.code)) continue;
    const at =
      error.file && error.start !== undefined
        ? report.span(error.file, error.start, error.start + (error.length ?? 0))
        : { file: report.relative(path), line: 1, column: 1 };
    const message = ts.flattenDiagnosticMessageText(error.messageText, ' ');
    const missing = error.code === notFound ? packageInMessage(message) : undefined;
    if (missing !== undefined) {
      incomplete = true;
      const help = `Run \`${installCommand(workspace.root, disk)}\`; until then the options of that package are unknown.`;
      report.warning('FL1009', at, `\`${missing}\`, which tsconfig.json extends, is not installed`, help);
    } else {
      report.error('FL1005', at, `tsconfig.json: ${message}`, 'Correct the file.');
    }
  }
  const options = incomplete ? { ...unconfigured, ...parsed.options } : parsed.options;
  return { options, outputs: outputsOf(path, parsed, disk, new Set()) };
}

/** `File '@tsconfig/node24' not found.` → the package; undefined for a path. */
function packageInMessage(message: string): string | undefined {
  const [, name] = /'((?:@[^/'.]+\/)?[^/'.@][^/']*)[^']*'/.exec(message) ?? [];
  return name;
}

function parseConfig(path: string, disk: Disk) {
  const source = ts.readJsonConfigFile(path, (file) => readOr(disk, file));
  const host: ts.ParseConfigHost & ts.ModuleResolutionHost = {
    useCaseSensitiveFileNames: ts.sys.useCaseSensitiveFileNames,
    fileExists: (file) => disk.fileExists(file),
    directoryExists: (directory) => disk.directoryExists(directory),
    realpath: (file) => disk.realpath(file),
    readFile: (file) => readOr(disk, file),
    readDirectory: () => [],
  };
  return { source, parsed: ts.parseJsonSourceFileConfigFileContent(source, host, dirname(path), undefined, path) };
}

/** Where a project and those it refers to put their outputs. */
function outputsOf(path: string, parsed: ts.ParsedCommandLine, disk: Disk, seen: Set<string>): Output[] {
  if (seen.has(path)) return [];
  seen.add(path);
  const { outDir, declarationDir, rootDir } = parsed.options;
  const project = dirname(path);
  const sources = rootDir === undefined ? [project, join(project, 'src')] : [rootDir];
  const own = [outDir, declarationDir].flatMap((directory) =>
    directory === undefined || isWithin(project, directory) ? [] : [{ directory, sources }],
  );
  const referred = (parsed.projectReferences ?? []).flatMap((reference) => {
    const config = ts.resolveProjectReferencePath(reference);
    return disk.fileExists(config) ? outputsOf(config, parseConfig(config, disk).parsed, disk, seen) : [];
  });
  return [...own, ...referred];
}

/** The outputs of the project in a directory, when there is one. */
export function outputsIn(directory: string, disk: Disk): Output[] {
  const path = join(directory, 'tsconfig.json');
  return disk.fileExists(path) ? outputsOf(path, parseConfig(path, disk).parsed, disk, new Set()) : [];
}

/** Whether a path is a directory or something below it. */
export function isWithin(path: string, directory: string): boolean {
  const way = relative(directory, path);
  return way === '' || (way !== '..' && !way.startsWith('../') && !way.startsWith('/'));
}
