import { ts } from '@ts-morph/common';
import { isPackage, reachesMissingPackage } from './missing-types.ts';
import type { TypeReader } from './schemas.ts';

/**
 * Reports, in the checker's own words, what is wrong inside the declarations that schemas were made from, and every type that
 * could not be resolved. Only those declarations are checked, not their files; by the program that has looked into no function
 * yet, since a checker also finishes every function it has begun.
 */
export function checkSchemaTypes(
  untouched: ts.Program,
  { program, schemas, report }: TypeReader & { program: ts.Program },
): void {
  const nodes = new Set([...schemas.declarations].map(typeDeclaration));
  for (const [file, own] of Map.groupBy(nodes, (node) => node.getSourceFile())) {
    for (const error of errorsIn(untouched, file, own)) if (!isBeside(error, file)) typeError(error, file);
  }
  for (const { node, what } of schemas.suspects.values()) {
    const errors = errorsIn(program, node.getSourceFile(), [statementOf(node)]);
    for (const error of errors) if (!isOfClient(error)) typeError(error, node.getSourceFile());
    if (errors.length > 0 || reachesMissingPackage(node.getSourceFile(), program)) continue;
    report.error(
      'FL1701',
      node,
      `${what}: the type cannot be resolved`,
      'Run `tsc --noEmit` to see why, or write the type out.',
    );
  }

  function typeError({ start = 0, length = 0, messageText }: ts.Diagnostic, file: ts.SourceFile): void {
    report.error(
      'FL1701',
      report.span(file, start, start + length),
      // The compiler names modules by their absolute paths.
      ts.flattenDiagnosticMessageText(messageText, ' ').replaceAll(`${report.absolute('.')}/`, ''),
      'Correct the type: the schema of a request, a response or a message is made from it.',
    );
  }
}

/** The checker's third parameter keeps it from checking the rest of the file; a compiler without it only takes longer. */
interface NodeChecker {
  getSemanticDiagnostics(file: ts.SourceFile, token: undefined, nodes: ts.Node[]): readonly ts.Diagnostic[];
}

function errorsIn(program: NodeChecker, file: ts.SourceFile, nodes: ts.Node[]): ts.Diagnostic[] {
  return program
    .getSemanticDiagnostics(file, undefined, nodes)
    .filter((error) => error.category === ts.DiagnosticCategory.Error && !isMissingPackage(error))
    .filter(({ start = -1 }) => nodes.some(({ pos, end }) => start >= pos && start < end));
}

/** Whether it is about an endpoint that a client of `~encore/clients` lacks, which is reported as such. */
function isOfClient({ code, messageText }: ts.Diagnostic): boolean {
  const text = ts.flattenDiagnosticMessageText(messageText, ' ');
  return [2339, 2551, 7053].includes(code) && text.includes('/encore.gen/internal/clients/');
}

/** Whether an error is in the decorators of a class or in what its methods do: its type is what it is all the same. */
function isBeside({ start = 0 }: ts.Diagnostic, file: ts.SourceFile): boolean {
  let at: ts.Node = file;
  for (;;) {
    const inner: ts.Node | undefined = ts.forEachChild(at, (child) =>
      child.pos <= start && start < child.end ? child : undefined,
    );
    if (!inner) return false;
    if (ts.isDecorator(inner) || (ts.isBlock(inner) && ts.isClassElement(at))) return true;
    at = inner;
  }
}

/** `import('package').Type` of a package that is not installed, or that has no types. */
function isMissingPackage({ code, messageText }: ts.Diagnostic): boolean {
  const specifier = /'([^']+)'/.exec(ts.flattenDiagnosticMessageText(messageText, ' '))?.[1];
  return [2307, 2792, 7016].includes(code) && specifier !== undefined && isPackage(specifier);
}

/** The interface, class or alias that a declaration is part of; itself, when it is part of none. */
function typeDeclaration(node: ts.Node): ts.Node {
  const isType = (at: ts.Node) =>
    ts.isInterfaceDeclaration(at) || ts.isTypeAliasDeclaration(at) || ts.isClassDeclaration(at);
  return ts.findAncestor(node, isType) ?? node;
}

/** An inferred type can go wrong anywhere in the statement that it is inferred from. */
function statementOf(node: ts.Node): ts.Node {
  return ts.findAncestor(node, ({ parent }) => !parent || ts.isSourceFile(parent)) ?? node;
}
