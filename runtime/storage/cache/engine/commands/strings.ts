import { Bytes } from '../bytes.ts';
import { add, formatFloat, parseFloat64 } from '../extended-float.ts';
import { greatest, integerReply, least, parseInteger, parsePosition } from '../integer.ts';
import { type Binary, ok, ReplyError, syntaxError, tooLong, wrongType } from '../reply.ts';
import type { Store } from '../store.ts';
import { invalidExpiry } from './keys.ts';
import { type CommandSpec, grows, reads } from './spec.ts';

/** Bytes: as Redis has it, less what V8 cannot make a text of. */
const longest = 512 * 1024 * 1024 - 1024;

/** Values that are one text. */
export const stringCommands: Record<string, CommandSpec> = {
  GET: reads(1, 1, (store, [key = '']) => textOf(store, key)?.toString() ?? null),

  MGET: reads(1, Infinity, (store, keys) =>
    keys.map((key) => {
      const value = store.get(key);
      return isText(value) ? value.toString() : null;
    }),
  ),

  SET: grows(2, Infinity, (store, [key = '', value = '', ...words]) => {
    const { condition, get, expires } = settings(store, words);
    const former = get ? (textOf(store, key)?.toString() ?? null) : null;
    const there = condition !== undefined && store.expiry(key) !== undefined;
    if (condition && there !== (condition === 'XX')) return former;
    put(store, key, value, expires);
    return get ? former : ok;
  }),

  GETDEL: reads(1, 1, (store, [key = '']) => {
    const value = textOf(store, key)?.toString();
    if (value !== undefined) store.delete(key);
    return value ?? null;
  }),

  STRLEN: reads(1, 1, (store, [key = '']) => textOf(store, key)?.length ?? 0),

  APPEND: grows(2, 2, (store, [key = '', more = '']) => write(store, key, textOf(store, key)?.length ?? 0, more)),

  SETRANGE: grows(3, 3, (store, [key = '', position = '', text = '']) => {
    const offset = parsePosition(position);
    if (offset < 0) throw new ReplyError('ERR offset is out of range');
    const length = textOf(store, key)?.length ?? 0;
    return text === '' ? length : write(store, key, offset, text);
  }),

  GETRANGE: reads(3, 3, (store, [key = '', from = '', to = '']) => {
    const [start, end] = [parsePosition(from), parsePosition(to)];
    const value = textOf(store, key) ?? '';
    if (start < 0 && end < 0 && start > end) return '';
    const first = start < 0 ? Math.max(start + value.length, 0) : start;
    const last = end < 0 ? Math.max(end + value.length, 0) : end;
    return first > last ? '' : value.slice(first, last + 1);
  }),

  INCRBY: grows(2, 2, (store, [key = '', increment = '']) => count(store, key, parseInteger(increment))),

  DECRBY: grows(2, 2, (store, [key = '', decrement = '']) => {
    const value = parseInteger(decrement);
    if (value === least) throw new ReplyError('ERR decrement would overflow');
    return count(store, key, -value);
  }),

  INCRBYFLOAT: grows(2, 2, (store, [key = '', increment = '']) => {
    const value = parseFloat64(textOf(store, key)?.toString() ?? '0');
    const sum = formatFloat(add(value, parseFloat64(increment)));
    put(store, key, sum, 'keep');
    return sum;
  }),
};

function isText(value: unknown): value is Binary | Bytes {
  return typeof value === 'string' || value instanceof Bytes;
}

/** @throws ReplyError when the key stands for something else */
function textOf(store: Store, key: Binary): Binary | Bytes | undefined {
  const value = store.get(key);
  if (value === undefined || isText(value)) return value;
  throw wrongType();
}

function put(store: Store, key: Binary, value: Binary | Bytes, expires: 'never' | 'keep' | number): void {
  store.set(key, value, value.length, expires);
}

/** Writes at `offset`, and answers the length. */
function write(store: Store, key: Binary, offset: number, text: Binary): number {
  if (offset + text.length > longest) throw tooLong();
  const former = textOf(store, key);
  const value = former instanceof Bytes ? former : new Bytes(former ?? '');
  value.write(offset, text);
  put(store, key, value, 'keep');
  return value.length;
}

function count(store: Store, key: Binary, increment: bigint): number | bigint {
  const value = parseInteger(textOf(store, key)?.toString() ?? '0') + increment;
  if (value > greatest || value < least) throw new ReplyError('ERR increment or decrement would overflow');
  put(store, key, String(value), 'keep');
  return integerReply(value);
}

interface Settings {
  condition?: 'NX' | 'XX';
  get: boolean;
  expires: 'never' | 'keep' | number;
}

/** Of SET: what follows the value. @throws ReplyError */
function settings(store: Store, words: Binary[]): Settings {
  let condition: Settings['condition'];
  let get = false;
  let milliseconds: Binary | undefined;
  let keep = false;
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!.toUpperCase();
    if ((word === 'NX' || word === 'XX') && (condition ?? word) === word) condition = word;
    else if (word === 'GET') get = true;
    else if (word === 'KEEPTTL' && milliseconds === undefined) keep = true;
    else if (word === 'PX' && !keep && milliseconds === undefined && index + 1 < words.length)
      milliseconds = words[++index];
    else throw syntaxError();
  }
  const expires = milliseconds === undefined ? (keep ? 'keep' : 'never') : expiry(store, milliseconds);
  return { ...(condition && { condition }), get, expires };
}

function expiry(store: Store, text: Binary): number {
  const milliseconds = parseInteger(text);
  const at = BigInt(store.now) + milliseconds;
  if (milliseconds <= 0n || at > greatest) throw invalidExpiry('set');
  return Number(at);
}
