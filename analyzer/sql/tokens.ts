/** A word, a literal or a symbol of SQL; white space and comments are none. */
export interface Token {
  text: string;
  /** UTF-16 index. */
  start: number;
}

/** All that is told by its first characters, a comment or a quote without an end included: then its sign stands alone. */
const pattern = new RegExp(
  [
    String.raw`(?<blank>\s+|--[^\n\r]*)`,
    String.raw`[eE]'(?:\\[\s\S]|''|[^'\\])*'`,
    "'(?:''|[^'])*'",
    '"(?:""|[^"])*"',
    String.raw`[\w\u0080-\uffff][\w$\u0080-\uffff]*`,
    String.raw`[\s\S]`,
  ].join('|'),
  'y',
);

/** Quotes such as `$$` and `$body$`, those that begin with the end of another one too. */
const quotes = /(?=(\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$))/g;

/** The tokens of a text, which need not be valid: enough to find commas and brackets, not to understand it. */
export function* tokensOf(sql: string): Generator<Token> {
  const endOfQuoted = quotedIn(sql);
  const lastComment = sql.lastIndexOf('*/');
  for (let start = 0, end: number; start < sql.length; start = end) {
    if (sql.startsWith('/*', start) && lastComment >= start + 2) {
      end = sql.indexOf('*/', start + 2) + 2;
      continue;
    }
    pattern.lastIndex = start;
    const match = pattern.exec(sql)!;
    end = endOfQuoted(start) ?? start + match[0].length;
    if (match.groups?.blank === undefined) yield { text: sql.slice(start, end), start };
  }
}

/**
 * Where a quote in dollars that begins at an index ends; undefined when none begins there, or it has no end. Where each sign occurs
 * last is found once for all: a text of signs without an end would else be read to its end for each.
 */
function quotedIn(sql: string): (start: number) => number | undefined {
  const signs = new Map<number, string>();
  const last = new Map<string, number>();
  for (const { 1: sign = '', index } of sql.matchAll(quotes)) {
    signs.set(index, sign);
    last.set(sign, index);
  }
  return (start) => {
    const sign = signs.get(start);
    if (sign === undefined || last.get(sign)! < start + sign.length) return undefined;
    return sql.indexOf(sign, start + sign.length) + sign.length;
  };
}

/** What parts stand beside: none of them is within another. */
const separators = new Set([',', ';', 'and', 'or', 'when', 'then', 'else', 'union', 'except', 'intersect', 'join']);

/** What nests all that stands before it, and how much stack that takes, where 1 is the most. */
const chains = new Map([
  ['join', 1],
  ['union', 0.25],
  ['except', 0.25],
  ['intersect', 0.25],
]);

const closing: Record<string, string> = { '(': ')', '[': ']', case: 'end' };

interface Level {
  /** What closes it. */
  end: string;
  here: number;
  most: number;
}

/** At most how deep the tree of a text can be: never too low, mostly far too high. */
export function depthBound(sql: string): number {
  const levels: Level[] = [{ end: '', here: 0, most: 0 }];
  let [chained, mostChained] = [0, 0];
  for (const { text } of tokensOf(sql)) {
    const word = text.toLowerCase();
    const level = levels.at(-1)!;
    chained = word === ';' ? 0 : chained + (chains.get(word) ?? 0);
    mostChained = Math.max(chained, mostChained);
    if (Object.hasOwn(closing, word)) levels.push({ end: closing[word]!, here: 0, most: 0 });
    else if (word === level.end) {
      levels.pop();
      levels.at(-1)!.here += depthOf(level);
    } else if (separators.has(word)) {
      level.most = Math.max(level.here, level.most);
      level.here = 0;
    } else level.here++;
  }
  return mostChained + levels.reduce((sum, level) => sum + depthOf(level), 0);
}

function depthOf({ here, most }: Level): number {
  return Math.max(here, most) + 1;
}
