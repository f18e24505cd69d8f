import type { IncomingHttpHeaders } from 'node:http';
import { APIError } from '../api/error.ts';

/** The sub-protocol of streams. */
export const streamProtocol = 'encore-ws';

/** Before JSON in base64url: the headers that a page wants to send, whose WebSocket sends none. */
const prefix = 'encore.dev.headers.';

/** What no page can set with `fetch` either, and what says which way a request came. */
const forbidden =
  /^(?:accept-(?:charset|encoding)|access-control-request-.*|connection|content-length|cookie2?|date|dnt|expect|forwarded|host|keep-alive|origin|proxy-.*|referer|sec-.*|set-cookie|te|trailer|transfer-encoding|upgrade|via|x-encore-meta-.*|x-fairlead-.*|x-forwarded-.*|x-real-ip)$/;

/**
 * Puts the headers that travel as a sub-protocol among those of the request, in the place of others of the same name. Those that a
 * page must not set are left out. @throws APIError `invalid_argument` when they cannot be read
 */
export function addProtocolHeaders(headers: IncomingHttpHeaders): void {
  for (const protocol of protocolsOf(headers)) {
    if (!protocol.startsWith(prefix)) continue;
    for (const [name, value] of Object.entries(parse(protocol.slice(prefix.length)))) {
      const lower = name.toLowerCase();
      if (!forbidden.test(lower)) headers[lower] = value;
    }
  }
}

/** The sub-protocols that a client offers. */
export function protocolsOf(headers: IncomingHttpHeaders): string[] {
  const offered = headers['sec-websocket-protocol'] ?? '';
  return offered.split(',').map((protocol) => protocol.trim());
}

function parse(text: string): Record<string, string> {
  try {
    const headers: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (isHeaders(headers)) return headers;
  } catch {
    // Said below.
  }
  throw APIError.invalidArgument(`unable to decode the sub-protocol ${prefix}: expected JSON of headers in base64url`);
}

function isHeaders(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(
    ([name, text]) =>
      /^[!#$%&'*+.^_`|~\w-]+$/.test(name) && typeof text === 'string' && /^[\t\x20-\x7e\x80-\xff]*$/.test(text),
  );
}
