import type { Leaf } from './leaf.ts';

/** Every leaf by its name, loaded when it is asked for. */
export const leaves = {
  setup: async () => (await import('./leaves/setup/leaf.ts')).leaf,
  decide: async () => (await import('./leaves/decide/leaf.ts')).leaf,
  build: async () => (await import('./leaves/build/leaf.ts')).leaf,
  deploy: async () => (await import('./leaves/deploy/leaf.ts')).leaf,
  promote: async () => (await import('./leaves/promote/leaf.ts')).leaf,
  rollback: async () => (await import('./leaves/rollback/leaf.ts')).leaf,
  resume: async () => (await import('./leaves/resume/leaf.ts')).leaf,
  cleanup: async () => (await import('./leaves/cleanup/leaf.ts')).leaf,
  analyze: async () => (await import('./leaves/analyze/leaf.ts')).leaf,
  plan: async () => (await import('./leaves/plan/leaf.ts')).leaf,
  comment: async () => (await import('./leaves/comment/leaf.ts')).leaf,
  fork: async () => (await import('./leaves/fork/leaf.ts')).leaf,
  find: async () => (await import('./leaves/find/leaf.ts')).leaf,
} satisfies Record<string, () => Promise<Leaf>>;

export type LeafName = keyof typeof leaves;
