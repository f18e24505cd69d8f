import type { IncomingMessage } from 'node:http';
import { APIError } from '../api/error.ts';
import { http } from '../node.ts';

/** What a body that is too long or breaks off is refused with. */
export function unreadable(why: string): APIError {
  return APIError.invalidArgument(`unable to read request body: ${why}`);
}

/** A body that is being taken. */
interface Taking {
  chunks: Buffer[];
  length: number;
  maximum: number;
  resolve(body: Buffer): void;
  reject(error: APIError): void;
}

const taking: unique symbol = Symbol('taking');

/** A request, and what of its body is there until all is. */
type Taken = IncomingMessage & {
  [taking]?: Taking | undefined;
  /** Node's own, not in all versions: ends the stream without a word, as of a request without a body. */
  _dumpAndCloseReadable?(): void;
};

/**
 * Takes a body as it arrives, of at most so many bytes, past its stream: for a small one, what that does until its end costs more than
 * all that is done to the body afterwards. Undefined where the stream has begun or ended.
 */
export function takeBody(request: Taken, maximum: number): Promise<Buffer> | undefined {
  if (request.complete || request.destroyed || request.readableLength > 0) return undefined;
  return new Promise((resolve, reject) => {
    request[taking] = { chunks: [], length: 0, maximum, resolve, reject };
    // The same for all: functions of their own would keep each request in memory for longer.
    request.push = push;
    request._destroy = destroy;
    // It is read from now on, and nobody has to throw it away.
    request._read(0);
  });
}

const stream = http.IncomingMessage.prototype;

/** What Node's parser calls with each piece, and with null at the end. */
function push(this: Taken, chunk: Buffer | null, encoding?: BufferEncoding): boolean {
  const body = this[taking];
  if (!body) return stream.push.call(this, chunk, encoding);
  if (chunk !== null) {
    body.length += chunk.length;
    body.chunks.push(chunk);
    if (body.length <= body.maximum) return true;
  }
  this[taking] = undefined;
  if (chunk === null) {
    body.resolve(body.chunks.length === 1 ? body.chunks[0]! : Buffer.concat(body.chunks, body.length));
    if (this._dumpAndCloseReadable) {
      this._dumpAndCloseReadable();
      return true;
    }
    this.resume();
  } else body.reject(unreadable('length limit exceeded'));
  // What is too much goes through the stream, for whoever throws it away.
  return stream.push.call(this, chunk, encoding);
}

function destroy(this: Taken, error: Error | null, callback: (error?: Error | null) => void): void {
  this[taking]?.reject(unreadable('aborted'));
  this[taking] = undefined;
  stream._destroy.call(this, error, callback);
}
