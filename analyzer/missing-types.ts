import { ts } from '@ts-morph/common';
import { isRuntimeSpecifier } from './runtime.ts';

/**
 * Whether a file, or one that it imports, directly or through others, imports a package that is not installed. Types that come
 * from there cannot be known, and nothing is wrong with the application because of that.
 */
export function reachesMissingPackage(file: ts.SourceFile, program: ts.Program): boolean {
  const checker = program.getTypeChecker();
  const seen = new Set<ts.SourceFile>();
  const visit = (at: ts.SourceFile): boolean => {
    if (seen.has(at) || at.fileName.includes('/node_modules/')) return false;
    seen.add(at);
    return specifiersIn(at).some((specifier) => {
      if (isRuntimeSpecifier(specifier.text)) return false;
      const symbol = checker.getSymbolAtLocation(specifier);
      const module = symbol?.declarations?.find(ts.isSourceFile);
      return module ? visit(module) : !symbol && isPackage(specifier.text);
    });
  };
  return visit(file);
}

function specifiersIn(file: ts.SourceFile): ts.StringLiteral[] {
  return file.statements.flatMap((statement) => {
    const imports = ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement);
    const specifier = imports ? statement.moduleSpecifier : undefined;
    return specifier && ts.isStringLiteral(specifier) ? [specifier] : [];
  });
}

/** Whether a specifier is neither a path nor one of the application's own names. */
export function isPackage(specifier: string): boolean {
  return !/^[./~#]/.test(specifier) && !specifier.startsWith('encore.dev');
}
