import type { EvictionPolicy } from '../cluster.ts';
import type { Entry } from './entry.ts';

/** How many keys are looked at to find the one that goes, as Redis does it; only what expires first is known exactly. */
export const samples = 10;

/** Of keys that are new: more than 0, so that they are not the first to go. */
export const firstFrequency = 5;

/** The larger, the more uses a step of the counter takes. */
const slowness = 10;

/** Whether the policy lets only keys go that expire. */
export function isVolatile(policy: EvictionPolicy): boolean {
  return policy.startsWith('volatile-');
}

/** By which of two entries the one goes whose number is less. @param minute since 1970 */
export function worth(policy: EvictionPolicy, entry: Entry, minute: number): number {
  if (policy.endsWith('-lfu')) return frequencyAt(entry, minute);
  if (policy.endsWith('-lru')) return entry.used;
  return 0;
}

/** A use: it counts with a probability that falls as the frequency rises, and each minute without one takes away 1. */
export function count(entry: Entry, minute: number, random: () => number): void {
  entry.frequency = frequencyAt(entry, minute);
  entry.lowered = minute;
  const above = Math.max(entry.frequency - firstFrequency, 0);
  if (entry.frequency < 255 && random() < 1 / (above * slowness + 1)) entry.frequency++;
}

function frequencyAt({ frequency, lowered }: Entry, minute: number): number {
  return Math.max(frequency - (minute - lowered), 0);
}
