import { UserError } from '../../analyzer/diagnostic.ts';
import { surfaceOf } from '../../analyzer/generate/surface.ts';
import { type Graph, generateOpenApi, generateTypeScriptClient, type Selection } from '../../analyzer/mod.ts';
import { analyzeApplication, readText } from '../application.ts';
import type { Context, Result } from '../context.ts';
import { findService } from '../find-service.ts';
import { writeResult } from '../write-result.ts';

interface Options extends Selection {
  /** A file, relative to the current directory. */
  output?: string;
}

/** A client of the application in one file. */
export async function client(context: Context, options: Options): Promise<Result> {
  const graph = await analyzeApplication(context);
  checkSelection(graph, options);
  return resultOf(generateTypeScriptClient(graph, options), options);
}

/** The application's HTTP interface as an OpenAPI document. */
export async function openapi(context: Context, options: Options & { server?: string }): Promise<Result> {
  const graph = await analyzeApplication(context);
  checkSelection(graph, options);
  const version = versionOf(context.directory);
  const document = generateOpenApi(graph, { ...options, ...(version !== undefined && { version }) });
  if (!/\.ya?ml$/i.test(options.output ?? ''))
    return resultOf(`${JSON.stringify(document, null, 2)}\n`, options, document);
  const { stringify } = await import('yaml');
  return resultOf(stringify(document, { aliasDuplicateObjects: false }), options, document);
}

function resultOf(text: string, { output }: Options, document: unknown = { text }): Result {
  if (output === undefined) return { document, text: text.trimEnd() };
  writeResult(output, text);
  return { document: { output }, text: `Wrote ${output}.` };
}

/** The application's own version; undefined when its package.json has none. */
function versionOf(directory: string): string | undefined {
  const { version } = JSON.parse(readText(directory, 'package.json') ?? '{}');
  return typeof version === 'string' ? version : undefined;
}

/** @throws UserError FL5014 for services that are not there, FL5020 when no endpoint is left */
function checkSelection(graph: Graph, selection: Selection): void {
  for (const name of [...(selection.services ?? []), ...(selection.excludeServices ?? [])]) findService(graph, name);
  if (surfaceOf(graph, selection).services.length > 0) return;
  const isPrivate = surfaceOf(graph, { ...selection, all: true }).services.length > 0;
  throw new UserError({
    code: 'FL5020',
    severity: 'error',
    message: isPrivate ? 'all endpoints that were asked for are private' : 'there is no endpoint as asked for',
    help: isPrivate
      ? 'Expose an endpoint with `expose: true`, or add --all to take private ones.'
      : 'See the endpoints with "fairlead graph", and ask for other services or tags.',
  });
}
