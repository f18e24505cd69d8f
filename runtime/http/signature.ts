import { resolveEnv } from '../infra/config.ts';
import { crypto } from '../node.ts';
import type { AuthKey, Signature, SignedCall } from '../wire.ts';

/** The header that carries it; `runtime/wire.ts` describes the format. */
export const signatureHeader = 'x-fairlead-signature';

/** The header that carries a `SignedCall`. */
export const callHeader = 'x-fairlead-call';

/** Who the signed request is for: the application itself, or someone outside whose request the gateway passes on. */
export type Origin = 'internal' | 'external';

export interface Signed {
  method: string;
  /** With the query string. */
  path: string;
  origin: Origin;
  /** SHA-256 of the body in hex; `stream` when the body of an outside request is passed on unread. */
  bodyHash: string;
  /** What the request says besides: the text of its header. @default none */
  call?: string;
}

/** The text of the header that says it; undefined when there is nothing to say. */
export function writeCall(call: SignedCall): string | undefined {
  const said = call.auth !== undefined || call.deadline !== undefined;
  return said ? Buffer.from(JSON.stringify(call)).toString('base64url') : undefined;
}

/** What the header of a request says whose signature is valid. */
export function readCall(text: string | undefined): SignedCall {
  return text ? (JSON.parse(Buffer.from(text, 'base64url').toString()) as SignedCall) : {};
}

/** How far the clocks of two processes may be apart, and how long a signature can be used again. Milliseconds. */
const window = 60_000;

export function hashBody(body: string | Buffer): string {
  return crypto.createHash('sha256').update(body).digest('hex');
}

/** The value of the signature's header, made with the first key. @throws Error without a key */
export function sign(call: Signed, keys: AuthKey[] | undefined, now: number = Date.now()): Signature {
  const [key] = keys ?? [];
  if (!key) throw new Error('no key is configured to sign calls to other processes');
  return `v2 ${key.id} ${now} ${call.origin} ${call.bodyHash} ${digest(call, key, now)}`;
}

/** What a valid signature, made with any of the keys, says of the request; undefined for every other. */
export function verify(
  header: string | undefined,
  request: Pick<Signed, 'method' | 'path' | 'call'>,
  keys: AuthKey[] | undefined,
  now: number = Date.now(),
): Pick<Signed, 'origin' | 'bodyHash'> | undefined {
  const match = /^v2 (\d+) (\d+) (internal|external) ([0-9a-f]{64}|stream) ([0-9a-f]{64})$/.exec(header ?? '');
  if (!match) return undefined;
  const [, id, time, origin, bodyHash, given] = match as unknown as [string, string, string, Origin, string, string];
  if (Math.abs(now - Number(time)) > window || (bodyHash === 'stream' && origin === 'internal')) return undefined;
  const key = keys?.find((candidate) => String(candidate.id) === id);
  if (!key) return undefined;
  const expected = digest({ ...request, origin, bodyHash }, key, Number(time));
  return crypto.timingSafeEqual(Buffer.from(given, 'hex'), Buffer.from(expected, 'hex'))
    ? { origin, bodyHash }
    : undefined;
}

function digest({ method, path, origin, bodyHash, call = '' }: Signed, { key }: AuthKey, time: number): string {
  const text = [time, method, path, origin, bodyHash, call].join('\n');
  return crypto.createHmac('sha256', resolveEnv(key, 'an auth key')).update(text).digest('hex');
}
