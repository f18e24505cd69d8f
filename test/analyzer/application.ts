import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Analysis, analyze, type Graph } from '../../analyzer/mod.ts';

/** Writes an application given as one text, `-- path --` before each file, and calls `use` with its directory. */
export async function withApplication<T>(text: string, use: (root: string) => T | Promise<T>): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-analyzer-'));
  try {
    write(root, { 'package.json': '{ "name": "@acme/app", "type": "module" }', ...sections(text) });
    return await use(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

export function analyzeText(text: string): Promise<Analysis> {
  return withApplication(text, (root) => analyze({ root }));
}

/** The graph of an application without errors. */
export async function graphOf(text: string): Promise<Graph> {
  const { graph, diagnostics } = await analyzeText(text);
  if (!graph) throw new Error(`no graph: ${JSON.stringify(diagnostics, null, 1)}`);
  return graph;
}

/** `FL1101 orders/api.ts:3:7-20` of everything that is wrong; the end only when it is on the same line. */
export async function errorsOf(text: string): Promise<string[]> {
  const { diagnostics } = await analyzeText(text);
  return diagnostics.map(({ code, position }) => {
    if (!position) return code;
    const { file, line, column, endLine, endColumn } = position;
    return `${code} ${file}:${line}:${column}${endLine === line && endColumn !== column ? `-${endColumn}` : ''}`;
  });
}

export function sections(text: string): Record<string, string> {
  const parts = text.split(/^-- (.+) --\n/m);
  const files: Record<string, string> = {};
  for (let index = 1; index < parts.length; index += 2) files[parts[index] ?? ''] = parts[index + 1] ?? '';
  return files;
}

function write(root: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}
