import { http } from '../node.ts';
import type { IncomingMessage, ServerResponse } from '../node-types.ts';

/** Handles a request on its own: what it writes is what is sent. */
export type RawHandler = (req: IncomingMessage, resp: ServerResponse) => void | Promise<void>;

const Request: typeof IncomingMessage = http.IncomingMessage;
const Response: typeof ServerResponse = http.ServerResponse;

/** A request as it came in: Node's own, with all that libraries expect of one. */
export class RawRequest extends Request {}

/** The response to a raw request: Node's own. */
export class RawResponse extends Response {}
