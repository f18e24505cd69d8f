import { float, text, type ValueCodec } from './codec.ts';
import { count } from './count.ts';
import type { Key } from './key.ts';
import { Keyspace, type WriteOptions } from './keyspace.ts';

/** An end of a list: `left` is where it begins. */
export type ListPosition = 'left' | 'right';

/** One list per key; one without items is not there. Positions count from 0, negative ones from the end. */
export abstract class ListKeyspace<K extends Key, V extends string | number> extends Keyspace<K> {
  protected abstract readonly codec: ValueCodec<V>;

  /** Adds values one by one at the beginning, so that the last one comes first, and resolves to the length. */
  pushLeft(key: K, ...values: V[]): Promise<number> {
    return this.push('LPUSH', key, values);
  }

  /** Adds values at the end and resolves to the length. */
  pushRight(key: K, ...values: V[]): Promise<number> {
    return this.push('RPUSH', key, values);
  }

  /** Takes the first item; undefined when there is none. */
  async popLeft(key: K, options?: WriteOptions): Promise<V | undefined> {
    return this.item(await this.write('LPOP', [key], [], options));
  }

  /** Takes the last item; undefined when there is none. */
  async popRight(key: K, options?: WriteOptions): Promise<V | undefined> {
    return this.item(await this.write('RPOP', [key], [], options));
  }

  /** 0 when the key is not there. */
  len(key: K): Promise<number> {
    return this.read('LLEN', [key]);
  }

  /** Keeps the items from `start` to `stop`, both included. */
  async trim(key: K, start: number, stop: number, options?: WriteOptions): Promise<void> {
    await this.write('LTRIM', [key], [start, stop], options);
  }

  /** Takes the place of an item. @throws CacheError when there is no item at `index` */
  async set(key: K, index: number, value: V, options?: WriteOptions): Promise<void> {
    await this.write('LSET', [key], [index, this.codec.encode(value)], options);
  }

  /** Undefined when there is no item at `index`. */
  async get(key: K, index: number): Promise<V | undefined> {
    return this.item(await this.read('LINDEX', [key], index));
  }

  /** All items; empty when the key is not there. */
  items(key: K): Promise<V[]> {
    return this.getRange(key, 0, -1);
  }

  /** The items from `start` to `stop`, both included. */
  async getRange(key: K, start: number, stop: number): Promise<V[]> {
    return (await this.read<string[]>('LRANGE', [key], start, stop)).map((value) => this.codec.decode(value));
  }

  /** Inserts before the first item that is `pivot` and resolves to the length; -1 when there is none, 0 without a list. */
  insertBefore(key: K, pivot: V, value: V, options?: WriteOptions): Promise<number> {
    return this.insert('BEFORE', key, pivot, value, options);
  }

  /** Inserts after the first item that is `pivot` and resolves to the length; -1 when there is none, 0 without a list. */
  insertAfter(key: K, pivot: V, value: V, options?: WriteOptions): Promise<number> {
    return this.insert('AFTER', key, pivot, value, options);
  }

  /** Removes every item that is `value` and resolves to how many there were. */
  removeAll(key: K, value: V, options?: WriteOptions): Promise<number> {
    return this.write('LREM', [key], [0, this.codec.encode(value)], options);
  }

  /** Removes the first `amount` items that are `value` and resolves to how many there were. */
  async removeFirst(key: K, amount: number, value: V, options?: WriteOptions): Promise<number> {
    return count(amount) === 0 ? 0 : this.write('LREM', [key], [amount, this.codec.encode(value)], options);
  }

  /** Removes the last `amount` items that are `value` and resolves to how many there were. */
  async removeLast(key: K, amount: number, value: V, options?: WriteOptions): Promise<number> {
    return count(amount) === 0 ? 0 : this.write('LREM', [key], [-amount, this.codec.encode(value)], options);
  }

  /** Takes an item from one end of `source`, adds it at an end of `destination` and resolves to it; undefined without one. */
  async move(
    source: K,
    destination: K,
    from: ListPosition,
    to: ListPosition,
    options?: WriteOptions,
  ): Promise<V | undefined> {
    const ends = [endOf(from), endOf(to)];
    return this.item(await this.write('LMOVE', [source, destination], ends, options));
  }

  private async push(command: string, key: K, values: V[]): Promise<number> {
    if (values.length === 0) return this.len(key);
    return this.write(
      command,
      [key],
      values.map((value) => this.codec.encode(value)),
    );
  }

  private insert(where: string, key: K, pivot: V, value: V, options?: WriteOptions): Promise<number> {
    return this.write('LINSERT', [key], [where, this.codec.encode(pivot), this.codec.encode(value)], options);
  }

  private item(value: string | null): V | undefined {
    return value === null ? undefined : this.codec.decode(value);
  }
}

/** As the server calls it. */
function endOf(position: ListPosition): string {
  if (position === 'left' || position === 'right') return position.toUpperCase();
  throw new TypeError(`an end of a list is 'left' or 'right': ${String(position)}`);
}

/** Lists of text. */
export class StringListKeyspace<K extends Key> extends ListKeyspace<K, string> {
  protected readonly codec: ValueCodec<string> = text;
}

/** Lists of numbers. */
export class NumberListKeyspace<K extends Key> extends ListKeyspace<K, number> {
  protected readonly codec: ValueCodec<number> = float;
}
