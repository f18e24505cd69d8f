import Denque from 'denque';
import { overhead } from '../entry.ts';
import { parsePosition } from '../integer.ts';
import { type Binary, ok, ReplyError, syntaxError, wrongType } from '../reply.ts';
import type { Store } from '../store.ts';
import { type CommandSpec, grows, reads } from './spec.ts';

type List = Denque<Binary>;
type End = 'LEFT' | 'RIGHT';

/** Constant time at both ends and for an item by its position; what inserts or searches looks at each item. */
export const listCommands: Record<string, CommandSpec> = {
  LPUSH: grows(2, Infinity, (store, [key = '', ...items]) => push(store, key, 'LEFT', items)),
  RPUSH: grows(2, Infinity, (store, [key = '', ...items]) => push(store, key, 'RIGHT', items)),
  LPOP: reads(1, 1, (store, [key = '']) => pop(store, key, 'LEFT')),
  RPOP: reads(1, 1, (store, [key = '']) => pop(store, key, 'RIGHT')),

  LMOVE: grows(4, 4, (store, [source = '', destination = '', from = '', to = '']) => {
    const [fromEnd, toEnd] = [end(from), end(to)];
    const list = listOf(store, source);
    if (!list) return null;
    listOf(store, destination);
    // Within a list it is never without items, and keeps its expiry.
    if (source === destination) return put(list, toEnd, take(list, fromEnd)!);
    const item = pop(store, source, fromEnd)!;
    push(store, destination, toEnd, [item]);
    return item;
  }),

  LLEN: reads(1, 1, (store, [key = '']) => listOf(store, key)?.length ?? 0),

  LINDEX: reads(2, 2, (store, [key = '', index = '']) => {
    const list = listOf(store, key);
    return list?.peekAt(parsePosition(index)) ?? null;
  }),

  LRANGE: reads(3, 3, (store, [key = '', from = '', to = '']) => {
    const [start, stop] = [parsePosition(from), parsePosition(to)];
    const list = listOf(store, key);
    if (!list) return [];
    const [first, length] = range(list.length, start, stop);
    return Array.from({ length }, (_, index) => list.peekAt(first + index)!);
  }),

  LTRIM: reads(3, 3, (store, [key = '', from = '', to = '']) => {
    const [start, stop] = [parsePosition(from), parsePosition(to)];
    const list = listOf(store, key);
    if (!list) return ok;
    const [first, length] = range(list.length, start, stop);
    let freed = 0;
    for (let left = list.length - first - length; left > 0; left--) freed += sizeOf(list.pop()!);
    for (let left = first; left > 0; left--) freed += sizeOf(list.shift()!);
    shrunk(store, key, list, freed);
    return ok;
  }),

  LSET: grows(3, 3, (store, [key = '', position = '', item = '']) => {
    const list = listOf(store, key);
    if (!list) throw new ReplyError('ERR no such key');
    const given = parsePosition(position);
    const index = given < 0 ? given + list.length : given;
    const former = index < 0 ? undefined : list.peekAt(index);
    if (former === undefined) throw new ReplyError('ERR index out of range');
    list.splice(index, 1, item);
    store.resize(key, item.length - former.length);
    return ok;
  }),

  LINSERT: grows(4, 4, (store, [key = '', where = '', pivot = '', item = '']) => {
    const place = where.toUpperCase();
    if (place !== 'BEFORE' && place !== 'AFTER') throw syntaxError();
    const list = listOf(store, key);
    if (!list) return 0;
    const index = indexOf(list, pivot);
    if (index < 0) return -1;
    list.splice(place === 'BEFORE' ? index : index + 1, 0, item);
    store.resize(key, sizeOf(item));
    return list.length;
  }),

  LREM: reads(3, 3, (store, [key = '', count = '', item = '']) => {
    const limit = parsePosition(count);
    const list = listOf(store, key);
    if (!list) return 0;
    const kept = without(list, item, limit);
    const removed = list.length - kept.length;
    if (removed === 0) return 0;
    if (kept.length > 0) store.set(key, kept, 0, 'keep');
    if (kept.length > 0)
      store.resize(
        key,
        kept.toArray().reduce((sum, one) => sum + sizeOf(one), 0),
      );
    else store.delete(key);
    return removed;
  }),
};

/** @throws ReplyError when the key stands for something else */
function listOf(store: Store, key: Binary): List | undefined {
  const value = store.get(key);
  if (value === undefined || value instanceof Denque) return value;
  throw wrongType();
}

function sizeOf(item: Binary): number {
  return item.length + overhead.item;
}

function take(list: List, from: End): Binary | undefined {
  return from === 'LEFT' ? list.shift() : list.pop();
}

function put(list: List, to: End, item: Binary): Binary {
  if (to === 'LEFT') list.unshift(item);
  else list.push(item);
  return item;
}

function push(store: Store, key: Binary, to: End, items: readonly Binary[]): number {
  let list = listOf(store, key);
  if (!list) {
    list = new Denque<Binary>();
    store.set(key, list, 0, 'never');
  }
  let grown = 0;
  for (const item of items) {
    put(list, to, item);
    grown += sizeOf(item);
  }
  store.resize(key, grown);
  return list.length;
}

function pop(store: Store, key: Binary, from: End): Binary | null {
  const list = listOf(store, key);
  const item = list && take(list, from);
  if (!list || item === undefined) return null;
  shrunk(store, key, list, sizeOf(item));
  return item;
}

/** A list without items is not there. */
function shrunk(store: Store, key: Binary, list: List, freed: number): void {
  store.resize(key, -freed);
  if (list.length === 0) store.delete(key);
}

function end(word: Binary): End {
  const upper = word.toUpperCase();
  if (upper === 'LEFT' || upper === 'RIGHT') return upper;
  throw syntaxError();
}

/** Both included; negative ones count from the end. */
function range(size: number, start: number, stop: number): [first: number, length: number] {
  const first = Math.max(start < 0 ? start + size : start, 0);
  const last = Math.min(stop < 0 ? stop + size : stop, size - 1);
  return first > last ? [size, 0] : [first, last - first + 1];
}

function indexOf(list: List, item: Binary): number {
  for (let index = 0; index < list.length; index++) if (list.peekAt(index) === item) return index;
  return -1;
}

/** @param limit how many are removed at most: from the beginning, from the end when it is negative, and all for 0 */
function without(list: List, item: Binary, limit: number): List {
  const items = list.toArray();
  if (limit < 0) items.reverse();
  let left = limit === 0 ? Infinity : Math.abs(limit);
  const kept = items.filter((one) => one !== item || left-- <= 0);
  return new Denque(limit < 0 ? kept.reverse() : kept);
}
