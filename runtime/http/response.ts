import type { CookieWithOptions } from '../api/fields.ts';
import type { HandlerResponse } from '../api/middleware.ts';
import { encodeJson, type MessageCodec, writeJson } from '../codec/mod.ts';

export interface Answer {
  status: number;
  headers: readonly [name: string, value: string][];
  /** Absent: no body and no content type. */
  body?: string | undefined;
}

/**
 * What a handler answered, as an HTTP response: 200 unless a field says otherwise, with declared fields alone.
 * @param over what middleware says of status and headers, which comes last
 * @throws Error for a status that no response has
 */
export function encodeResponse(
  message: MessageCodec | undefined,
  payload: unknown,
  over?: Pick<HandlerResponse, 'status' | 'header'>,
): Answer {
  const answer = encodeValue(message, payload);
  const status = over?.status ?? answer.status;
  if (!Number.isInteger(status) || status < 200 || status > 599)
    throw new Error(`${status} is not the status of a response`);
  return over ? { status, headers: over.header.over(answer.headers), body: answer.body } : answer;
}

function encodeValue(message: MessageCodec | undefined, value: unknown): Answer {
  if (!message || value === undefined) return { status: 200, headers: [] };
  const { outsideBody, body: hasBody } = message.encoding('');
  if (outsideBody.length === 0) return { status: 200, headers: [], body: encodeJson(message.codec, value) };
  const json = message.codec.encode(value);
  if (typeof json !== 'object' || json === null) return { status: 200, headers: [], body: writeJson(json ?? null) };
  const headers: [name: string, value: string][] = [];
  const answer: Answer = { status: 200, headers };
  const body: Record<string, unknown> = { ...json };
  for (const field of outsideBody) {
    const inner = body[field.name];
    delete body[field.name];
    if (inner === undefined || inner === null) continue;
    if (field.in === 'status') answer.status = Number(inner);
    if (field.in === 'header') headers.push([field.wire, String(inner)]);
    if (field.in === 'cookie') headers.push(['set-cookie', setCookie(field.wire, inner as WireCookie)]);
  }
  return hasBody ? { ...answer, body: writeJson(body) } : answer;
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
