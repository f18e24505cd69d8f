export { type BuilderOptions, createBuilder } from './builder.ts';
export { hashSource, readSource } from './bundle/source-hash.ts';
export type { ImageFile } from './files.ts';
export { createStore, type Store } from './store.ts';
