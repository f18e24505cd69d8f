import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { homeOf, isPassing } from './setup/home.ts';
import { stateDirectoryOf } from './state-directory.ts';

/** The kit that this code is of. */
const root = fileURLToPath(new URL('../', import.meta.url));

/**
 * Lets what this process starts on this machine live on after the job. The runner ends every process that has its mark, and deletes
 * the folders of actions, so the program goes on as the copy of itself that `actions/setup` has made where it stays.
 * @param program what Node.js was started with
 */
export async function outlive(env: NodeJS.ProcessEnv, program: string): Promise<void> {
  delete env.RUNNER_TRACKING_ID;
  if (!isPassing(root)) return;
  const copy = join(homeOf(root, stateDirectoryOf(env)), 'dist', basename(program));
  if (existsSync(copy)) await import(pathToFileURL(copy).href);
}
