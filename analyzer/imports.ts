import { ts } from '@ts-morph/common';
import { memberOf, symbolOf } from './references.ts';
import type { Report } from './report.ts';
import { isRuntimeSpecifier, moduleSymbol, publicModules, type Runtime } from './runtime.ts';
import { visit } from './sites.ts';
import { didYouMean } from './suggest.ts';

/** Parts of Encore that are not supported yet, for messages that say so. */
const laterModules: Record<string, string> = {
  'encore.dev/auth': 'auth handlers',
  'encore.dev/metrics': 'metrics',
  'encore.dev/storage/objects': 'buckets',
  'encore.dev/storage/cache': 'caches',
  'encore.dev/validate': 'validation types',
};
const laterNames: Record<string, string> = {
  'encore.dev/api#Gateway': 'gateways',
  'encore.dev/api#middleware': 'middleware',
  'encore.dev/api#api.raw': 'raw endpoints',
  'encore.dev/api#api.static': 'static assets',
  'encore.dev/api#api.streamIn': 'streams',
  'encore.dev/api#api.streamOut': 'streams',
  'encore.dev/api#api.streamInOut': 'streams',
};

/** Reports imports of `encore.dev` and `~encore` that lead nowhere. */
export function checkImports(
  files: readonly ts.SourceFile[],
  surroundings: {
    program: ts.Program;
    runtime: Runtime;
    exports: ReadonlyMap<ts.Symbol, string>;
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
    checkMembers(file, surroundings, report);
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
    const later = laterModules[module];
    if (later) report.error('FL1008', specifier, `\`${module}\` is not supported yet: ${later}`, 'Remove the import.');
    else {
      const help = didYouMean(module, known, `The modules are ${known.join(', ')}.`);
      report.error('FL1006', specifier, `there is no module \`${module}\``, help);
    }
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
  for (const name of importedNames(statement)) {
    if (names.includes(name.text)) continue;
    const later = laterNames[`${module}#${name.text}`];
    if (later) report.error('FL1008', name, `\`${name.text}\` is not supported yet: ${later}`, 'Remove the import.');
    else {
      const help = didYouMean(name.text, names, `It exports ${names.join(', ')}.`);
      report.error('FL1007', name, `\`${module}\` has no export \`${name.text}\``, help);
    }
  }
}

function checkGeneratedImport(
  statement: Statement,
  specifier: ts.StringLiteral,
  clients: readonly string[],
  report: Report,
): void {
  if (specifier.text !== '~encore/clients') {
    if (specifier.text === '~encore/auth')
      report.error('FL1008', specifier, '`~encore/auth` is not supported yet: auth handlers', 'Remove the import.');
    else {
      const help = didYouMean(specifier.text, ['~encore/clients'], 'Import `~encore/clients`.');
      report.error('FL1006', specifier, `there is no module \`${specifier.text}\``, help);
    }
    return;
  }
  for (const name of importedNames(statement)) {
    if (clients.includes(name.text)) continue;
    report.error(
      'FL1207',
      name,
      `there is no service \`${name.text}\``,
      clients.length > 0
        ? didYouMean(name.text, clients, `The services are ${clients.join(', ')}.`)
        : 'Declare a service first.',
    );
  }
}

/** The names as the imported module knows them. */
function importedNames(statement: Statement): (ts.Identifier | ts.StringLiteral)[] {
  if (ts.isExportDeclaration(statement)) {
    const { exportClause } = statement;
    return exportClause && ts.isNamedExports(exportClause)
      ? exportClause.elements.map(({ name, propertyName }) => propertyName ?? name)
      : [];
  }
  const bindings = statement.importClause?.namedBindings;
  return bindings && ts.isNamedImports(bindings)
    ? bindings.elements.map(({ name, propertyName }) => propertyName ?? name)
    : [];
}

/** `api.raw` and its like: members of known exports that are known and not there yet. */
function checkMembers(
  file: ts.SourceFile,
  { program, exports }: { program: ts.Program; exports: ReadonlyMap<ts.Symbol, string> },
  report: Report,
): void {
  const members = new Set(Object.keys(laterNames).map((name) => name.split(/[#.]/).at(-1)));
  visit(file, (node) => {
    const member = memberOf(node);
    if (!member || !members.has(member.name.text)) return;
    const owner = symbolOf(member.owner, program.getTypeChecker());
    const name = owner && exports.get(owner);
    const later = name && laterNames[`${name}.${member.name.text}`];
    if (later)
      report.error(
        'FL1008',
        node,
        `\`api.${member.name.text}\` is not supported yet: ${later}`,
        'Use a typed endpoint, `api(…)`.',
      );
  });
}
