import { http } from '../node.ts';
import type { IncomingMessage, ServerResponse } from '../node-types.ts';

/** Handles a request on its own: what it writes is what is sent. */
export type RawHandler = (req: IncomingMessage, resp: ServerResponse) => void | Promise<void>;

/** A request as it came in: Node's own, with all that libraries expect of one. */
export const RawRequest: typeof IncomingMessage = http.IncomingMessage;
export interface RawRequest extends IncomingMessage {}

/** The response to a raw request: Node's own. */
export const RawResponse: typeof ServerResponse = http.ServerResponse;
export interface RawResponse extends ServerResponse {}
