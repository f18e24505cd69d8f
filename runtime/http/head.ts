import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { http } from '../node.ts';
import type { ServerResponse } from '../node-types.ts';
import { linger } from './linger.ts';

/** Why a request is refused before anybody reads it. */
interface Flaw {
  status: 400 | 431;
  message: string;
}

/** Headers that Node reads at most. Some of its versions leave out what is beyond, and say nothing. */
const mostHeaders = 1000;

/** Of a host and its port, in whatever notation (RFC 9110, 7.2); it may be empty. */
const host = /^[\w.~%!$&'()*+,;=:[\]-]*$/;

/**
 * What is wrong with the head of a request that Node's parser lets pass: of two hosts Node takes the first, where a proxy on the way may have
 * taken the second (RFC 9112, 3.2).
 * @param rawHeaders name, value, name, value
 */
export function flawOf(rawHeaders: readonly string[]): Flaw | undefined {
  if (rawHeaders.length > 2 * mostHeaders) return { status: 431, message: `more than ${mostHeaders} headers` };
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (name.length !== 4 || name.toLowerCase() !== 'host') continue;
    hosts += 1;
    if (!host.test(rawHeaders[at + 1]!)) return { status: 400, message: 'the header Host names no host' };
  }
  return hosts > 1 ? { status: 400, message: 'more than one header Host' } : undefined;
}

/** Connections that end with a refusal: what else they bring is for nobody. */
const refused = new WeakSet<Socket>();

/** Whether a request is none to handle: then it is answered, and its connection ends. */
export function refuses(request: IncomingMessage, response: ServerResponse): boolean {
  if (refused.has(request.socket)) return true;
  const flaw = flawOf(request.rawHeaders);
  if (flaw) refuse(flaw, request, response);
  return flaw !== undefined;
}

/** The same for one that asks for another protocol: Node has made no response for it. */
export function refusesUpgrade(request: IncomingMessage, socket: Socket): boolean {
  const over = refused.has(socket);
  const flaw = flawOf(request.rawHeaders);
  if (!over && !flaw) return false;
  // Node has let go of the socket for the sake of the other protocol. What else it brings is thrown away.
  socket.on('error', () => socket.destroy());
  socket.resume();
  if (flaw && !over) refuseUpgrade(flaw, request, socket);
  return true;
}

function refuseUpgrade(flaw: Flaw, request: IncomingMessage, socket: Socket): void {
  const response = new http.ServerResponse(request);
  try {
    response.assignSocket(socket);
  } catch {
    // The answer to a request before this one is still due: nothing can be said after it any more.
    return void socket.destroy();
  }
  response.once('finish', () => socket.destroySoon());
  refuse(flaw, request, response);
}

function refuse({ status, message }: Flaw, request: IncomingMessage, response: ServerResponse): void {
  refused.add(request.socket);
  linger(request);
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify({ code: 'invalid_argument', message, details: null }));
}
