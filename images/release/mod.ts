export { type BuildRecord, sealRelease } from './artifact.ts';
export { noSuchRelease } from './errors.ts';
export { currentTag, putTagged } from './put.ts';
export { createReleaseRegistry, type ReleaseRegistry } from './registry.ts';
export { imageTag, releaseTag } from './tags.ts';
