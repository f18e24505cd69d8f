import type { JsonSchema } from '../../analyzer/mod.ts';
import { analyzeText, graphOf } from './application.ts';

/** An endpoint whose request has a field of the type `type`, with the declarations before it. */
function module(type: string, declarations: string, imports: string): string {
  return `-- a/a.ts --
import { api } from 'encore.dev/api';
${imports}
${declarations}
export const a = api({}, async (_: { field: ${type} }): Promise<void> => {});
`;
}

/** The schema of such a field, with the named schemas of the application if it has any. */
export async function schemaOf(type: string, declarations = '', imports = ''): Promise<JsonSchema> {
  const graph = await graphOf(module(type, declarations, imports));
  const request = graph.services[0]?.endpoints[0]?.request?.schema as { properties?: Record<string, JsonSchema> };
  const named = Object.keys(graph.schemas).length > 0 ? { named: graph.schemas } : {};
  return { ...request.properties?.field, ...named };
}

/** What is wrong with such a field: `FL1702 functions cannot travel as JSON`. */
export async function problemsOf(type: string, declarations = '', imports = ''): Promise<string[]> {
  const { diagnostics } = await analyzeText(module(type, declarations, imports));
  return diagnostics.map(({ code, message }) => `${code} ${message.replace(/^the request of \S+: /, '')}`);
}
