export { type BuilderOptions, createBuilder } from './builder.ts';
export type { ImageFile } from './files.ts';
export { hashSource, readSource } from './source-hash.ts';
export { createStore, type Store } from './store.ts';
