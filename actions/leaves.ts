import type { Leaf } from './leaf.ts';

/** Every leaf by its name, loaded when it is asked for. */
export const leaves = {} satisfies Record<string, () => Promise<Leaf>>;

export type LeafName = keyof typeof leaves;
