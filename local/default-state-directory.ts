import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where this machine keeps environments, releases and secrets, unless it is told another place. */
export function defaultStateDirectory(): string {
  // PostgreSQL refuses to run as root and must reach its files as another user, which the home of root does not allow.
  if (process.getuid?.() === 0) return '/var/lib/fairlead';
  return join(process.env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'fairlead');
}
