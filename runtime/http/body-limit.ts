import type { IncomingMessage } from 'node:http';
import type { APIError } from '../api/error.ts';
import { unreadable } from './incoming.ts';

/**
 * Makes the stream of a request fail with an `invalid_argument` for who reads beyond a limit in bytes; null is none. The connection stays, so that there can
 * be an answer. Works on the object itself: Express gives requests another prototype.
 * @param unheard is called with that error when it fails and nobody listens: the end that is waited for will not come
 */
export function limitBody(request: IncomingMessage, limit: number | null, unheard: (failure: APIError) => void): void {
  if (limit === null) return;
  const [push, read, destroy] = [request.push, request.read, request._destroy];
  let seen = request.readableLength;
  let over = seen > limit || Number(request.headers['content-length'] ?? 0) > limit;
  let reading = false;
  const failure = unreadable('length limit exceeded');
  // Who only resumes the stream throws away what comes.
  const isRead = (): boolean => request.listenerCount('data') + request.listenerCount('readable') > 0;
  const fail = (): void => {
    if (request.destroyed) return;
    // Whoever waits for the end of the body is not to take this for it.
    request.removeAllListeners('end');
    request.destroy(failure);
  };

  request.push = (chunk: Buffer | null, encoding) => {
    if (chunk === null) {
      // Who goes on to throw away the rest, as Express does before it answers, waits for its end.
      if (request.errored === failure) return request.emit('end');
      return push.call(request, chunk, encoding);
    }
    seen += chunk.length;
    over ||= seen > limit;
    if (!over) return push.call(request, chunk, encoding);
    if (reading && isRead()) fail();
    // What is too much is taken from the connection all the same.
    return true;
  };
  // A stream that failed before anybody listened would tell nobody why.
  request.read = (size) => {
    reading = true;
    if (!over || !isRead()) return read.call(request, size);
    fail();
    return null;
  };
  request._destroy = (error, callback) => {
    if (error !== failure) return destroy.call(request, error, callback);
    // As with every failure of a request, only who listens is told.
    process.nextTick(() => {
      const heard = request.listenerCount('error') > 0;
      callback(heard ? error : null);
      if (!heard) unheard(failure);
    });
  };
}
