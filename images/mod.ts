export { type BuilderOptions, createBuilder } from './builder.ts';
export { hashSource, readSource } from './bundle/source-hash.ts';
