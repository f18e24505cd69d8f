import type { ValueCodec } from './codec.ts';
import { CacheKeyExists, CacheMiss } from './errors.ts';
import { timeToLive } from './expiry.ts';
import type { Key } from './key.ts';
import { Keyspace, type WriteOptions } from './keyspace.ts';
import type { Command } from './provider.ts';

/** One value per key. Without an expiry, a write makes the value stay. */
export abstract class BasicKeyspace<K extends Key, V> extends Keyspace<K> {
  protected abstract readonly codec: ValueCodec<V>;

  /** Undefined when the key is not there. */
  async get(key: K): Promise<V | undefined> {
    return this.decode(await this.read('GET', [key]));
  }

  /** In the order of the keys; undefined for each that is not there. */
  async multiGet(...keys: K[]): Promise<(V | undefined)[]> {
    if (keys.length === 0) return [];
    const values = await this.read<(string | null)[]>('MGET', keys);
    return values.map((value) => this.decode(value));
  }

  /** Takes the place of the value before. */
  async set(key: K, value: V, options: WriteOptions = {}): Promise<void> {
    await this.put(key, value, options);
  }

  /** Sets all of them, or none. */
  async multiSet(entries: readonly (readonly [key: K, value: V])[], options: WriteOptions = {}): Promise<void> {
    if (!Array.isArray(entries) || !entries.every(Array.isArray))
      throw new TypeError('what is set is a list of pairs of a key and its value');
    const keys = entries.map(([key]) => key);
    const commands = entries.map(([key, value]) => this.setCommand(key, value, options));
    if (commands.length > 0) await this.run('SET', keys, commands);
  }

  /** Sets a key that is not there. @throws CacheKeyExists */
  async setIfNotExists(key: K, value: V, options: WriteOptions = {}): Promise<void> {
    if ((await this.put(key, value, options, 'NX')) === null)
      throw new CacheKeyExists(`${this.describe('set', [key])}: the key is already there`);
  }

  /** Sets a key that is there. @throws CacheMiss */
  async replace(key: K, value: V, options: WriteOptions = {}): Promise<void> {
    if ((await this.put(key, value, options, 'XX')) === null)
      throw new CacheMiss(`${this.describe('replace', [key])}: the key is not there`);
  }

  /** Resolves to the value before; undefined when there was none. */
  async getAndSet(key: K, value: V, options: WriteOptions = {}): Promise<V | undefined> {
    return this.decode(await this.put(key, value, options, 'GET'));
  }

  /** Resolves to the value that was removed; undefined when there was none. */
  async getAndDelete(key: K): Promise<V | undefined> {
    return this.decode(await this.read('GETDEL', [key]));
  }

  private async put(key: K, value: V, options: WriteOptions, condition?: 'NX' | 'XX' | 'GET'): Promise<string | null> {
    const command = this.setCommand(key, value, options);
    const [reply] = await this.run('SET', [key], [condition ? [...command, condition] : command]);
    return reply as string | null;
  }

  private setCommand(key: K, value: V, options: WriteOptions): Command {
    const expiry = this.expiryOf(options);
    const milliseconds = timeToLive(expiry, Date.now());
    const stays = milliseconds !== undefined ? ['PX', milliseconds] : expiry === 'keep' ? ['KEEPTTL'] : [];
    return ['SET', this.keyOf(key), this.codec.encode(value), ...stays];
  }

  private decode(value: string | null): V | undefined {
    return value === null ? undefined : this.codec.decode(value);
  }
}
