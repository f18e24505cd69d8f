export { sealRelease } from './artifact.ts';
export { createReleaseRegistry, type ReleaseRegistry } from './registry.ts';
export { imageTag, releaseTag } from './tags.ts';
