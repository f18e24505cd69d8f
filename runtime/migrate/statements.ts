/**
 * What PostgreSQL reads as one piece, as far as a semicolon in it ends no statement; a doubled quote is as good as two strings. Dollar
 * quotes and comments are cut by hand.
 */
const token =
  /\s+|--[^\n]*|\/\*|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'[^']*'|"[^"]*"|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|[\s\S]/gy;

/**
 * Where the statements of a file begin, as UTF-16 indices. Undefined where it cannot be told without PostgreSQL's grammar: the body of a
 * function in standard SQL holds statements of its own.
 */
export function statementStarts(sql: string): number[] | undefined {
  if (/\bbegin\s+atomic\b/i.test(sql)) return undefined;
  const starts: number[] = [];
  let [depth, fresh] = [0, true];
  for (let at = 0; at < sql.length; ) {
    token.lastIndex = at;
    const [text = ''] = token.exec(sql) ?? [];
    const end = endOf(text, sql, at);
    if (/^(?:\s|--|\/\*)/.test(text)) {
      at = end;
      continue;
    }
    if (text === '(') depth += 1;
    if (text === ')') depth -= 1;
    if (text === ';' && depth <= 0) fresh = true;
    else if (fresh) {
      starts.push(at);
      fresh = false;
    }
    at = end;
  }
  return starts;
}

function endOf(text: string, sql: string, at: number): number {
  if (text === '/*') return endOfComment(sql, at);
  const end = at + text.length;
  if (!/^\$.*\$$/s.test(text)) return end;
  const close = sql.indexOf(text, end);
  return close === -1 ? sql.length : close + text.length;
}

/** Comments nest. */
function endOfComment(sql: string, at: number): number {
  const bounds = /\/\*|\*\//g;
  bounds.lastIndex = at;
  for (let depth = 0; ; ) {
    const found = bounds.exec(sql);
    if (!found) return sql.length;
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return bounds.lastIndex;
  }
}
