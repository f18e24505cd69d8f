/** Line and column, from 1, of PostgreSQL's position in a query: it counts characters, where editors count UTF-16 units. */
export function lineAndColumn(sql: string, position: number): { line: number; column: number } {
  const before = [...sql].slice(0, position - 1).join('');
  const lines = before.split('\n');
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}
