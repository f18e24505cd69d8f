import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Kept, readKept, writeKept } from './cache.ts';
import type { Diagnostic } from './diagnostic.ts';
import { changedFiles } from './disk-trace.ts';
import type { Graph } from './graph.ts';

export interface AnalyzeOptions {
  /** The directory of the application: the one with its `package.json`. */
  root: string;
  /** The directory of the runtime package that `encore.dev` stands for. @default the kit's own */
  runtime?: string;
  /** A directory to keep in what the next analysis need not compute again. @default nothing is kept */
  cache?: string | undefined;
  /** What the result is kept under, for sources that lie elsewhere each time. @default the root */
  keptAs?: string | undefined;
}

export interface Analysis {
  /** Absent when there is an error among the diagnostics. */
  graph?: Graph;
  /** Everything that is wrong, sorted by place. */
  diagnostics: Diagnostic[];
}

/**
 * Reads the sources of an application, without running them, into its Graph. Whatever is wrong with them is a diagnostic. When all
 * that the last analysis read is as it was, its result is given again, and the compiler is not even loaded.
 */
export async function analyze({ root, runtime, cache, keptAs = resolve(root) }: AnalyzeOptions): Promise<Analysis> {
  const application = resolve(root);
  const declarations = runtime ?? fileURLToPath(new URL('../runtime', import.meta.url));
  const kept = cache === undefined ? undefined : readKept(cache, keptAs, declarations);
  const changed = kept && changedFiles(kept.trace, application);
  if (kept && changed && !changed.other && changed.files.length === 0) return analysisOf(kept);
  const { compute } = await import('./compute.ts');
  const reusable = kept && changed && !changed.other ? { kept, changed: changed.files } : undefined;
  const computed = await compute(application, declarations, reusable);
  if (cache !== undefined) writeKept(cache, keptAs, declarations, computed);
  return analysisOf(computed);
}

function analysisOf({ graph, diagnostics }: Kept): Analysis {
  return { ...(graph && { graph }), diagnostics };
}
