import type { IncomingHttpHeaders } from 'node:http';
import { APIError } from '../api/error.ts';
import type { Cors } from '../wire.ts';
import { accessOf } from './cors.ts';

/** What a browser sends by itself, with a page's knowledge of it or without. A token that a page puts in is none of it. */
const ambient = /^(?:basic|digest|negotiate|ntlm)\b/i;

/**
 * Holds the handshake of a WebSocket to what CORS says of its page: browsers let every page open one, with the cookies of the
 * application's own. A page of the application's own origin, or of one that is let in with credentials, is as any other client. One
 * that is let in without credentials loses those that its browser added.
 * @throws APIError `permission_denied` for a page that is not let in
 */
export function checkOrigin(headers: IncomingHttpHeaders, cors: Cors): void {
  const { origin } = headers;
  if (origin === undefined || isOwn(origin, headers)) return;
  const access = accessOf(origin, cors);
  if (!access) throw APIError.permissionDenied(`pages of ${origin} may not open streams`);
  if (access['access-control-allow-credentials'] === 'true') return;
  delete headers.cookie;
  if (ambient.test(headers.authorization ?? '')) delete headers.authorization;
}

/** A page cannot choose the host that it sends a request to and the one that the request names apart from each other. */
function isOwn(origin: string, headers: IncomingHttpHeaders): boolean {
  const named = [headers.host, headers['x-forwarded-host']].flat();
  return URL.canParse(origin) && named.includes(new URL(origin).host);
}
