import { keyCommands } from './keys.ts';
import { listCommands } from './lists.ts';
import { setCommands } from './sets.ts';
import type { CommandSpec } from './spec.ts';
import { stringCommands } from './strings.ts';

export type { CommandSpec };

/** By name, in capitals: what the keyspaces use, and `PTTL`, which shows what they set. */
export const commands: ReadonlyMap<string, CommandSpec> = new Map(
  Object.entries({ ...keyCommands, ...stringCommands, ...listCommands, ...setCommands }),
);
