export type * from './environment.ts';
export type * from './plan.ts';
export type * from './ports.ts';
export type * from './release.ts';
