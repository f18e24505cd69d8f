/** What a statement consists of, as far as it matters here: values are what is no name, no word and no parameter. */
const tokens = new RegExp(
  [
    /(?<comment>--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))/,
    /(?<value>[eE]'(?:[^'\\]|''|\\[\s\S])*(?:'|$)|'(?:[^']|'')*(?:'|$)|\$(?<tag>[a-zA-Z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?(?:\$\k<tag>\$|$))/,
    /(?<name>"(?:[^"]|"")*(?:"|$)|[a-zA-Z_\u0080-\uffff][\w$\u0080-\uffff]*|\$\d+)/,
    /(?<number>\.?\d(?:[eE][+-]|[\w.])*)/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
);

/**
 * The text of a statement without comments, and with `?` for each value that is written into it. Undefined when it cannot be told where a
 * comment ends, since what looks like a part of the statement may then be one of it.
 */
export function withoutValues(sql: string): string | undefined {
  const text = sql.replace(tokens, (token, ...rest) => {
    const { comment, value, number } = rest.at(-1) as Record<string, string | undefined>;
    if (comment !== undefined) return ' ';
    return value !== undefined || number !== undefined ? '?' : token;
  });
  return text.includes('*/') ? undefined : text.replace(/\s+/g, ' ').trim();
}

/** The first word: `SELECT`. */
export function verbOf(statement: string): string {
  return /[a-z]+/i.exec(statement)?.[0].toUpperCase() ?? 'SQL';
}
