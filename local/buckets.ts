import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../pipeline/mod.ts';
import type { State } from './state.ts';

/** Where an environment has a directory for each bucket that somebody has put something into. */
export function bucketsDirectory(state: State, environment: Environment): string {
  return join(state.environment(environment), 'buckets');
}

/** How many buckets an environment has data in, whether its release uses them or not. */
export function countBuckets(state: State, environment: Environment): number {
  const directory = bucketsDirectory(state, environment);
  return existsSync(directory) ? readdirSync(directory).length : 0;
}
