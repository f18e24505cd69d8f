import { createHash } from 'node:crypto';
import { ts } from '@ts-morph/common';
import type { KeptFacts } from './cache.ts';
import type { Reader } from './context.ts';
import type { ClientSource } from './generate/clients.ts';
import type { Report } from './report.ts';
import { clientName } from './services.ts';

/** What a file says depends on every other one: it declares something global. */
const everything = '*';

/** The application's files that the meaning of a file depends on directly: those it imports, for types alone as well. */
export function needsOf(file: ts.SourceFile, clients: ClientSource, { checker, sources, report }: Reader): string[] {
  if (isGlobal(file)) return [everything];
  const { imports } = file as ts.SourceFile & { imports?: readonly ts.StringLiteralLike[] };
  const needs = new Set<string>();
  for (const specifier of imports ?? []) {
    if (specifier.text.startsWith('~encore/')) {
      for (const module of modulesBehind(specifier, clients)) needs.add(module);
    }
    for (const declaration of checker.getSymbolAtLocation(specifier)?.declarations ?? []) {
      const { fileName } = declaration.getSourceFile();
      if (sources.has(fileName)) needs.add(report.relative(fileName));
    }
  }
  return [...needs].sort();
}

/** The modules whose handlers give a generated client its types. */
function modulesBehind(specifier: ts.StringLiteralLike, { services, authHandler }: ClientSource): string[] {
  const auth = authHandler ? [authHandler.module] : [];
  if (specifier.text === '~encore/auth') return auth;
  const names = namesFrom(specifier);
  return services
    .filter(({ name }) => !names || names.includes(clientName(name)))
    .flatMap(({ endpoints }) => endpoints.map(({ module }) => module))
    .concat(auth);
}

/** The names that a statement imports or exports from a module; undefined for all of them. */
function namesFrom({ parent }: ts.StringLiteralLike): string[] | undefined {
  const bindings = ts.isImportDeclaration(parent)
    ? parent.importClause?.namedBindings
    : ts.isExportDeclaration(parent)
      ? parent.exportClause
      : undefined;
  if (!bindings || !(ts.isNamedImports(bindings) || ts.isNamedExports(bindings))) return undefined;
  return bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text);
}

/**
 * Names the files of a program that declare something for all others: scripts, and modules that augment. One of another name or
 * content can change what any file means.
 */
export function globalsOf(program: ts.Program, report: Report): string {
  const names = program
    .getSourceFiles()
    .filter((file) => !program.isSourceFileDefaultLibrary(file) && isGlobal(file))
    .map(({ fileName }) => report.relative(fileName));
  return createHash('sha256').update(names.sort().join('\0')).digest('hex');
}

function isGlobal(file: ts.SourceFile): boolean {
  return (
    !ts.isExternalModule(file) ||
    file.statements.some(
      (statement) =>
        ts.isModuleDeclaration(statement) &&
        (ts.isStringLiteral(statement.name) || (statement.flags & ts.NodeFlags.GlobalAugmentation) !== 0),
    )
  );
}

/**
 * The files that have to be read anew after some have changed: those, and whatever depends on them, directly or through others.
 * Undefined when that is all of them.
 *
 * @param changed absolute
 */
export function staleFiles(
  kept: Readonly<Record<string, KeptFacts>>,
  changed: readonly string[],
  report: Report,
): Set<string> | undefined {
  const needed = new Map<string, string[]>();
  for (const [file, { needs }] of Object.entries(kept)) {
    for (const need of needs) needed.set(need, [...(needed.get(need) ?? []), file]);
  }
  const stale = new Set<string>();
  const open = changed.map((file) => report.relative(file));
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (stale.has(file)) continue;
    // Not one of the application's sources, or one that all depend on.
    if (!Object.hasOwn(kept, file) || kept[file]?.needs.includes(everything)) return undefined;
    stale.add(file);
    open.push(...(needed.get(file) ?? []));
  }
  return stale;
}
