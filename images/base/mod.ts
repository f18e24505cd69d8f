export { libcWarnings, type NativePackage } from './libc.ts';
export { type Lock, lockFile, readLock, writeLock } from './lock.ts';
export { defaultBase } from './name.ts';
export type { Libc } from './node.ts';
export { type BaseInput, type BaseSource, pinnedBase, type ResolvedBase, resolveBase } from './resolve.ts';
export { type BaseUpdate, type UpdateInput, updateBase } from './update.ts';
