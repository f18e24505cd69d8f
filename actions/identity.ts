import { UserError } from '../pipeline/mod.ts';
import type { Runner } from './runner.ts';

/**
 * Clouds are reached with the identity of the job, which GitHub gives only where it is granted.
 * @throws UserError FL6030
 */
export function requireIdentity(target: string, { env, run }: Pick<Runner, 'env' | 'run'>): void {
  if (target === 'local' || env.ACTIONS_ID_TOKEN_REQUEST_URL) return;
  throw new UserError({
    code: 'FL6030',
    severity: 'error',
    message: `the job may not ask for its identity, with which it signs in to ${target}`,
    help: `Add \`id-token: write\` to \`permissions\` of the job in ${run.workflow}, also of one that calls a workflow. Pull requests of forks and of Dependabot never have it.`,
    position: { file: `/${run.workflow}`, line: 1, column: 1 },
  });
}
