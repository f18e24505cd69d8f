import { ts } from '@ts-morph/common';

/** The text of a query, as the database gets it. */
export interface QueryText {
  sql: string;
  /** From a UTF-16 index into the query to one into the source file. Within an escape or a value it is where that begins. */
  sourceOffset(offset: number): number;
}

/** The text that a tagged template sends: each value is `$1`, `$2` …. Undefined for one with an invalid escape, which has no text. */
export function queryOfTemplate(template: ts.TemplateLiteral): QueryText | undefined {
  const text = new MappedText();
  const source = template.getSourceFile().text;
  if (ts.isNoSubstitutionTemplateLiteral(template)) return text.add(template, source, 1)?.result();
  if (!text.add(template.head, source, 2)) return undefined;
  let opening = template.head.getEnd() - 2;
  for (const [index, { literal }] of template.templateSpans.entries()) {
    text.put(`$${index + 1}`, opening);
    if (!text.add(literal, source, ts.isTemplateTail(literal) ? 1 : 2)) return undefined;
    opening = literal.getEnd() - 2;
  }
  return text.result();
}

/** The text of a string, a template without values, or these joined by `+`; undefined for any other expression. */
export function queryOfLiteral(expression: ts.Expression): QueryText | undefined {
  const text = new MappedText();
  return addLiteral(expression, text) ? text.result() : undefined;
}

function addLiteral(expression: ts.Expression, text: MappedText): boolean {
  if (ts.isStringLiteralLike(expression)) return Boolean(text.add(expression, expression.getSourceFile().text, 1));
  if (ts.isParenthesizedExpression(expression)) return addLiteral(expression.expression, text);
  if (!ts.isBinaryExpression(expression) || expression.operatorToken.kind !== ts.SyntaxKind.PlusToken) return false;
  return addLiteral(expression.left, text) && addLiteral(expression.right, text);
}

/** From an index on, text stands at a place of the source: one to one, or all of it at that one place. */
interface Chunk {
  from: number;
  source: number;
  fixed: boolean;
}

const escapes = /\\(?:\r\n|x[\da-fA-F]{2}|u[\da-fA-F]{4}|u\{[\da-fA-F]+\}|[\s\S])|\r\n?/g;

const named: Record<string, string> = { 0: '\0', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

class MappedText {
  #sql = '';
  readonly #chunks: Chunk[] = [];

  /** Adds a literal of the source, of which `closing` characters end it. Undefined when it holds an invalid escape. */
  add(literal: ts.LiteralLikeNode, source: string, closing: number): this | undefined {
    const start = literal.getStart() + 1;
    const raw = source.slice(start, literal.getEnd() - closing);
    let last = 0;
    for (const match of raw.matchAll(escapes)) {
      const cooked = unescaped(match[0], raw[match.index + match[0].length]);
      if (cooked === undefined) return undefined;
      this.#chunk(raw.slice(last, match.index), start + last, false);
      this.#chunk(cooked, start + match.index, true);
      last = match.index + match[0].length;
    }
    this.#chunk(raw.slice(last), start + last, false);
    return this;
  }

  /** Adds what stands for a place of the source. */
  put(text: string, source: number): void {
    this.#chunk(text, source, true);
  }

  #chunk(text: string, source: number, fixed: boolean): void {
    this.#chunks.push({ from: this.#sql.length, source, fixed });
    this.#sql += text;
  }

  result(): QueryText {
    const chunks = this.#chunks;
    const sourceOffset = (offset: number) => {
      const chunk = chunks.findLast(({ from }) => from <= offset) ?? chunks[0]!;
      return chunk.fixed ? chunk.source : chunk.source + offset - chunk.from;
    };
    return { sql: this.#sql, sourceOffset };
  }
}

/** What an escape stands for; undefined when it is none. `next` follows it. */
function unescaped(text: string, next = ''): string | undefined {
  if (text[0] === '\r') return '\n';
  const letter = text[1] ?? '';
  if (/[\r\n\u2028\u2029]/.test(letter)) return '';
  if (/[1-9]/.test(letter) || (letter === '0' && /\d/.test(next))) return undefined;
  if (letter !== 'x' && letter !== 'u') return named[letter] ?? letter;
  const code = Number.parseInt(text.replace(/[\\xu{}]/g, ''), 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
