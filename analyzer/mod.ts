export type { Analysis, AnalyzeOptions } from './analyze.ts';
export { analyze } from './analyze.ts';
export type { Code, Diagnostic, Position } from './diagnostic.ts';
export { UserError } from './diagnostic.ts';
export { generateClients } from './generate/clients.ts';
export type * from './graph.ts';
