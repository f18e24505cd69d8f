export { type BuilderOptions, createBuilder } from './builder.ts';
export { hashSource, readSource } from './bundle/source-hash.ts';
export type { Bases } from './process-image.ts';
