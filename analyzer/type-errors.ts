import { ts } from '@ts-morph/common';
import type { Context } from './context.ts';
import type { Place } from './schemas.ts';

/**
 * Reports, in the checker's own words, what is wrong inside the declarations that schemas were made from, and every type that
 * could not be resolved. Only the files of those declarations are checked.
 */
export function checkSchemaTypes({ program, schemas, report }: Context): void {
  const byFile = Map.groupBy(schemas.declarations, (node) => node.getSourceFile());
  for (const [file, nodes] of byFile) {
    for (const error of errorsIn(program, file)) {
      if (nodes.some((node) => isInside(error, node))) typeError(error, file);
    }
  }
  for (const place of schemas.suspects.values()) {
    const file = place.node.getSourceFile();
    const errors = errorsIn(program, file).filter((error) => isInside(error, widest(place.node)));
    if (errors.length > 0) for (const error of errors) typeError(error, file);
    else
      report.error(
        'FL1701',
        place.node,
        `${place.what}: the type cannot be resolved`,
        'Run `tsc --noEmit` to see why, or write the type out.',
      );
  }

  function typeError(error: ts.Diagnostic, file: ts.SourceFile): void {
    const start = error.start ?? 0;
    report.error(
      'FL1701',
      report.span(file, start, start + (error.length ?? 0)),
      ts.flattenDiagnosticMessageText(error.messageText, ' '),
      'Correct the type: the schema of a request, a response or a message is made from it.',
    );
  }
}

function errorsIn(program: ts.Program, file: ts.SourceFile): ts.Diagnostic[] {
  return program.getSemanticDiagnostics(file).filter(({ category }) => category === ts.DiagnosticCategory.Error);
}

function isInside({ start }: ts.Diagnostic, node: ts.Node): boolean {
  return start !== undefined && start >= node.pos && start < node.end;
}

/** An inferred type can go wrong anywhere in the statement that it is inferred from. */
function widest(node: Place['node']): ts.Node {
  let at = node;
  while (!ts.isSourceFile(at.parent) && !ts.isSourceFile(at)) at = at.parent;
  return at;
}
