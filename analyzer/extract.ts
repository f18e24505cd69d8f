import { ts } from '@ts-morph/common';
import { readCode } from './code.ts';
import type { Reader } from './context.ts';
import type { Declaration, Facts, Outline } from './facts.ts';
import { loadedModule } from './references.ts';
import type { Report } from './report.ts';
import { forms } from './resources/mod.ts';
import { service, serviceName } from './resources/service.ts';
import { findSites, outlineOf, type Site, visit, wellPlaced } from './sites.ts';

/** The declarations of one file, before their types are looked at. */
export interface Found {
  site: Site;
  outline: Outline;
}

/** What is declared in a file, by symbols alone. Reports what is declared where it cannot be. */
export function outlinesOf(
  file: ts.SourceFile,
  checker: ts.TypeChecker,
  exports: ReadonlyMap<ts.Symbol, string>,
  report: Report,
): Found[] {
  return findSites(file, checker, exports, forms).flatMap((site) => {
    const form = forms.get(site.declares);
    if (!form || !wellPlaced(site, form, report)) return [];
    const outline = outlineOf(site, checker, report);
    const name = site.declares === service.declares && { name: serviceName(site, report) };
    const handshake = /#api\.stream/.test(site.declares) && { handshake: takesHandshake(site, checker) };
    return [{ site, outline: { ...outline, ...name, ...handshake } }];
  });
}

/** Whether the handler of a stream has two parameters. */
function takesHandshake({ node }: Site, checker: ts.TypeChecker): boolean {
  const handler = node.arguments?.[1];
  if (!handler) return false;
  if (ts.isArrowFunction(handler) || ts.isFunctionExpression(handler)) return handler.parameters.length > 1;
  return (checker.getTypeAtLocation(handler).getCallSignatures()[0]?.parameters.length ?? 0) > 1;
}

/** All that a file says. */
export async function extract(file: ts.SourceFile, found: readonly Found[], reader: Reader): Promise<Facts> {
  const declarations: Declaration[] = [];
  for (const { site, outline } of found) {
    const value: unknown = await forms.get(site.declares)?.read(site, reader);
    if (value !== undefined) declarations.push({ ...outline, value });
  }
  const sites = found.map(({ site }) => site);
  return {
    declarations,
    imports: importsOf(file, reader),
    code: await readCode(file, sites, reader),
    schemas: reader.schemas.reachable(declarations),
  };
}

/** The application's own files that loading a file loads. */
function importsOf(file: ts.SourceFile, { checker, program, sources, report }: Reader): string[] {
  const specifiers: ts.Expression[] = [];
  const { verbatimModuleSyntax = false } = program.getCompilerOptions();
  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement) && loads(statement, verbatimModuleSyntax))
      specifiers.push(statement.moduleSpecifier);
    if (ts.isExportDeclaration(statement) && !statement.isTypeOnly && statement.moduleSpecifier)
      specifiers.push(statement.moduleSpecifier);
  }
  if (/\b(import|require)\s*\(/.test(file.text)) {
    visit(file, (node) => {
      const specifier = loadedModule(node);
      if (specifier) specifiers.push(specifier);
    });
  }
  const imported = specifiers
    .flatMap((specifier) => checker.getSymbolAtLocation(specifier)?.declarations?.filter(ts.isSourceFile) ?? [])
    .filter(({ fileName }) => sources.has(fileName))
    .map(({ fileName }) => report.relative(fileName));
  return [...new Set(imported)].sort();
}

/** An import of nothing but types is erased; where imports stay verbatim, `import type` alone. */
function loads({ importClause }: ts.ImportDeclaration, verbatim: boolean): boolean {
  if (!importClause) return true;
  if (importClause.isTypeOnly) return false;
  if (verbatim) return true;
  const { name, namedBindings } = importClause;
  const onlyTypes =
    namedBindings &&
    ts.isNamedImports(namedBindings) &&
    namedBindings.elements.length > 0 &&
    namedBindings.elements.every(({ isTypeOnly }) => isTypeOnly);
  return name !== undefined || !onlyTypes;
}
