import { stripVTControlCharacters } from 'node:util';

/** Rows as aligned columns, two spaces apart; the first row is the heading. */
export function table(rows: string[][]): string {
  const width = (cell: string) => stripVTControlCharacters(cell).length;
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => width(row[column] ?? ''))));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell) + 2))
        .join('')
        .trimEnd(),
    )
    .join('\n');
}
