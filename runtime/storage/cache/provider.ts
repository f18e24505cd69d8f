import { configuredCache } from './configured.ts';

/** The name of a Redis command and its arguments. */
export type Command = readonly [name: string, ...args: (string | number)[]];

/** What Redis replies, text decoded from UTF-8. */
export type Reply = string | number | null | Reply[];

/** Where one cache cluster is: a server that speaks Redis 6.2 or later. One per backend, loaded when it is configured. */
export interface CacheProvider {
  /** Put before every key, so that clusters and environments can share a server; empty for none. */
  readonly keyPrefix: string;
  /**
   * Runs the commands in their order with none of others in between, and resolves to one reply for each. Rejects with the
   * server's error when one of them fails, and with an `UnavailableError` when the server does not answer.
   */
  run(commands: readonly Command[]): Promise<Reply[]>;
}

type Find = (cluster: string) => CacheProvider | undefined;

let find: Find = configuredCache;

/** Says where this process finds its cache clusters. @default where the configuration says */
export function provideCaches(providers: Find): void {
  find = providers;
}

/** @throws Error when this process does not have the cluster */
export function cacheProvider(cluster: string): CacheProvider {
  const provider = find(cluster);
  if (!provider) throw new Error(`cache ${cluster}: this cache is not configured for use by this process`);
  return provider;
}
