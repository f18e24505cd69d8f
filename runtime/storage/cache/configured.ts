import { infra } from '../../infra/config.ts';
import type { RedisServer } from '../../wire.ts';
import { declaredPolicy } from './cluster.ts';
import type { CacheProvider, Command, Reply } from './provider.ts';

/** A provider that holds a connection. */
export interface OpenCache extends CacheProvider {
  close(): Promise<void>;
}

const open = new Map<string, OpenCache>();

/** The cluster as the configuration has it; undefined when it does not. Nothing is loaded or connected before the first command. */
export function configuredCache(cluster: string): CacheProvider | undefined {
  const known = open.get(cluster);
  if (known) return known;
  const { redis = {}, fairlead } = infra();
  const server = Object.hasOwn(redis, cluster) ? redis[cluster] : undefined;
  if (!server) return undefined;
  const cache = new LazyCache(cluster, server, fairlead?.caches?.[cluster]?.max_memory);
  open.set(cluster, cache);
  return cache;
}

export async function closeCaches(): Promise<void> {
  const caches = [...open.values()];
  open.clear();
  await Promise.all(caches.map((cache) => cache.close()));
}

class LazyCache implements OpenCache {
  readonly keyPrefix: string;
  readonly #load: () => Promise<OpenCache>;
  #cache: Promise<OpenCache> | undefined;

  constructor(cluster: string, server: RedisServer, maxMemory?: number) {
    this.keyPrefix = server.key_prefix ?? '';
    this.#load = server.in_memory
      ? async () =>
          (await import('./memory.ts')).openMemory({
            policy: declaredPolicy(cluster),
            maxMemory,
            keyPrefix: server.key_prefix,
          })
      : async () => (await import('./redis.ts')).openRedis(cluster, server);
  }

  async run(commands: readonly Command[]): Promise<Reply[]> {
    this.#cache ??= this.#load();
    return (await this.#cache).run(commands);
  }

  async close(): Promise<void> {
    await (await this.#cache)?.close();
  }
}
