import type { Diagnostic, Plan } from '../pipeline/mod.ts';
import { UserError } from '../pipeline/user-error.ts';

/**
 * This machine has no cache yet. Said before anything changes, each with its place.
 * @throws UserError FL4021
 */
export function requireHostable({ caches, release }: Plan): void {
  const { graph } = release.content;
  if (caches.length === 0) return;
  throw new UserError(
    caches.map(({ name }): Diagnostic => {
      const declared = graph.caches.find((one) => one.name === name);
      return {
        code: 'FL4021',
        severity: 'error',
        message: `cache cluster \`${name}\` cannot be hosted on this machine yet`,
        help: 'Deploy it to AWS (--cloud aws), or keep what is in it in a database.',
        ...(declared && { position: declared.position }),
      };
    }),
  );
}
