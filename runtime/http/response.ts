import type { CookieWithOptions } from '../api/fields.ts';
import type { HandlerResponse } from '../api/middleware.ts';
import { type MessageCodec, writeJson } from '../codec/mod.ts';

export interface Answer {
  status: number;
  headers: readonly [name: string, value: string][];
  /** Absent: no body and no content type. */
  body?: string | undefined;
}

/**
 * What a handler and its middleware answered, as an HTTP response: 200 unless a field says otherwise, with declared fields alone.
 * What middleware says of status and headers comes last.
 */
export function encodeResponse(message: MessageCodec | undefined, response: HandlerResponse): Answer {
  const answer = encodeValue(message, response.payload);
  const status = response.status ?? answer.status;
  if (!Number.isInteger(status) || status < 200 || status > 599)
    throw new Error(`${status} is not the status of a response`);
  return { status, headers: response.header.over(answer.headers), body: answer.body };
}

function encodeValue(message: MessageCodec | undefined, value: unknown): Answer {
  if (!message || value === undefined) return { status: 200, headers: [] };
  const json = message.codec.encode(value);
  const elsewhere = message.outsideBody('');
  if (typeof json !== 'object' || json === null || elsewhere.length === 0)
    return { status: 200, headers: [], body: writeJson(json ?? null) };
  const headers: [name: string, value: string][] = [];
  const answer: Answer = { status: 200, headers };
  const body: Record<string, unknown> = { ...json };
  for (const field of elsewhere) {
    const inner = body[field.name];
    delete body[field.name];
    if (inner === undefined || inner === null) continue;
    if (field.in === 'status') answer.status = Number(inner);
    if (field.in === 'header') headers.push([field.wire, String(inner)]);
    if (field.in === 'cookie') headers.push(['set-cookie', setCookie(field.wire, inner as WireCookie)]);
  }
  const empty = !message.open && elsewhere.length === message.fields('').length;
  return empty ? answer : { ...answer, body: writeJson(body) };
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
    // What ends an attribute would begin another one.
    if (/[;\p{Cc}]/u.test(String(value)))
      throw new Error(`the ${key} of the cookie ${name} has a character in it that no cookie can have`);
    return value === true ? [key] : [`${key}=${value}`];
  });
  return [`${name}=${encodeURIComponent(String(cookie.value))}`, ...written].join('; ');
}
