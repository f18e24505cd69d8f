export type * from '../analyzer/mod.ts';
export { UserError } from '../analyzer/mod.ts';
export type * from './environment.ts';
export type * from './plan.ts';
export type * from './ports.ts';
export { imageKey, type Process, processesOf } from './processes.ts';
export type * from './release.ts';
export { createRelease, digestOf, schemaVersions } from './release.ts';
