import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { analyze } from '../../analyzer/mod.ts';
import { sources } from '../analyzer/golden.ts';
import { type InputFile, type Mutation, mutate } from './mutations.ts';

const application = resolve(import.meta.dirname, '../golden/bookshop/app');

/** What is mutated: an application without errors, its manifest, settings and migrations included. */
const originals: readonly InputFile[] = sources(application).map((path) => ({
  path,
  content: readFileSync(join(application, path)),
}));

/** Analyzes the mutated application. @throws whatever the analyzer throws, and Error when the answer contradicts itself */
export async function analyzeMutated(changes: readonly Mutation[]): Promise<void> {
  const files = mutate(originals, changes);
  const root = mkdtempSync(join(tmpdir(), 'fairlead-fuzz-'));
  try {
    for (const { path, content } of files) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    const { graph, diagnostics } = await analyze({ root });
    const failed = diagnostics.some(({ severity }) => severity === 'error');
    if (failed === Boolean(graph)) throw new Error('a graph must come exactly when there is no error');
    for (const { position } of diagnostics) {
      if (position && !(position.line >= 1 && position.column >= 1))
        throw new Error(`bad position ${JSON.stringify(position)}`);
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
