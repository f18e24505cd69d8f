import { ts } from '@ts-morph/common';
import type { Position } from './diagnostic.ts';
import { compare, type Report } from './report.ts';

/** Syntax that nests deeper than this is taken for what filled the stack: compilers and people stay far below. */
const deep = 500;

/** When nothing nests that deeply, the deepest of what has at least this depth. */
const suspicious = 150;

/** Whether a function was called from within itself, or others, until the stack was full. */
export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack');
}

/**
 * Reports the files, of those given by absolute path, whose syntax nests so deeply that neither we nor the compiler can read them.
 * Asked only after the stack was full, since measuring takes time. False when none does: then the fault is ours.
 */
export function reportNesting(texts: ReadonlyMap<string, string>, report: Report): boolean {
  const measured = [...texts]
    .filter(([path]) => !path.includes('/node_modules/'))
    .map(([path, text]) => ({ path, ...measure(path, text) }))
    .sort((a, b) => b.depth - a.depth || compare(a.path, b.path));
  const [deepest] = measured;
  if (!deepest || deepest.depth < suspicious) return false;
  for (const { path, text, at } of measured.filter(({ depth }) => depth >= Math.min(deep, deepest.depth))) {
    report.error(
      'FL1012',
      positionIn(report.relative(path), text, at),
      'the file nests too deeply to be read',
      'Give parts of what is nested here names of their own, or take it out of the file.',
    );
  }
  return true;
}

/** How deeply the syntax of a file nests, and where it becomes too deep. */
function measure(path: string, text: string): { text: string; depth: number; at: number } {
  try {
    return { text, ...deepestOf(parse(path, text)) };
  } catch (error) {
    if (!isStackOverflow(error)) throw error;
    return { text, depth: Number.POSITIVE_INFINITY, at: deepBracket(text) ?? 0 };
  }
}

function parse(path: string, text: string): ts.SourceFile {
  if (!/\.[cm]?[jt]sx?$/.test(path)) return ts.parseJsonText(path, text);
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
}

/** Without recursion: the tree may be as deep as this file has characters. */
function deepestOf(file: ts.SourceFile): { depth: number; at: number } {
  const waiting: { node: ts.Node; depth: number }[] = [{ node: file, depth: 0 }];
  let deepest: { node: ts.Node; depth: number } = { node: file, depth: 0 };
  let tooDeep: ts.Node | undefined;
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { node, depth } = next;
    if (depth > deepest.depth) deepest = next;
    if (depth === deep + 1 && node.pos < (tooDeep?.pos ?? Number.POSITIVE_INFINITY)) tooDeep = node;
    ts.forEachChild(node, (child) => {
      waiting.push({ node: child, depth: depth + 1 });
    });
  }
  return { depth: deepest.depth, at: (tooDeep ?? deepest.node).getStart(file) };
}

/** Where the first bracket is open within so many others, strings and comments counted along; undefined for nowhere. */
function deepBracket(text: string): number | undefined {
  let open = 0;
  for (let at = 0; at < text.length; at++) {
    if ('([{<'.includes(text[at]!)) open++;
    else if (')]}>'.includes(text[at]!)) open = Math.max(0, open - 1);
    if (open > deep) return at;
  }
  return undefined;
}

function positionIn(file: string, text: string, at: number): Position {
  const before = text.slice(0, at).split('\n');
  return { file, line: before.length, column: before.at(-1)!.length + 1 };
}
