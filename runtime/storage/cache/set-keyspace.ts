import { float, text, type ValueCodec } from './codec.ts';
import { count } from './count.ts';
import type { Key } from './key.ts';
import { Keyspace, type WriteOptions } from './keyspace.ts';

/** One set per key; one without members is not there. Members have no order. */
export abstract class SetKeyspace<K extends Key, V extends string | number> extends Keyspace<K> {
  protected abstract readonly codec: ValueCodec<V>;

  /** Resolves to how many of the values were not there before. */
  async add(key: K, ...values: V[]): Promise<number> {
    return values.length === 0 ? 0 : this.write('SADD', [key], this.encode(values));
  }

  /** Resolves to how many of the values were there. */
  async remove(key: K, ...values: V[]): Promise<number> {
    return values.length === 0 ? 0 : this.write('SREM', [key], this.encode(values));
  }

  /** Takes a random member; undefined when there is none. */
  async popOne(key: K, options?: WriteOptions): Promise<V | undefined> {
    return this.member(await this.write('SPOP', [key], [], options));
  }

  /** Takes random members, `amount` or all. */
  async pop(key: K, amount: number, options?: WriteOptions): Promise<V[]> {
    return this.decode(await this.write('SPOP', [key], [count(amount)], options));
  }

  /** Whether the value is a member. */
  async contains(key: K, value: V): Promise<boolean> {
    return (await this.read<number>('SISMEMBER', [key], this.codec.encode(value))) === 1;
  }

  /** 0 when the key is not there. */
  len(key: K): Promise<number> {
    return this.read('SCARD', [key]);
  }

  /** All members; empty when the key is not there. */
  async items(key: K): Promise<V[]> {
    return this.decode(await this.read('SMEMBERS', [key]));
  }

  /** All members as a `Set`. */
  async itemsSet(key: K): Promise<Set<V>> {
    return new Set(await this.items(key));
  }

  /** The members of the first set that are in none of the others. */
  diff(...keys: K[]): Promise<V[]> {
    return this.combine('SDIFF', keys);
  }

  /** `diff` as a `Set`. */
  async diffSet(...keys: K[]): Promise<Set<V>> {
    return new Set(await this.diff(...keys));
  }

  /** Makes the set `destination` of `diff` and resolves to its size. */
  diffStore(destination: K, ...keys: K[]): Promise<number> {
    return this.store('SDIFFSTORE', destination, keys);
  }

  /** The members that are in all of the sets. */
  intersect(...keys: K[]): Promise<V[]> {
    return this.combine('SINTER', keys);
  }

  /** `intersect` as a `Set`. */
  async intersectSet(...keys: K[]): Promise<Set<V>> {
    return new Set(await this.intersect(...keys));
  }

  /** Makes the set `destination` of `intersect` and resolves to its size. */
  intersectStore(destination: K, ...keys: K[]): Promise<number> {
    return this.store('SINTERSTORE', destination, keys);
  }

  /** The members that are in any of the sets. */
  union(...keys: K[]): Promise<V[]> {
    return this.combine('SUNION', keys);
  }

  /** `union` as a `Set`. */
  async unionSet(...keys: K[]): Promise<Set<V>> {
    return new Set(await this.union(...keys));
  }

  /** Makes the set `destination` of `union` and resolves to its size. */
  unionStore(destination: K, ...keys: K[]): Promise<number> {
    return this.store('SUNIONSTORE', destination, keys);
  }

  /** A random member, which stays; undefined when there is none. */
  async sampleOne(key: K): Promise<V | undefined> {
    return this.member(await this.read('SRANDMEMBER', [key]));
  }

  /** Different random members, `amount` or all; they stay. */
  async sample(key: K, amount: number): Promise<V[]> {
    return this.decode(await this.read('SRANDMEMBER', [key], count(amount)));
  }

  /** `amount` random members, of which some may be the same; they stay. */
  async sampleWithReplacement(key: K, amount: number): Promise<V[]> {
    return count(amount) === 0 ? [] : this.decode(await this.read('SRANDMEMBER', [key], -amount));
  }

  /** Resolves to whether the value was in `source`, and now is in `destination`. */
  async move(source: K, destination: K, value: V, options?: WriteOptions): Promise<boolean> {
    return (await this.write<number>('SMOVE', [source, destination], [this.codec.encode(value)], options)) === 1;
  }

  private async combine(command: string, keys: K[]): Promise<V[]> {
    return keys.length === 0 ? [] : this.decode(await this.read(command, keys));
  }

  /** Of no set at all: the empty set, which is not there. */
  private async store(command: string, destination: K, keys: K[]): Promise<number> {
    if (keys.length > 0) return this.write(command, [destination, ...keys], [], {}, [destination]);
    await this.delete(destination);
    return 0;
  }

  private encode(values: V[]): string[] {
    return values.map((value) => this.codec.encode(value));
  }

  private decode(values: string[]): V[] {
    return values.map((value) => this.codec.decode(value));
  }

  private member(value: string | null): V | undefined {
    return value === null ? undefined : this.codec.decode(value);
  }
}

/** Sets of text. */
export class StringSetKeyspace<K extends Key> extends SetKeyspace<K, string> {
  protected readonly codec: ValueCodec<string> = text;
}

/** Sets of numbers. */
export class NumberSetKeyspace<K extends Key> extends SetKeyspace<K, number> {
  protected readonly codec: ValueCodec<number> = float;
}
