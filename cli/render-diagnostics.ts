import { join, relative } from 'node:path';
import { codeFrameColumns, type SourceLocation } from '@babel/code-frame';
import type { Diagnostic, Position } from '../analyzer/diagnostic.ts';
import { readRegularFile } from '../analyzer/regular-file.ts';
import { printable } from './printable.ts';

/** Lines of a marked range; of a longer one only the start is shown. */
const longestFrame = 6;

/** Characters of a line; where one around the place is longer, nobody reads a frame of it. */
const longestLine = 1000;

/** How diagnostics look: positions are relative to `root` and shown relative to `from`; `paint` colours or does nothing. */
export interface Look {
  root: string;
  from: string;
  paint: (format: 'red' | 'yellow' | 'cyan' | 'bold' | 'dim', text: string) => string;
}

/** Diagnostics as people read them: code, sentence, place with a frame of the source, related places, help. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], look: Look): string {
  const sources = new Map<string, string | undefined>();
  return diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, look, sources)).join('\n\n');
}

/** The same grouped by file, each group under the name of its file and how much is wrong in it. */
export function renderByFile(diagnostics: readonly Diagnostic[], look: Look): string {
  const groups = [...Map.groupBy(diagnostics, ({ position }) => position?.file)];
  if (groups.length === 1) return renderDiagnostics(diagnostics, look);
  return groups
    .map(([file, group]) => {
      const heading = `${file === undefined ? 'The application' : pathOf(file, look)}: ${countBySeverity(group)}`;
      return `${look.paint('bold', heading)}\n\n${renderDiagnostics(group, look)}`;
    })
    .join('\n\n');
}

/** `2 errors and 1 warning`; what there is none of is left out. */
export function countBySeverity(diagnostics: readonly Diagnostic[]): string {
  const counts = (['error', 'warning'] as const).map((severity) => {
    const number = diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
    return number > 0 ? `${number} ${severity}${number === 1 ? '' : 's'}` : '';
  });
  return counts.filter((text) => text !== '').join(' and ');
}

function renderDiagnostic(diagnostic: Diagnostic, look: Look, sources: Map<string, string | undefined>): string {
  const { code, severity, message, help, position, related = [] } = diagnostic;
  const place = (at: Position) => {
    const lines = linesOf(at.file, look, sources);
    const start = look.paint('cyan', `${pathOf(at.file, look)}:${at.line}:${at.column}`);
    return [`${start}${look.paint('dim', endOf(at, lines))}`, ...frame(at, lines, look)];
  };
  return [
    `${look.paint(severity === 'error' ? 'red' : 'yellow', `${severity} ${code}`)}${look.paint('bold', `: ${printable(message)}`)}`,
    ...(position ? place(position) : []),
    ...related.flatMap((other) => [`${printable(other.message)}:`, ...place(other.position)]),
    `${look.paint('dim', 'help:')} ${printable(help)}`,
  ].join('\n');
}

function pathOf(file: string, look: Look): string {
  return printable(relative(look.from, join(look.root, file)) || file).replaceAll('\n', '\u{fffd}');
}

/** Where a range ends that is too long to be marked. */
function endOf({ line, endLine = line, endColumn = 1 }: Position, lines: readonly string[]): string {
  return endLine - line >= longestFrame && endLine <= lines.length ? ` to ${endLine}:${endColumn}` : '';
}

/** None of a file that cannot be read. */
function linesOf(file: string, look: Look, sources: Map<string, string | undefined>): readonly string[] {
  if (!sources.has(file)) sources.set(file, read(join(look.root, file)));
  return sources.get(file)?.split('\n') ?? [];
}

function frame(at: Position, lines: readonly string[], look: Look): string[] {
  if (at.line > lines.length) return [];
  const shown = lines.slice(Math.max(0, at.line - 2), (at.endLine ?? at.line) + 1);
  if (shown.some(({ length }) => length > longestLine)) return [];
  const options = { linesAbove: 1, linesBelow: 1, forceColor: look.paint('bold', 'x') !== 'x' };
  return [codeFrameColumns(lines.join('\n'), marked(at, lines), options)];
}

/** What to underline. The source may have changed since the position was taken: an end that does not fit is left out. */
function marked(
  { line, column, endLine = line, endColumn = column }: Position,
  lines: readonly string[],
): SourceLocation {
  const start = { line, column };
  const fits = column <= lines[line - 1]!.length && endLine - line < longestFrame && endLine <= lines.length;
  const forward = endLine > line || (endLine === line && endColumn > column);
  return fits && forward ? { start, end: { line: endLine, column: endColumn } } : { start };
}

function read(path: string): string | undefined {
  try {
    return printable(readRegularFile(path).toString('utf8').replaceAll('\r\n', '\n').trimEnd());
  } catch {
    return undefined;
  }
}
