import { ts } from '@ts-morph/common';
import type { Report } from './report.ts';
import { isRuntimeSpecifier, moduleSymbol, publicModules, type Runtime } from './runtime.ts';
import { didYouMean } from './suggest.ts';

/** Reports imports of `encore.dev` and `~encore` that lead nowhere. */
export function checkImports(
  files: readonly ts.SourceFile[],
  surroundings: {
    program: ts.Program;
    runtime: Runtime;
    clients: readonly string[];
  },
  report: Report,
): void {
  for (const file of files) {
    for (const statement of file.statements) {
      if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) continue;
      const { moduleSpecifier } = statement;
      if (!moduleSpecifier || !ts.isStringLiteral(moduleSpecifier)) continue;
      if (isRuntimeSpecifier(moduleSpecifier.text))
        checkRuntimeImport(statement, moduleSpecifier, surroundings, report);
      if (moduleSpecifier.text.startsWith('~encore/'))
        checkGeneratedImport(statement, moduleSpecifier, surroundings.clients, report);
    }
  }
}

type Statement = ts.ImportDeclaration | ts.ExportDeclaration;

function checkRuntimeImport(
  statement: Statement,
  specifier: ts.StringLiteral,
  { program, runtime }: { program: ts.Program; runtime: Runtime },
  report: Report,
): void {
  const module = specifier.text;
  const known = publicModules(runtime);
  if (!known.includes(module)) {
    const help = didYouMean(module, known, `The modules are ${known.join(', ')}.`);
    report.error('FL1006', specifier, `there is no module \`${module}\``, help);
    return;
  }
  const symbol = moduleSymbol(program, runtime.modules.get(module) ?? '');
  const names = symbol
    ? program
        .getTypeChecker()
        .getExportsOfModule(symbol)
        .map(({ name }) => name)
        .sort()
    : [];
  for (const { name, at } of importedNames(statement)) {
    if (names.includes(name)) continue;
    const help = didYouMean(name, names, `It exports ${names.join(', ')}.`);
    report.error('FL1007', at, `\`${module}\` has no export \`${name}\``, help);
  }
}

function checkGeneratedImport(
  statement: Statement,
  specifier: ts.StringLiteral,
  clients: readonly string[],
  report: Report,
): void {
  if (specifier.text === '~encore/auth') return;
  if (specifier.text !== '~encore/clients') {
    const modules = ['~encore/clients', '~encore/auth'];
    const help = didYouMean(specifier.text, modules, 'Import `~encore/clients` or `~encore/auth`.');
    report.error('FL1006', specifier, `there is no module \`${specifier.text}\``, help);
    return;
  }
  for (const { name, at } of importedNames(statement)) {
    if (clients.includes(name)) continue;
    report.error(
      'FL1207',
      at,
      `there is no service \`${name}\``,
      clients.length > 0
        ? didYouMean(name, clients, `The services are ${clients.join(', ')}.`)
        : 'Declare a service first.',
    );
  }
}

interface Imported {
  /** As the imported module knows it. */
  name: string;
  at: ts.Node;
}

function importedNames(statement: Statement): Imported[] {
  if (ts.isExportDeclaration(statement)) {
    const { exportClause } = statement;
    return exportClause && ts.isNamedExports(exportClause)
      ? exportClause.elements.map(({ name, propertyName }) => asKnown(propertyName ?? name))
      : [];
  }
  const { name: byDefault, namedBindings: bindings } = statement.importClause ?? {};
  const named = bindings && ts.isNamedImports(bindings) ? bindings.elements : [];
  return [
    ...(byDefault ? [{ name: 'default', at: byDefault }] : []),
    ...named.map(({ name, propertyName }) => asKnown(propertyName ?? name)),
  ];
}

function asKnown(at: ts.Identifier | ts.StringLiteral): Imported {
  return { name: at.text, at };
}
