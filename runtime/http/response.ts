import type { CookieWithOptions } from '../api/fields.ts';
import type { MessageCodec } from '../codec/mod.ts';

export interface Answer {
  status: number;
  headers: [name: string, value: string][];
  /** Absent: no body and no content type. */
  body?: string;
}

/** A handler's result as an HTTP response: 200 unless a field says otherwise, with declared fields alone. */
export function encodeResponse(message: MessageCodec | undefined, value: unknown): Answer {
  if (!message || value === undefined) return { status: 200, headers: [] };
  const answer: Answer = { status: 200, headers: [] };
  const json = message.codec.encode(value);
  if (typeof json !== 'object' || json === null) return { ...answer, body: JSON.stringify(json ?? null) };
  const body: Record<string, unknown> = { ...json };
  const fields = message.fields('');
  for (const field of fields) {
    if (field.in === 'body') continue;
    const inner = body[field.name];
    delete body[field.name];
    if (inner === undefined || inner === null) continue;
    if (field.in === 'status') answer.status = Number(inner);
    if (field.in === 'header') answer.headers.push([field.wire, String(inner)]);
    if (field.in === 'cookie') answer.headers.push(['set-cookie', setCookie(field.wire, inner as WireCookie)]);
  }
  const empty = !message.open && fields.length > 0 && fields.every((field) => field.in !== 'body');
  return empty ? answer : { ...answer, body: JSON.stringify(body) };
}

/** A cookie after encoding: its date is text. */
type WireCookie = Omit<CookieWithOptions<unknown>, 'expires'> & { expires?: string };

function setCookie(name: string, cookie: WireCookie): string {
  const attributes: [string, string | number | boolean | undefined][] = [
    ['Expires', cookie.expires && new Date(cookie.expires).toUTCString()],
    ['Max-Age', cookie.maxAge],
    ['Domain', cookie.domain],
    ['Path', cookie.path],
    ['SameSite', cookie.sameSite],
    ['Secure', cookie.secure],
    ['HttpOnly', cookie.httpOnly],
    ['Partitioned', cookie.partitioned],
  ];
  const written = attributes.flatMap(([key, value]) => {
    if (value === undefined || value === false) return [];
    return value === true ? [key] : [`${key}=${value}`];
  });
  return [`${name}=${encodeURIComponent(String(cookie.value))}`, ...written].join('; ');
}
