import type { Diagnostic, Plan } from '../pipeline/mod.ts';
import { UserError } from '../pipeline/user-error.ts';

/**
 * This machine has neither a store of objects nor a cache yet. Said before anything changes, each with its place.
 * @throws UserError FL4021
 */
export function requireHostable({ buckets, caches, release }: Plan): void {
  const { graph } = release.content;
  const found = [
    ...buckets.map(({ name }) => ({
      what: `bucket \`${name}\``,
      declared: graph.buckets.find((one) => one.name === name),
    })),
    ...caches.map(({ name }) => ({
      what: `cache cluster \`${name}\``,
      declared: graph.caches.find((one) => one.name === name),
    })),
  ];
  if (found.length === 0) return;
  throw new UserError(
    found.map(
      ({ what, declared }): Diagnostic => ({
        code: 'FL4021',
        severity: 'error',
        message: `${what} cannot be hosted on this machine yet`,
        help: 'Deploy it to AWS (--cloud aws), or keep what is in it in a database.',
        ...(declared && { position: declared.position }),
      }),
    ),
  );
}
