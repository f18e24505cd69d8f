import { overhead } from '../entry.ts';
import { parsePosition } from '../integer.ts';
import { RandomSet } from '../random-set.ts';
import { type Binary, notPositive, wrongType } from '../reply.ts';
import type { Store } from '../store.ts';
import { type CommandSpec, grows, type Run, reads } from './spec.ts';

/** Constant time for each member. */
export const setCommands: Record<string, CommandSpec> = {
  SADD: grows(2, Infinity, (store, [key = '', ...members]) => add(store, key, members)),

  SREM: reads(2, Infinity, (store, [key = '', ...members]) => remove(store, key, members)),

  SISMEMBER: reads(2, 2, (store, [key = '', member = '']) => (setOf(store, key)?.has(member) ? 1 : 0)),

  SCARD: reads(1, 1, (store, [key = '']) => setOf(store, key)?.size ?? 0),

  SMEMBERS: reads(1, 1, (store, [key = '']) => [...(setOf(store, key)?.members ?? [])]),

  SMOVE: grows(3, 3, (store, [source = '', destination = '', member = '']) => {
    const from = setOf(store, source);
    if (!from) return 0;
    const to = setOf(store, destination);
    if (!from.has(member)) return 0;
    if (from === to) return 1;
    remove(store, source, [member]);
    add(store, destination, [member]);
    return 1;
  }),

  SPOP: reads(1, 2, (store, [key = '', count]) => {
    const wanted = count === undefined ? 1 : parsePosition(count, notPositive);
    if (wanted < 0) throw notPositive();
    const popped = setOf(store, key)?.samples(wanted, store.random) ?? [];
    remove(store, key, popped);
    return count === undefined ? (popped[0] ?? null) : popped;
  }),

  SRANDMEMBER: reads(1, 2, (store, [key = '', count]) => {
    const wanted = count === undefined ? 1 : parsePosition(count);
    const set = setOf(store, key);
    if (count === undefined) return set?.sample(store.random) ?? null;
    if (!set) return [];
    return wanted >= 0
      ? set.samples(wanted, store.random)
      : Array.from({ length: -wanted }, () => set.sample(store.random)!);
  }),

  SDIFF: reads(1, Infinity, (store, keys) => diff(store, keys)),
  SINTER: reads(1, Infinity, (store, keys) => intersect(store, keys)),
  SUNION: reads(1, Infinity, (store, keys) => union(store, keys)),
  SDIFFSTORE: grows(2, Infinity, storing(diff)),
  SINTERSTORE: grows(2, Infinity, storing(intersect)),
  SUNIONSTORE: grows(2, Infinity, storing(union)),
};

/** @throws ReplyError when the key stands for something else */
function setOf(store: Store, key: Binary): RandomSet | undefined {
  const value = store.get(key);
  if (value === undefined || value instanceof RandomSet) return value;
  throw wrongType();
}

function sizeOf(members: readonly Binary[]): number {
  return members.reduce((sum, { length }) => sum + length + overhead.member, 0);
}

function add(store: Store, key: Binary, members: readonly Binary[]): number {
  let set = setOf(store, key);
  if (!set) {
    set = new RandomSet();
    store.set(key, set, 0, 'never');
  }
  const added = members.filter((member) => set.add(member));
  store.resize(key, sizeOf(added));
  return added.length;
}

function remove(store: Store, key: Binary, members: readonly Binary[]): number {
  const set = setOf(store, key);
  if (!set) return 0;
  const removed = members.filter((member) => set.delete(member));
  store.resize(key, -sizeOf(removed));
  // A set without members is not there.
  if (set.size === 0) store.delete(key);
  return removed.length;
}

function all(store: Store, keys: readonly Binary[]): (RandomSet | undefined)[] {
  return keys.map((key) => setOf(store, key));
}

function diff(store: Store, keys: readonly Binary[]): Binary[] {
  const [first, ...others] = all(store, keys);
  return (first?.members ?? []).filter((member) => !others.some((other) => other?.has(member)));
}

function intersect(store: Store, keys: readonly Binary[]): Binary[] {
  const sets = all(store, keys);
  const [smallest, ...others] = [...sets].sort((a, b) => (a?.size ?? 0) - (b?.size ?? 0));
  return (smallest?.members ?? []).filter((member) => others.every((other) => other?.has(member)));
}

function union(store: Store, keys: readonly Binary[]): Binary[] {
  return [...new Set(all(store, keys).flatMap((set) => set?.members ?? []))];
}

/** Puts a set of what `combine` gives in the place of whatever is at the destination, and answers its size. */
function storing(combine: (store: Store, keys: readonly Binary[]) => Binary[]): Run {
  return (store, [destination = '', ...keys]) => {
    const members = combine(store, keys);
    store.delete(destination);
    return members.length === 0 ? 0 : add(store, destination, members);
  };
}
