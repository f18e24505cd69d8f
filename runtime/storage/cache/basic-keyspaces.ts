import { BasicKeyspace } from './basic-keyspace.ts';
import { float, int, json, text, type ValueCodec } from './codec.ts';
import type { Key } from './key.ts';
import type { WriteOptions } from './keyspace.ts';

/** Text. Positions and lengths count bytes of UTF-8. */
export class StringKeyspace<K extends Key> extends BasicKeyspace<K, string> {
  protected readonly codec: ValueCodec<string> = text;

  /** Adds text at the end, also to a key that is not there, and resolves to the length. */
  async append(key: K, value: string, options?: WriteOptions): Promise<number> {
    return this.write('APPEND', [key], [text.encode(value)], options);
  }

  /** From `start` to `end`, both included; negative positions count from the end. */
  getRange(key: K, start: number, end: number): Promise<string> {
    return this.read('GETRANGE', [key], start, end);
  }

  /** Overwrites from `offset` on, padding with zero bytes, and resolves to the length. */
  async setRange(key: K, offset: number, value: string, options?: WriteOptions): Promise<number> {
    return this.write('SETRANGE', [key], [offset, text.encode(value)], options);
  }

  /** 0 when the key is not there. */
  len(key: K): Promise<number> {
    return this.read('STRLEN', [key]);
  }
}

/** Whole numbers; fractions are cut off downwards. */
export class IntKeyspace<K extends Key> extends BasicKeyspace<K, number> {
  protected readonly codec: ValueCodec<number> = int;

  /** Counts up, from 0 when the key is not there, and resolves to the new value. */
  async increment(key: K, delta: number = 1, options?: WriteOptions): Promise<number> {
    return this.write('INCRBY', [key], [int.encode(delta)], options);
  }

  /** Counts down, from 0 when the key is not there, and resolves to the new value. */
  async decrement(key: K, delta: number = 1, options?: WriteOptions): Promise<number> {
    return this.write('DECRBY', [key], [int.encode(delta)], options);
  }
}

/** Numbers. */
export class FloatKeyspace<K extends Key> extends BasicKeyspace<K, number> {
  protected readonly codec: ValueCodec<number> = float;

  /** Counts up, from 0 when the key is not there, and resolves to the new value. */
  async increment(key: K, delta: number = 1, options?: WriteOptions): Promise<number> {
    return Number(await this.write<string>('INCRBYFLOAT', [key], [float.encode(delta)], options));
  }

  /** Counts down, from 0 when the key is not there, and resolves to the new value. */
  async decrement(key: K, delta: number = 1, options?: WriteOptions): Promise<number> {
    return this.increment(key, -Number(float.encode(delta)), options);
  }
}

/** Objects, kept as JSON. */
export class StructKeyspace<K extends Key, V extends object> extends BasicKeyspace<K, V> {
  protected readonly codec: ValueCodec<V> = json<V>();
}
