import { ts } from '@ts-morph/common';
import type { UseFact } from './facts.ts';
import { unwrap } from './references.ts';
import type { Report } from './report.ts';
import { loadParser } from './sql/parser.ts';
import { type QueryText, queryOfLiteral, queryOfTemplate } from './sql/query-text.ts';
import { readQuery } from './sql/read-query.ts';

/** A statement written in place: `` db.query`…` `` or `db.rawQuery('…', …)`. */
export type Literal = ts.TemplateLiteral | ts.Expression;

/** The statement that a method of a database is given, when it is a literal. */
export function literalStatement(method: ts.Expression): Literal | undefined {
  const { parent } = method;
  if (ts.isTaggedTemplateExpression(parent) && parent.tag === method) return parent.template;
  return ts.isCallExpression(parent) && parent.expression === method ? parent.arguments[0] : undefined;
}

/** Says of each use of a database what its statement does: reads or writes, and which tables. What cannot be read is reported. */
export async function readStatements(
  uses: readonly { fact: UseFact; literal?: Literal }[],
  file: ts.SourceFile,
  report: Report,
): Promise<void> {
  const queries = uses.flatMap(({ fact, literal }) => {
    const query = literal && queryOf(literal);
    return query ? [{ fact, query }] : [];
  });
  if (queries.length === 0) return;
  const parser = await loadParser();
  for (const { fact, query } of queries) {
    const found = readQuery(query.sql, parser);
    if ('error' in found) {
      const at = query.sourceOffset(found.error.offset);
      report.error(
        'FL1408',
        report.span(file, at, at + 1),
        `PostgreSQL cannot read this query: ${found.error.message}`,
        'Correct the SQL.',
      );
    } else {
      if (found.access !== 'unknown') fact.operation = found.access;
      if (found.tables.length > 0) fact.tables = found.tables;
    }
  }
}

function queryOf(literal: Literal): QueryText | undefined {
  const node = unwrap(literal as ts.Expression);
  return ts.isTaggedTemplateExpression(node.parent) && ts.isTemplateLiteral(node)
    ? queryOfTemplate(node)
    : queryOfLiteral(node);
}
