import { createHash, createHmac } from 'node:crypto';
import type { AuthKey, Signature } from '../runtime/wire.ts';

/** The number of the key in the configuration of an environment's processes. */
export const internalKeyId: AuthKey['id'] = 1;

/** The header that makes a request an internal one, in the format that `runtime/wire.ts` describes. `path` is with query. */
export function sign(call: { method: string; path: string; body: string }, key: string, now: Date) {
  const time = now.getTime();
  const bodyHash = createHash('sha256').update(call.body).digest('hex');
  const text = [time, call.method, call.path, 'internal', bodyHash, ''].join('\n');
  const digest = createHmac('sha256', key).update(text).digest('hex');
  return { 'x-fairlead-signature': `v2 ${internalKeyId} ${time} internal ${bodyHash} ${digest}` satisfies Signature };
}
