import { defaultStateDirectory } from '../local/default-state-directory.ts';

/** Where the machine of a self-hosted runner keeps its environments. */
export function stateDirectoryOf(env: Readonly<Record<string, string | undefined>>): string {
  return env.FAIRLEAD_STATE_DIR || defaultStateDirectory();
}
