export type { Analysis, AnalyzeOptions } from './analyze.ts';
export { analyze } from './analyze.ts';
export type { Code, Diagnostic, Position } from './diagnostic.ts';
export { UserError } from './diagnostic.ts';
export { generateClients } from './generate/clients.ts';
export { generateOpenApi } from './generate/openapi.ts';
export type { Selection } from './generate/surface.ts';
export { generateTypeScriptClient } from './generate/typescript-client.ts';
export type * from './graph.ts';
