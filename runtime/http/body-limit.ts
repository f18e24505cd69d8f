import type { IncomingMessage } from 'node:http';
import type { APIError } from '../api/error.ts';
import { unreadable } from './take-body.ts';

/** How far a body has come that must not go beyond so many bytes. */
interface Limited {
  limit: number;
  seen: number;
  over: boolean;
  /** Whether anybody has asked for it. */
  reading: boolean;
  /** What it failed with. */
  failure: APIError | undefined;
  unheard(failure: APIError): void;
  /** How the stream did before. */
  before: Pick<IncomingMessage, 'push' | 'read' | '_destroy'>;
}

const limited: unique symbol = Symbol('limited');

type LimitedRequest = IncomingMessage & { [limited]?: Limited };

/**
 * Makes the stream of a request fail with an `invalid_argument` for who reads beyond a limit in bytes; null is none. The connection stays, so that there can
 * be an answer. Works on the object itself: Express gives requests another prototype. All requests share the same functions, as with
 * their own V8 would keep them until it looks through all of the heap.
 * @param unheard is called with that error when it fails and nobody listens: the end that is waited for will not come
 */
export function limitBody(request: LimitedRequest, limit: number | null, unheard: (failure: APIError) => void): void {
  if (limit === null || request[limited]) return;
  const { push, read, _destroy } = request;
  const seen = request.readableLength;
  request[limited] = {
    limit,
    seen,
    unheard,
    reading: false,
    over: seen > limit || Number(request.headers['content-length'] ?? 0) > limit,
    failure: undefined,
    before: { push, read, _destroy },
  };
  Object.assign(request, { push: pushLimited, read: readLimited, _destroy: destroyLimited });
}

function pushLimited(this: LimitedRequest, chunk: Buffer | null, encoding?: BufferEncoding): boolean {
  const body = this[limited]!;
  if (chunk === null) {
    // Who goes on to throw away the rest, as Express does before it answers, waits for its end.
    if (body.failure && this.errored === body.failure) return this.emit('end');
    return body.before.push.call(this, chunk, encoding);
  }
  body.seen += chunk.length;
  body.over ||= body.seen > body.limit;
  if (!body.over) return body.before.push.call(this, chunk, encoding);
  if (body.reading && isRead(this)) fail(this, body);
  // What is too much is taken from the connection all the same.
  return true;
}

/** A stream that failed before anybody listened would tell nobody why. */
function readLimited(this: LimitedRequest, size?: number): unknown {
  const body = this[limited]!;
  body.reading = true;
  if (!body.over || !isRead(this)) return body.before.read.call(this, size);
  fail(this, body);
  return null;
}

function destroyLimited(this: LimitedRequest, error: Error | null, callback: (error?: Error | null) => void): void {
  const { failure, before, unheard } = this[limited]!;
  if (!failure || error !== failure) return void before._destroy.call(this, error, callback);
  // As with every failure of a request, only who listens is told.
  process.nextTick(() => {
    const heard = this.listenerCount('error') > 0;
    callback(heard ? error : null);
    if (!heard) unheard(failure);
  });
}

/** Who only resumes the stream throws away what comes. */
function isRead(request: IncomingMessage): boolean {
  return request.listenerCount('data') + request.listenerCount('readable') > 0;
}

function fail(request: IncomingMessage, body: Limited): void {
  if (request.destroyed) return;
  body.failure = unreadable('length limit exceeded');
  // Whoever waits for the end of the body is not to take this for it.
  request.removeAllListeners('end');
  request.destroy(body.failure);
}
