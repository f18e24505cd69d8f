import { existsSync } from 'node:fs';
import type { Environment } from '../pipeline/mod.ts';
import { Locks } from './lock.ts';
import { openState } from './state.ts';
import { stopSupervisor } from './supervisor/client.ts';

/** Ends the processes of an environment and keeps everything else; applying a plan starts it again. */
export async function stopEnvironment(stateDirectory: string, environment: Environment): Promise<void> {
  if (!existsSync(stateDirectory)) return;
  await stopSupervisor(openState(stateDirectory), new Locks(stateDirectory), environment);
}
