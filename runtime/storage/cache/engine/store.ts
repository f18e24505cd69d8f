import TinyQueue from 'tinyqueue';
import type { EvictionPolicy } from '../cluster.ts';
import { type Entry, overhead, type Value } from './entry.ts';
import { count, firstFrequency, isVolatile, samples, worth } from './eviction.ts';
import { RandomSet } from './random-set.ts';
import type { Binary } from './reply.ts';

export interface StoreOptions {
  policy: EvictionPolicy;
  /** Bytes. */
  maxMemory: number;
  /** From 0 to less than 1. */
  random: () => number;
}

/** Keys that are removed at most when a command comes, since their time has come: the rest waits for the next one. */
const removedAtOnce = 100;

/** The keys, with when they expire, what they take and which go when there is no room. */
export class Store {
  readonly random: () => number;
  readonly #policy: EvictionPolicy;
  readonly #maxMemory: number;
  readonly #entries = new Map<Binary, Entry>();
  readonly #keys = new RandomSet();
  /** Those that expire. */
  readonly #volatile = new RandomSet();
  /** What of it no longer holds is taken out when it comes up. */
  #expiries = queueOf([]);
  #memory = 0;
  #uses = 0;
  /** Milliseconds since 1970. */
  #now = 0;

  constructor({ policy, maxMemory, random }: StoreOptions) {
    this.#policy = policy;
    this.#maxMemory = maxMemory;
    this.random = random;
  }

  /** Bytes, by estimate. */
  get memory(): number {
    return this.#memory;
  }

  get size(): number {
    return this.#entries.size;
  }

  get now(): number {
    return this.#now;
  }

  /** Says what time it is from here on, and removes what has expired. */
  advance(now: number): void {
    this.#now = now;
    this.#removeExpired(removedAtOnce);
  }

  /** The value, which counts as a use; undefined when there is none. */
  get(key: Binary): Value | undefined {
    const entry = this.#live(key);
    if (!entry) return undefined;
    entry.used = ++this.#uses;
    if (this.#policy.endsWith('-lfu')) count(entry, this.#minute, this.random);
    return entry.value;
  }

  /** Puts a value there, in the place of what there was. @param grown what it takes, without the key */
  set(key: Binary, value: Value, size: number, expires: 'never' | 'keep' | number): void {
    const former = this.#live(key);
    const entry = former ?? this.#add(key, value);
    entry.value = value;
    this.#resize(entry, overhead.key + key.length + size + (entry.expires < Infinity ? overhead.expiry : 0));
    if (former) entry.used = ++this.#uses;
    if (expires !== 'keep') this.#expire(key, entry, expires === 'never' ? Infinity : expires);
  }

  /** Says that the value has been changed in place and takes so many bytes more or less. */
  resize(key: Binary, difference: number): void {
    const entry = this.#entries.get(key);
    if (entry) this.#resize(entry, entry.size + difference);
  }

  /** False when it was not there. */
  delete(key: Binary): boolean {
    if (!this.#live(key)) return false;
    this.#remove(key);
    return true;
  }

  /** Milliseconds since 1970, Infinity when it does not expire; undefined when it is not there. */
  expiry(key: Binary): number | undefined {
    return this.#live(key)?.expires;
  }

  /** @param at milliseconds since 1970; Infinity: never. What is over goes at once. */
  expire(key: Binary, at: number): void {
    const entry = this.#live(key);
    if (entry && at <= this.#now) this.#remove(key);
    else if (entry) this.#expire(key, entry, at);
  }

  clear(): void {
    for (const key of [...this.#entries.keys()]) this.#remove(key);
  }

  /** Takes keys away as the policy says until the bound is kept; false when it cannot be. */
  makeRoom(): boolean {
    if (this.#memory > this.#maxMemory) this.#removeExpired(Infinity);
    while (this.#memory > this.#maxMemory) {
      const victim = this.#victim();
      if (victim === undefined) return false;
      this.#remove(victim);
    }
    return true;
  }

  #victim(): Binary | undefined {
    if (this.#policy === 'noeviction') return undefined;
    if (this.#policy === 'volatile-ttl') return this.#soonest()?.key;
    const candidates = isVolatile(this.#policy) ? this.#volatile : this.#keys;
    let victim: Binary | undefined;
    let least = Infinity;
    for (let index = 0; index < samples; index++) {
      const key = candidates.sample(this.random);
      if (key === undefined) return undefined;
      const value = worth(this.#policy, this.#entries.get(key)!, this.#minute);
      if (value >= least) continue;
      victim = key;
      least = value;
    }
    return victim;
  }

  #live(key: Binary): Entry | undefined {
    const entry = this.#entries.get(key);
    if (!entry || entry.expires > this.#now) return entry;
    this.#remove(key);
    return undefined;
  }

  #add(key: Binary, value: Value): Entry {
    const entry: Entry = {
      value,
      size: 0,
      expires: Infinity,
      used: ++this.#uses,
      frequency: firstFrequency,
      lowered: this.#minute,
    };
    this.#entries.set(key, entry);
    this.#keys.add(key);
    return entry;
  }

  #remove(key: Binary): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#keys.delete(key);
    this.#volatile.delete(key);
    this.#memory -= entry.size;
  }

  #resize(entry: Entry, size: number): void {
    this.#memory += size - entry.size;
    entry.size = size;
  }

  #expire(key: Binary, entry: Entry, at: number): void {
    const before = entry.expires;
    if (at === before) return;
    entry.expires = at;
    if (at === Infinity) {
      this.#volatile.delete(key);
      this.#resize(entry, entry.size - overhead.expiry);
      return;
    }
    if (before === Infinity) {
      this.#volatile.add(key);
      this.#resize(entry, entry.size + overhead.expiry);
    }
    this.#expiries.push({ key, at });
    // Most of it no longer holds: keys that are given a new time again and again.
    if (this.#expiries.length > 2 * this.#volatile.size + 64) this.#expiries = queueOf(this.#valid());
  }

  #valid(): Expiry[] {
    return this.#volatile.members.map((key) => ({ key, at: this.#entries.get(key)!.expires }));
  }

  #removeExpired(most: number): void {
    for (let removed = 0; removed < most; removed++) {
      const next = this.#soonest();
      if (!next || next.at > this.#now) return;
      this.#remove(next.key);
    }
  }

  /** What expires first, of what still holds. */
  #soonest(): Expiry | undefined {
    for (;;) {
      const next = this.#expiries.peek();
      if (!next || this.#entries.get(next.key)?.expires === next.at) return next;
      this.#expiries.pop();
    }
  }

  get #minute(): number {
    return Math.floor(this.#now / 60_000);
  }
}

interface Expiry {
  key: Binary;
  at: number;
}

function queueOf(expiries: Expiry[]): TinyQueue<Expiry> {
  return new TinyQueue(expiries, (a, b) => a.at - b.at);
}
