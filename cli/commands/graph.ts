import { stripVTControlCharacters } from 'node:util';
import type { Graph } from '../../analyzer/mod.ts';
import { analyzeApplication } from '../application.ts';
import type { Context, Result } from '../context.ts';
import { findService } from '../find-service.ts';
import { forLog } from '../for-log.ts';
import { renderTables } from '../render-tables.ts';
import { writeResult } from '../write-result.ts';

export type GraphFormat = 'json' | 'mermaid' | 'dot' | 'svg' | 'html' | 'table';

export interface GraphOptions {
  format: GraphFormat;
  /** Only this service and what it has to do with. */
  service?: string;
  /** A file, relative to the current directory. */
  output?: string;
}

/** The infrastructure graph in the format asked for. */
export async function graph(context: Context, { format, service, output }: GraphOptions): Promise<Result> {
  const whole = await analyzeApplication(context);
  const document = service === undefined ? whole : await partOf(whole, service);
  const text = await renderers[format](document);
  if (output === undefined) return { document, text: forLog(text.trimEnd()) };
  writeResult(output, stripVTControlCharacters(text));
  return { document, text: `Wrote ${output}` };
}

/** @throws UserError FL5014 when there is no such service */
async function partOf(graph: Graph, service: string): Promise<Graph> {
  const { neighbourhoodOf } = await import('../../pipeline/render/neighbourhood.ts');
  return neighbourhoodOf(graph, findService(graph, service).name);
}

/** Each loads what it needs and no other does: an analysis needs nothing else of the pipeline. */
const renderers: Record<GraphFormat, (graph: Graph) => string | Promise<string>> = {
  json: (graph) => JSON.stringify(graph, null, 2),
  table: renderTables,
  mermaid: async (graph) => (await import('../../pipeline/render-mermaid.ts')).renderMermaid(graph),
  dot: async (graph) => {
    const [{ renderDot }, { viewOf }] = await Promise.all([
      import('../../pipeline/render/dot.ts'),
      import('../../pipeline/render/view.ts'),
    ]);
    return renderDot(viewOf(graph));
  },
  svg: async (graph) => {
    const [{ renderSvg }, { viewOf }] = await Promise.all([
      import('../../pipeline/render/svg.ts'),
      import('../../pipeline/render/view.ts'),
    ]);
    return renderSvg(viewOf(graph));
  },
  html: async (graph) => (await import('../../pipeline/render/html.ts')).renderHtml(graph),
};
