import type { EvictionPolicy } from '../cluster.ts';
import { type CommandSpec, commands } from './commands/mod.ts';
import { type Binary, type EngineReply, outOfMemory, ReplyError, wrongArity } from './reply.ts';
import { Store, type StoreOptions } from './store.ts';

/** Bytes that the keys and values of a cluster take at most, by estimate. */
export const defaultMaxMemory: number = 256 * 1024 * 1024;

export interface EngineOptions {
  /** @default allkeys-lru */
  policy?: EvictionPolicy | undefined;
  /** Bytes. @default 256 MiB */
  maxMemory?: number | undefined;
  /** Milliseconds since 1970. @default the system's */
  clock?: () => number;
  /** From 0 to less than 1. @default Math.random */
  random?: StoreOptions['random'];
}

/**
 * One cache cluster in memory: the commands of Redis that the keyspaces use, with its answers and its errors. Like Redis it may take
 * more than its bound by what the last commands wrote.
 */
export class Engine {
  readonly #store: Store;
  readonly #clock: () => number;

  constructor({
    policy = 'allkeys-lru',
    maxMemory = defaultMaxMemory,
    clock = Date.now,
    random = Math.random,
  }: EngineOptions = {}) {
    this.#store = new Store({ policy, maxMemory, random });
    this.#clock = clock;
  }

  /** Bytes that keys and values take, by estimate. */
  get memory(): number {
    return this.#store.memory;
  }

  /** How many keys there are, some of which may have expired. */
  get size(): number {
    return this.#store.size;
  }

  /**
   * Runs the commands in their order with none in between, and answers each: a command that fails keeps none of the others from running.
   * @throws ReplyError when none has run: one of them is unknown or not complete, or there is no room
   */
  run(requests: readonly (readonly Binary[])[]): (EngineReply | ReplyError)[] {
    const known = requests.map(specOf);
    this.#store.advance(this.#clock());
    if (!this.#store.makeRoom() && known.some(({ grows }) => grows)) throw outOfMemory();
    return known.map((spec, index) => this.#answer(spec, requests[index]!));
  }

  #answer(spec: CommandSpec, [, ...args]: readonly Binary[]): EngineReply | ReplyError {
    try {
      return spec.run(this.#store, args);
    } catch (error) {
      if (error instanceof ReplyError) return error;
      throw error;
    }
  }
}

/** @throws ReplyError for a command that is unknown, or has too many arguments or too few */
export function specOf([name = '', ...args]: readonly Binary[]): CommandSpec {
  const spec = commands.get(name.toUpperCase());
  if (!spec) {
    const beginning = args
      .map((arg) => `'${arg.slice(0, 128)}' `)
      .join('')
      .slice(0, 128);
    throw new ReplyError(`ERR unknown command '${name.slice(0, 128)}', with args beginning with: ${beginning}`);
  }
  const [least, greatest] = spec.arguments;
  if (args.length < least || args.length > greatest) throw wrongArity(name.toLowerCase());
  return spec;
}
