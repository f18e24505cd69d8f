import { stripVTControlCharacters } from 'node:util';
import { UserError } from '../../analyzer/diagnostic.ts';
import type { Graph } from '../../analyzer/mod.ts';
import { checkOut, isRevision } from '../../github/checkout.ts';
// Not from its mod.ts: an analysis needs nothing else of the pipeline.
import { type GraphChange, graphChanges } from '../../pipeline/graph-changes.ts';
import { renderChanges } from '../../pipeline/render-changes.ts';
import { analyzeApplication } from '../application.ts';
import { makePlace } from '../checkout-place.ts';
import type { Context, Result } from '../context.ts';
import { forLog } from '../for-log.ts';
import { meansFile, readGraphFile } from '../graph-file.ts';
import { paint } from '../paint.ts';
import { listChanges } from '../summary.ts';
import { writeResult } from '../write-result.ts';

export interface GraphDiffOptions {
  /** A git revision, or the path of a file with a graph. */
  before: string;
  /** The same. @default the working tree */
  after?: string;
  format: 'text' | 'json' | 'markdown';
  /** A file, relative to the current directory. */
  output?: string;
  /** Whether differences make the exit code 1. */
  exitCode?: boolean;
}

/** What becomes different from one Graph to another. */
export async function graphDiff(context: Context, options: GraphDiffOptions): Promise<Result> {
  const { before, after, format, output, exitCode = false } = options;
  const names = { before, after: after ?? 'the working tree' };
  const old = await graphOf(context, before);
  const now = await graphOf(context, after);
  const changes = graphChanges(old, now);
  const document = { ...names, changes };
  const texts = {
    text: () => renderText(names, changes),
    json: () => JSON.stringify(document, null, 2),
    markdown: () => renderChanges(names, changes),
  };
  const text = texts[format]();
  if (output !== undefined) writeResult(output, stripVTControlCharacters(text));
  return {
    document,
    text: output === undefined ? forLog(text) : `Wrote ${output}`,
    exitCode: exitCode && changes.length > 0 ? 1 : 0,
  };
}

async function graphOf(context: Context, source: string | undefined): Promise<Graph> {
  if (source === undefined) return analyzeApplication(context);
  const isFile = meansFile(source) && !(await isRevision(context.directory, source));
  return isFile ? readGraphFile(source) : graphOfRevision(context, source);
}

/** @throws UserError as the analysis does; places in sources that are gone by then are said in words */
async function graphOfRevision(context: Context, revision: string): Promise<Graph> {
  const checkout = await context.report.step(`Check out ${revision}`, () =>
    checkOut(context.directory, revision, makePlace(context.cacheDirectory)),
  );
  try {
    return await analyzeApplication(
      { ...context, directory: checkout.directory },
      `${context.directory} at ${checkout.commit}`,
    );
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      error.diagnostics.map(({ position, related: _, message, ...rest }) => ({
        ...rest,
        message: `${revision}: ${message}${position ? ` (${position.file}:${position.line})` : ''}`,
      })),
      { cause: error },
    );
  } finally {
    checkout.remove();
  }
}

function renderText({ before, after }: { before: string; after: string }, changes: GraphChange[]): string {
  if (changes.length === 0) return `No differences from ${before} to ${after}.`;
  const lines = listChanges(
    changes.map(({ formerPosition, ...change }) => (formerPosition ? { ...change, position: formerPosition } : change)),
  );
  const counts = (['add', 'change', 'remove'] as const).map(
    (action) => changes.filter((change) => change.action === action).length,
  );
  return [
    paint('bold', `From ${before} to ${after}:`),
    ...lines,
    '',
    `${counts[0]} added, ${counts[1]} changed, ${counts[2]} removed`,
  ].join('\n');
}
