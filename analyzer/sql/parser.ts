import { setFlagsFromString } from 'node:v8';
import { depthBound, tokensOf } from './tokens.ts';
import type { Content, Node } from './tree.ts';

/** Reads SQL as PostgreSQL does. Stays usable whatever it is given. */
export interface Parser {
  parse(sql: string): Parsed | { error: SqlError };
}

export interface Parsed {
  statements: Statement[];
  /** From the bytes that the tree counts in to a UTF-16 index. */
  offsetOf(bytes: number): number;
}

export interface Statement {
  /** Such as `SelectStmt`. */
  kind: string;
  content: Content;
  /** UTF-16 indices: from its first word to where the next one's blanks begin. */
  start: number;
  end: number;
}

export interface SqlError {
  /** In PostgreSQL's words. */
  message: string;
  /** UTF-16 index of where PostgreSQL stopped. */
  offset: number;
}

let loaded: Promise<Parser> | undefined;

/**
 * PostgreSQL's parser, compiled to WebAssembly: 2 MB, to be loaded only when there is SQL. Optimising its one huge function, which
 * the engine would do in the background, takes a second and half a gigabyte: far more than reading any amount of SQL ever does.
 */
export function loadParser(): Promise<Parser> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Parser> {
  // Neither is enough by itself.
  setFlagsFromString('--no-wasm-tier-up');
  setFlagsFromString('--no-wasm-dynamic-tiering');
  const { loadModule, parseSync } = await import('pgsql-parser');
  await loadModule();
  return { parse: (sql) => parse(sql, parseSync) };
}

type ParseTree = (sql: string) => unknown;

/** A tree this deep fits on the stack. One that does not would leave the parser's memory in disorder for all that comes after. */
const deepest = 1000;

function parse(sql: string, parseTree: ParseTree): Parsed | { error: SqlError } {
  const zero = sql.indexOf('\0');
  if (zero >= 0) return { error: { message: 'invalid byte sequence for encoding "UTF8": 0x00', offset: zero } };
  if (sql.length > deepest && depthBound(sql) > deepest)
    return { error: { message: 'stack depth limit exceeded', offset: 0 } };
  if (sql === '') return { statements: [], offsetOf: () => 0 };
  const text = sql.toWellFormed();
  try {
    const { stmts } = parseTree(text) as { stmts?: RawStatement[] };
    const offsetOf = fromBytes(text);
    return { statements: (stmts ?? []).flatMap((raw) => statementOf(raw, text, offsetOf)), offsetOf };
  } catch (error) {
    const { message, sqlDetails } = error as Error & { sqlDetails?: { cursorPosition?: number } };
    const characters = [...text].slice(0, sqlDetails?.cursorPosition ?? 0).join('');
    return { error: { message, offset: characters.length } };
  }
}

interface RawStatement {
  stmt?: Node;
  /** In bytes; 0 for the length is the rest of the text. */
  stmt_location?: number;
  stmt_len?: number;
}

function statementOf(
  { stmt = {}, stmt_location = 0, stmt_len }: RawStatement,
  sql: string,
  offsetOf: Parsed['offsetOf'],
) {
  const [kind, content] = Object.entries(stmt)[0] ?? [];
  if (kind === undefined || content === undefined) return [];
  const from = offsetOf(stmt_location);
  const end = stmt_len ? offsetOf(stmt_location + stmt_len) : sql.length;
  const [first] = tokensOf(sql.slice(from, end));
  return [{ kind, content, start: from + (first?.start ?? 0), end }];
}

function fromBytes(sql: string): (bytes: number) => number {
  const size = Buffer.byteLength(sql);
  if (size === sql.length) return (bytes) => bytes;
  const offsets = new Uint32Array(size + 1);
  let [bytes, units] = [0, 0];
  for (const character of sql) {
    offsets[bytes] = units;
    bytes += Buffer.byteLength(character);
    units += character.length;
  }
  offsets[size] = units;
  return (at) => offsets[Math.min(at, size)]!;
}
