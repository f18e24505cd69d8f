import type { Binary, EngineReply } from '../reply.ts';
import type { Store } from '../store.ts';

export interface CommandSpec {
  /** The least and the greatest number of arguments. */
  arguments: readonly [least: number, greatest: number];
  /** Whether it may take more memory, so that it is refused when there is none. */
  grows: boolean;
  /** @throws ReplyError when it fails, having changed nothing */
  run(store: Store, args: readonly Binary[]): EngineReply;
}

export type Run = CommandSpec['run'];

export function reads(least: number, greatest: number, run: Run): CommandSpec {
  return { arguments: [least, greatest], grows: false, run };
}

export function grows(least: number, greatest: number, run: Run): CommandSpec {
  return { arguments: [least, greatest], grows: true, run };
}
