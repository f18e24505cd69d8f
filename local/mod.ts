export { createLocalForge, type LocalForge } from './forge.ts';
export type { ImageSource } from './images.ts';
export { parseLocalSecrets } from './local-secrets.ts';
export { createLocalLock } from './lock.ts';
export { claimRun } from './sole-run.ts';
export { pathsOf } from './state.ts';
export { stopEnvironment } from './stop.ts';
export { createLocalTarget, type LocalTargetOptions } from './target.ts';
