import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ts } from '@ts-morph/common';
import { skipAlias } from './references.ts';

/** The declarations of `encore.dev` that applications are checked against: always the kit's own. */
export interface Runtime {
  /** The directory of the package. */
  directory: string;
  /** Module specifier → its declaration file. */
  modules: ReadonlyMap<string, string>;
}

/** Reads the export map of the runtime package in `directory`. @throws Error when the package is not there or not built: a broken installation */
export function locateRuntime(directory: string): Runtime {
  const { exports } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as {
    exports: Record<string, { types: string }>;
  };
  const modules = new Map(
    Object.entries(exports).map(([path, { types }]) => [`encore.dev${path.slice(1)}`, join(directory, types)]),
  );
  for (const file of modules.values()) {
    if (!existsSync(file)) throw new Error(`${file} is missing: the runtime is not built, see \`npm run build\``);
  }
  return { directory, modules };
}

/** Whether a module specifier is of the runtime, whatever the runtime knows of it. */
export function isRuntimeSpecifier(specifier: string): boolean {
  return specifier === 'encore.dev' || specifier.startsWith('encore.dev/');
}

/** The specifiers an application may import; the rest of the runtime is for generated code. */
export function publicModules(runtime: Runtime): string[] {
  return [...runtime.modules.keys()].filter((name) => !/^encore\.dev\/(internal\/|wire$)/.test(name));
}

/** Symbol → `module#name` of every export of the runtime modules in a program. */
export function runtimeExports(runtime: Runtime, program: ts.Program): Map<ts.Symbol, string> {
  const checker = program.getTypeChecker();
  const exports = new Map<ts.Symbol, string>();
  for (const [specifier, path] of runtime.modules) {
    const module = moduleSymbol(program, path);
    if (!module) continue;
    for (const symbol of checker.getExportsOfModule(module)) {
      const declared = skipAlias(symbol, checker);
      if (!exports.has(declared)) exports.set(declared, `${specifier}#${symbol.name}`);
    }
  }
  return exports;
}

/** The symbol of the module in a file of the program. */
export function moduleSymbol(program: ts.Program, path: string): ts.Symbol | undefined {
  const file = program.getSourceFile(path);
  return file && program.getTypeChecker().getSymbolAtLocation(file);
}
