export { sealRelease } from './artifact.ts';
export { createReleaseRegistry, type ReleaseRegistry } from './registry.ts';
