import { relative, resolve, sep } from 'node:path';
import type { ts } from '@ts-morph/common';
import type { Code, Diagnostic, Position } from './diagnostic.ts';

type Related = { message: string; position: Position };

/** Collects what is wrong with one application: every diagnostic once, in the order of the sources. */
export class Report {
  readonly #root: string;
  readonly #diagnostics = new Map<string, Diagnostic>();
  readonly #broken = new Set<string>();

  constructor(root: string) {
    this.#root = root;
  }

  /** The path relative to the application's root, with `/`; `.` is the root itself. */
  relative(path: string): string {
    return relative(this.#root, path).split(sep).join('/') || '.';
  }

  /** The reverse of `relative`. */
  absolute(path: string): string {
    return resolve(this.#root, path);
  }

  positionOf(node: ts.Node): Position {
    const file = node.getSourceFile();
    return this.span(file, node.getStart(file), node.getEnd());
  }

  span(file: ts.SourceFile, start: number, end: number): Position {
    const from = file.getLineAndCharacterOfPosition(start);
    const to = file.getLineAndCharacterOfPosition(end);
    return {
      file: this.relative(file.fileName),
      line: from.line + 1,
      column: from.character + 1,
      endLine: to.line + 1,
      endColumn: to.character + 1,
    };
  }

  /** What stops a Graph. */
  error(code: Code, at: ts.Node | Position | undefined, message: string, help: string, related?: Related[]): void {
    this.#add('error', code, at, message, help, related);
  }

  /** What is worth mending, and stops nothing. */
  warning(code: Code, at: ts.Node | Position | undefined, message: string, help: string, related?: Related[]): void {
    this.#add('warning', code, at, message, help, related);
  }

  #add(
    severity: Diagnostic['severity'],
    code: Code,
    at: ts.Node | Position | undefined,
    message: string,
    help: string,
    related: Related[] | undefined,
  ): void {
    const position = at && ('kind' in at ? this.positionOf(at) : at);
    if (position && this.#broken.has(position.file)) return;
    const diagnostic: Diagnostic = {
      code,
      severity,
      message,
      help,
      ...(position && { position }),
      ...(related && { related }),
    };
    this.#diagnostics.set(JSON.stringify([code, position, message]), diagnostic);
  }

  /** Takes no more about files that have errors already: what else they show follows from those. */
  silenceBroken(): void {
    for (const { severity, position } of this.#diagnostics.values()) {
      if (severity === 'error' && position) this.#broken.add(position.file);
    }
  }

  /** Everything so far, sorted by place. */
  diagnostics(): Diagnostic[] {
    return [...this.#diagnostics.values()].sort(
      (a, b) => comparePositions(a.position, b.position) || compare(a.code, b.code) || compare(a.message, b.message),
    );
  }
}

/** Orders text by code units, the same on every machine. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Orders places by file, line and column; no place comes first. */
export function comparePositions(a: Position | undefined, b: Position | undefined): number {
  if (!a || !b) return Number(Boolean(a)) - Number(Boolean(b));
  return compare(a.file, b.file) || a.line - b.line || a.column - b.column;
}
