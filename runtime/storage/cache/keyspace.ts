import { spans } from '../../tracing/spans.ts';
import type { CacheCluster } from './cluster.ts';
import { CacheError } from './errors.ts';
import { checkExpiry, type Expiry, expiryIn, timeToLive } from './expiry.ts';
import { type Key, mapKey } from './key.ts';
import { type Command, cacheProvider, type Reply } from './provider.ts';

/** Every value is a literal, since the analyzer reads it; an expiry may be computed. */
export interface KeyspaceConfig<_K = unknown> {
  /**
   * Segments after slashes: literals, and `:name` for the parts of a key. A scalar key takes the place of the only parameter, an
   * object gives a field for each.
   */
  keyPattern: string;
  /** How long values stay, unless a write says otherwise. @default as long as the server has room */
  defaultExpiry?: Expiry;
}

/** What a write may say. */
export interface WriteOptions {
  /** @default `defaultExpiry` of the keyspace */
  expiry?: Expiry;
}

/** The keys of one pattern in a cluster. What fails on the server fails here with a `CacheError`. */
export abstract class Keyspace<K extends Key> {
  protected readonly cluster: CacheCluster;
  protected readonly config: KeyspaceConfig<K>;

  constructor(cluster: CacheCluster, config: KeyspaceConfig<K>) {
    this.cluster = cluster;
    this.config = config;
  }

  /** The same keyspace with another expiry. */
  with(options: WriteOptions): this {
    const expiry = expiryIn(options);
    const Same = this.constructor as new (cluster: CacheCluster, config: KeyspaceConfig<K>) => this;
    return new Same(this.cluster, { ...this.config, ...(expiry !== undefined && { defaultExpiry: expiry }) });
  }

  /** Removes keys and resolves to how many were there. */
  async delete(...keys: K[]): Promise<number> {
    return keys.length === 0 ? 0 : this.read<number>('DEL', keys);
  }

  /** Runs a command that leaves the expiry of its keys alone. */
  protected async read<R extends Reply>(name: string, keys: K[], ...args: (string | number)[]): Promise<R> {
    const [reply] = await this.run(name, keys, [[name, ...keys.map((key) => this.keyOf(key)), ...args]]);
    return reply as R;
  }

  /** Runs a command that writes, and sets the expiry of what it writes: unless given, of all of its keys. */
  protected async write<R extends Reply>(
    name: string,
    keys: K[],
    args: (string | number)[],
    options: WriteOptions = {},
    written: K[] = keys,
  ): Promise<R> {
    const command: Command = [name, ...keys.map((key) => this.keyOf(key)), ...args];
    const expiry = written.flatMap((key) => this.expire(this.keyOf(key), options));
    const [reply] = await this.run(name, keys, [command, ...expiry]);
    return reply as R;
  }

  protected async run(what: string, keys: K[], commands: Command[]): Promise<Reply[]> {
    const provider = cacheProvider(this.cluster.name);
    try {
      const send = () => provider.run(commands);
      return await (spans()?.commanded(this.cluster.name, what, this.config.keyPattern, send) ?? send());
    } catch (error) {
      throw new CacheError(`${this.describe(what, keys)}: ${(error as Error).message}`, { cause: error });
    }
  }

  /** For messages: `GET "sessions/1" in cache main`. */
  protected describe(what: string, keys: K[]): string {
    const names = keys.map((key) => JSON.stringify(mapKey(this.config.keyPattern, key)));
    return `${what} ${names.join(' ')} in cache ${this.cluster.name}`;
  }

  /** The key as the server knows it. */
  protected keyOf(key: K): string {
    return cacheProvider(this.cluster.name).keyPrefix + mapKey(this.config.keyPattern, key);
  }

  protected expiryOf(options: WriteOptions): Expiry | undefined {
    return expiryIn(options) ?? checkExpiry(this.config.defaultExpiry);
  }

  private expire(key: string, options: WriteOptions): Command[] {
    const expiry = this.expiryOf(options);
    const milliseconds = timeToLive(expiry, Date.now());
    if (milliseconds !== undefined) return [['PEXPIRE', key, milliseconds]];
    return expiry === 'never' ? [['PERSIST', key]] : [];
  }
}
