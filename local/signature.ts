import { createHmac } from 'node:crypto';

/** Headers. */
export function sign(
  call: { method: string; path: string; body: string },
  key: string,
  now: Date,
): Record<string, string> {
  return {
    'x-fairlead-signature': createHmac('sha256', key)
      .update(`${call.method} ${call.path} ${now.getTime()}`)
      .digest('base64url'),
  };
}
