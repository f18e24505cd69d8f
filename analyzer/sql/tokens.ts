/** A word, a literal or a symbol of SQL; white space and comments are none. */
export interface Token {
  text: string;
  /** UTF-16 index. */
  start: number;
}

const pattern = new RegExp(
  [
    String.raw`(?<blank>\s+|--[^\n\r]*|/\*[\s\S]*?\*/)`,
    String.raw`[eE]'(?:\\[\s\S]|''|[^'\\])*'`,
    "'(?:''|[^'])*'",
    '"(?:""|[^"])*"',
    String.raw`(?<quote>\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)[\s\S]*?\k<quote>`,
    String.raw`[\w\u0080-\uffff][\w$\u0080-\uffff]*`,
    String.raw`[\s\S]`,
  ].join('|'),
  'y',
);

/** The tokens of a text, which need not be valid: enough to find commas and brackets, not to understand it. */
export function* tokensOf(sql: string): Generator<Token> {
  for (let start = 0; start < sql.length; start = pattern.lastIndex) {
    pattern.lastIndex = start;
    const match = pattern.exec(sql);
    if (!match) return;
    if (match.groups?.blank === undefined) {
      const { lastIndex } = pattern;
      yield { text: match[0], start };
      pattern.lastIndex = lastIndex;
    }
  }
}

/** What joins parts of a statement side by side: no part is within another. */
const separators = new Set([',', ';', 'and', 'or']);

/** What nests the parts before it, across separators. */
const chains = new Set(['union', 'except', 'intersect', 'join']);

/** At most how deep the tree of a text can be: never too low, mostly far too high. */
export function depthBound(sql: string): number {
  const open: { here: number; most: number }[] = [];
  let level = { here: 0, most: 0 };
  let [chained, mostChained] = [0, 0];
  for (const { text } of tokensOf(sql)) {
    const word = text.toLowerCase();
    chained = text === ';' ? 0 : chained + Number(chains.has(word));
    mostChained = Math.max(chained, mostChained);
    if (text === '(' || text === '[') {
      open.push(level);
      level = { here: 0, most: 0 };
    } else if ((text === ')' || text === ']') && open.length > 0) {
      const inner = Math.max(level.here, level.most);
      level = open.pop()!;
      level.here += inner + 1;
    } else if (separators.has(word)) level = { here: 0, most: Math.max(level.here, level.most) };
    else level.here++;
  }
  return mostChained + [...open, level].reduce((sum, { here, most }) => sum + Math.max(here, most) + 1, 0);
}
