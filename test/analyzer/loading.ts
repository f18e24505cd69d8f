import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { ts } from '@ts-morph/common';
import { discover } from '../../analyzer/discover.ts';
import { Disk } from '../../analyzer/disk.ts';
import type { Trace } from '../../analyzer/disk-trace.ts';
import { reportMissingPackages } from '../../analyzer/missing-packages.ts';
import { createLoader } from '../../analyzer/program.ts';
import { Report } from '../../analyzer/report.ts';
import { locateRuntime } from '../../analyzer/runtime.ts';
import { withApplication } from './application.ts';

const runtime = resolve(import.meta.dirname, '../../runtime');

/** What the compiler makes of an application. Paths are relative to the directory of all files. */
export interface Loaded {
  /** The files that the analyzer takes for the application's own. */
  files: string[];
  /** The sources in the program that no declaration file gives, without the kit's. */
  sources: string[];
  /** The types of the exported variables and the exported type aliases of the first file, as text. */
  types: Record<string, string>;
  /** `warning FL1009 package: …` of everything that is wrong, missing packages too. */
  diagnostics: string[];
  trace: Trace;
}

export interface Shape {
  /** The application's directory. @default . */
  application?: string;
  /** Links to make: path → target, both relative to the directory of all files. */
  links?: Record<string, string>;
}

/** Writes the files of a text, and loads the application among them. */
export function load(text: string, { application = '.', links = {} }: Shape = {}): Promise<Loaded> {
  return withApplication(text, (top) => {
    for (const [path, target] of Object.entries(links)) {
      mkdirSync(dirname(join(top, path)), { recursive: true });
      symlinkSync(relative(dirname(path), target), join(top, path));
    }
    return loadIn(top, join(top, application));
  });
}

function loadIn(top: string, root: string): Loaded {
  const report = new Report(top);
  const disk = new Disk(top);
  const found = discover(root, report, disk);
  if (!found) throw new Error(JSON.stringify(report.diagnostics()));
  const loader = createLoader(found, locateRuntime(runtime), report);
  const program = loader([]);
  reportMissingPackages(loader.missingPackages(), report);
  const own = program
    .getSourceFiles()
    .filter(({ fileName, isDeclarationFile }) => !isDeclarationFile && fileName.startsWith(top));
  const first = program.getSourceFile(found.files[0] ?? '');
  return {
    files: found.files.map((file) => relative(top, file)),
    sources: own.map(({ fileName }) => relative(top, fileName)).sort(),
    types: first ? typesIn(first, program.getTypeChecker()) : {},
    diagnostics: report.diagnostics().map(({ severity, code, message }) => `${severity} ${code} ${message}`),
    trace: disk.trace(),
  };
}

function typesIn(file: ts.SourceFile, checker: ts.TypeChecker): Record<string, string> {
  const module = checker.getSymbolAtLocation(file);
  const types = (module ? checker.getExportsOfModule(module) : []).map((symbol): [string, string] => {
    const type =
      symbol.flags & ts.SymbolFlags.TypeAlias
        ? checker.getDeclaredTypeOfSymbol(symbol)
        : checker.getTypeOfSymbol(symbol);
    return [symbol.name, checker.typeToString(type, undefined, ts.TypeFormatFlags.InTypeAlias)];
  });
  return Object.fromEntries(types);
}
