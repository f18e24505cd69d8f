import { greatest, parseInteger } from '../integer.ts';
import { type Binary, ReplyError } from '../reply.ts';
import type { Store } from '../store.ts';
import { type CommandSpec, reads } from './spec.ts';

/** What is the same for values of all kinds. */
export const keyCommands: Record<string, CommandSpec> = {
  DEL: reads(1, Infinity, (store, keys) => keys.filter((key) => store.delete(key)).length),

  PEXPIRE: reads(2, 2, (store, [key = '', milliseconds = '']) => {
    const at = BigInt(store.now) + parseInteger(milliseconds);
    if (at > greatest || at < -greatest) throw invalidExpiry('pexpire');
    if (store.expiry(key) === undefined) return 0;
    store.expire(key, Number(at));
    return 1;
  }),

  PERSIST: reads(1, 1, (store, [key = '']) => {
    if (!isExpiring(store, key)) return 0;
    store.expire(key, Infinity);
    return 1;
  }),

  PTTL: reads(1, 1, (store, [key = '']) => {
    const expires = store.expiry(key);
    if (expires === undefined) return -2;
    return expires === Infinity ? -1 : expires - store.now;
  }),
};

export function invalidExpiry(command: string): ReplyError {
  return new ReplyError(`ERR invalid expire time in '${command}' command`);
}

function isExpiring(store: Store, key: Binary): boolean {
  return (store.expiry(key) ?? Infinity) !== Infinity;
}
