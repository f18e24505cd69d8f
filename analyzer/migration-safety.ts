import type { MigrationStatement } from './graph.ts';
import { linesOf } from './line-and-column.ts';
import type { Report } from './report.ts';
import { loadParser, type Parser, type Statement } from './sql/parser.ts';
import { refusesTransaction } from './sql/safety/alone.ts';
import { statementsOfBlock } from './sql/safety/block.ts';
import { classOf, type Effect, reasonOf } from './sql/safety/effect.ts';
import { Schema } from './sql/safety/schema.ts';
import { Scope } from './sql/safety/scope.ts';
import { effectsOf } from './sql/safety/statement.ts';
import { tokensOf } from './sql/tokens.ts';

/**
 * Judges each statement of a migration by what it does to code and data that were there before the file. PostgreSQL's own grammar
 * reads it; what is not known to be harmless counts as destructive.
 *
 * @param sql without a byte order mark
 * @param schema what the migrations before have declared; takes in what this one declares
 * @returns one entry per statement, one per command of an ALTER TABLE, and one per statement of a plain DO block
 */
export async function safetyOf(
  sql: string,
  file: string,
  report: Report,
  schema: Schema = new Schema(),
): Promise<MigrationStatement[]> {
  if (sql.trim() === '') return [];
  const parser = await loadParser();
  const placeOf = linesOf(sql);
  const positionAt = (offset: number) => ({ file, ...placeOf(offset) });
  const parsed = parser.parse(sql);
  if ('error' in parsed) {
    const { message, offset } = parsed.error;
    report.error('FL1404', positionAt(offset), `PostgreSQL cannot read this migration: ${message}`, 'Correct the SQL.');
    return [];
  }
  const { statements } = parsed;
  if (statements.length > 1) {
    for (const statement of statements) warnOfTransaction(statement, positionAt(statement.start), report);
  }
  const scope = new Scope(schema);
  return statements
    .flatMap((statement) => judge(statement, sql, scope, parser))
    .map(({ effect, offset }) => ({ safety: classOf(effect), reason: reasonOf(effect), position: positionAt(offset) }));
}

interface Judged {
  effect: Effect;
  /** UTF-16 index. */
  offset: number;
}

function judge(statement: Statement, sql: string, scope: Scope, parser: Parser): Judged[] {
  const { kind, content, start, end } = statement;
  const block = kind === 'DoStmt' ? statementsOfBlock(content, parser) : undefined;
  if (block) return block.flatMap((inside) => effectsOf(inside, scope).map((effect) => ({ effect, offset: start })));
  const effects = effectsOf(statement, scope);
  const offsets = kind === 'AlterTableStmt' ? commandOffsets(sql.slice(start, end)) : [];
  const known = offsets.length === effects.length;
  return effects.map((effect, index) => ({ effect, offset: start + (known ? offsets[index]! : 0) }));
}

/** Where the commands of an ALTER TABLE begin, the first where the statement does. */
function commandOffsets(sql: string): number[] {
  const offsets = [0];
  let [depth, next] = [0, false];
  for (const { text, start } of tokensOf(sql)) {
    if (next) offsets.push(start);
    if (/^[([]$/.test(text)) depth++;
    if (/^[)\]]$/.test(text)) depth--;
    next = depth === 0 && text === ',';
  }
  return offsets;
}

function warnOfTransaction(statement: Statement, position: MigrationStatement['position'], report: Report): void {
  const words = refusesTransaction(statement);
  if (words === undefined) return;
  report.warning(
    'FL1409',
    position,
    `${words} cannot run beside other statements, since a migration is one transaction`,
    'Put it into a migration of its own.',
  );
}
