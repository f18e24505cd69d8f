import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { codeFrameColumns, type SourceLocation } from '@babel/code-frame';
import type { Diagnostic, Position } from '../analyzer/diagnostic.ts';
import { printable } from './printable.ts';

/** Lines of a marked range; of a longer one only the start is shown. */
const longestFrame = 6;

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

function renderDiagnostic(diagnostic: Diagnostic, look: Look, sources: Map<string, string | undefined>): string {
  const { code, severity, message, help, position, related = [] } = diagnostic;
  const place = (at: Position) => [
    look.paint('cyan', `${relative(look.from, join(look.root, at.file)) || at.file}:${at.line}:${at.column}`),
    ...frame(at, look, sources),
  ];
  return [
    `${look.paint(severity === 'error' ? 'red' : 'yellow', `${severity} ${code}`)}${look.paint('bold', `: ${printable(message)}`)}`,
    ...(position ? place(position) : []),
    ...related.flatMap((other) => [`${printable(other.message)}:`, ...place(other.position)]),
    `${look.paint('dim', 'help:')} ${printable(help)}`,
  ].join('\n');
}

function frame(at: Position, look: Look, sources: Map<string, string | undefined>): string[] {
  if (!sources.has(at.file)) sources.set(at.file, read(join(look.root, at.file)));
  const source = sources.get(at.file);
  const lines = source?.split('\n') ?? [];
  if (source === undefined || at.line > lines.length) return [];
  const options = { linesAbove: 1, linesBelow: 1, forceColor: look.paint('bold', 'x') !== 'x' };
  return [codeFrameColumns(source, marked(at, lines), options)];
}

/** What to underline. The source may have changed since the position was taken: an end that does not fit is left out. */
function marked({ line, column, endLine = line, endColumn = column }: Position, lines: string[]): SourceLocation {
  const start = { line, column };
  const fits = column <= lines[line - 1]!.length && endLine - line < longestFrame && endLine <= lines.length;
  const forward = endLine > line || (endLine === line && endColumn > column);
  return fits && forward ? { start, end: { line: endLine, column: endColumn } } : { start };
}

function read(path: string): string | undefined {
  try {
    return printable(readFileSync(path, 'utf8').replaceAll('\r\n', '\n').trimEnd());
  } catch {
    return undefined;
  }
}
