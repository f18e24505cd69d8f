import type { IncomingMessage } from 'node:http';
import { APIError } from '../api/error.ts';
import { http } from '../node.ts';
import { Pieces } from './pieces.ts';

/** What a body that is too long or breaks off is refused with. */
export function unreadable(why: string): APIError {
  return APIError.invalidArgument(`unable to read request body: ${why}`);
}

/** A body that is being taken. */
interface Taking {
  pieces: Pieces;
  maximum: number;
  resolve(body: Buffer): void;
  reject(error: APIError): void;
}

const taking: unique symbol = Symbol('taking');

/** A request, and what of its body is there until all is. */
type Taken = IncomingMessage & {
  [taking]?: Taking | undefined;
  /** Node's own, which 22.18 lacks: ends the stream as of a request without a body. Neither 'end' nor 'close' is emitted then. */
  _dumpAndCloseReadable?(): void;
};

const original: IncomingMessage = http.IncomingMessage.prototype;

/**
 * Takes a body as it arrives, of at most so many bytes, past its stream: for a small one, what that does until its end costs more than
 * all that is done to the body afterwards. Undefined where the stream has begun or ended, or somebody else has changed it.
 */
export function takeBody(request: Taken, maximum: number): Promise<Buffer> | undefined {
  const { complete, destroyed, readableLength, readableFlowing } = request;
  if (complete || destroyed || readableLength > 0 || readableFlowing !== null) return undefined;
  if (request.push !== original.push || request._destroy !== original._destroy) return undefined;
  return new Promise((resolve, reject) => {
    request[taking] = { pieces: new Pieces(), maximum, resolve, reject };
    // The same for all: functions of their own would keep each request in memory for longer.
    request.push = push;
    request._destroy = destroy;
    // To Node it is being read from now on: it lets the connection flow, and does not throw the rest away with the answer.
    request._read(0);
  });
}

/** What Node's parser calls with each piece, and with null at the end. */
function push(this: Taken, chunk: Buffer | null, encoding?: BufferEncoding): boolean {
  const body = this[taking];
  if (!body) return original.push.call(this, chunk, encoding);
  if (chunk === null) {
    this[taking] = undefined;
    body.resolve(body.pieces.whole());
    return end(this);
  }
  body.pieces.add(chunk);
  if (body.pieces.length <= body.maximum) return true;
  this[taking] = undefined;
  body.reject(unreadable('length limit exceeded'));
  // What is too much goes through the stream, for whoever throws it away.
  return original.push.call(this, chunk, encoding);
}

/** Ends the stream that nothing went through: without a word where nobody waits for one. */
function end(request: Taken): boolean {
  if (request._dumpAndCloseReadable && request.listenerCount('end') + request.listenerCount('close') === 0) {
    request._dumpAndCloseReadable();
    return true;
  }
  request.resume();
  return original.push.call(request, null);
}

function destroy(this: Taken, error: Error | null, callback: (error?: Error | null) => void): void {
  this[taking]?.reject(unreadable('aborted'));
  this[taking] = undefined;
  original._destroy.call(this, error, callback);
}
