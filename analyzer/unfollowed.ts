import { resolve } from 'node:path';
import { ts } from '@ts-morph/common';
import type { Reader } from './context.ts';
import { visit } from './sites.ts';

const help = 'Write `import … from "./module"` or `await import("./module")` of a TypeScript module.';

/** Reports the application's own modules that a file loads and that cannot be followed, so that no use in them goes unseen. */
export function checkModules(file: ts.SourceFile, reader: Reader): void {
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) continue;
    if (statement.moduleSpecifier) checkLiteral(statement.moduleSpecifier, reader);
  }
  if (!/\b(import|require)\s*\(/.test(file.text)) return;
  visit(file, (node) => {
    const loads = ts.isCallExpression(node) && loaderOf(node);
    const [specifier] = loads ? node.arguments : [];
    if (!specifier || !isOwn(specifier)) return;
    if (loads === 'import' && ts.isStringLiteralLike(specifier)) checkLiteral(specifier, reader);
    else if (!/\.(json|node)['"`]$/.test(specifier.getText())) {
      const what = loads === 'require' ? 'a module that is loaded by `require`' : 'a module whose name is computed';
      reader.report.error('FL1112', node, `${what} cannot be followed`, help);
    }
  });
}

function loaderOf({ expression: callee }: ts.CallExpression): 'import' | 'require' | undefined {
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return 'import';
  return ts.isIdentifier(callee) && callee.text === 'require' ? 'require' : undefined;
}

/** Whether a specifier, or what it begins with, is a relative path. */
function isOwn(specifier: ts.Expression): boolean {
  if (ts.isStringLiteralLike(specifier)) return specifier.text.startsWith('.');
  if (ts.isTemplateExpression(specifier)) return specifier.head.text.startsWith('.');
  return ts.isBinaryExpression(specifier) && isOwn(specifier.left);
}

/** Of JavaScript, that which reaches more than itself is worth a warning. */
function checkLiteral(specifier: ts.Expression, { checker, application: { disk }, report }: Reader): void {
  if (!ts.isStringLiteralLike(specifier) || !isOwn(specifier) || checker.getSymbolAtLocation(specifier)) return;
  const path = resolve(specifier.getSourceFile().fileName, '..', specifier.text);
  const found = ['', '.js', '.mjs', '.cjs', '.jsx', '/index.js']
    .map((end) => path + end)
    .find((one) => disk.fileExists(one));
  if (found === undefined || !/\.[cm]?jsx?$/.test(found)) return;
  if (!/(from|import|import\s*\(|require\s*\()\s*['"](\.|~?encore)/.test(disk.read(found) ?? '')) return;
  report.warning(
    'FL1112',
    specifier,
    `what \`${report.relative(found)}\` uses cannot be seen: it is JavaScript`,
    'Rename it to `.ts` when it uses infrastructure or other modules that do.',
  );
}
