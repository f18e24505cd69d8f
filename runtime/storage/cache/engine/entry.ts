import type Denque from 'denque';
import type { Bytes } from './bytes.ts';
import type { RandomSet } from './random-set.ts';
import type { Binary } from './reply.ts';

/** Text, which is bytes while it is being changed in place, a list or a set. */
export type Value = Binary | Bytes | Denque<Binary> | RandomSet;

/** What a key stands for. */
export interface Entry {
  value: Value;
  /** Bytes that key and value take, by estimate. */
  size: number;
  /** Milliseconds since 1970; Infinity: never. */
  expires: number;
  /** Rises with every use of any key. */
  used: number;
  /** How often it is used, as the logarithmic counter of Redis: from 0 to 255. */
  frequency: number;
  /** When the frequency was last lowered: minutes since 1970. */
  lowered: number;
}

/** Bytes that V8 takes for things besides their text: measured, and rounded. */
export const overhead = { key: 200, expiry: 120, item: 32, member: 88 };
