import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How long what still arrives of an answered request is read. Milliseconds. */
const patience = 30_000;

/**
 * Reads what is left of an answered request and throws it away. To close a connection under a peer that still writes would
 * reset it, and a reset destroys the answer that is on its way.
 */
export function drain(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  request.resume();
  const timer = setTimeout(() => request.destroy(), patience).unref();
  request.once('close', () => clearTimeout(timer));
}

/**
 * Lets the connection of a request linger when it is to be closed after the answer but the request is still coming in: then only
 * our side ends, until the rest has been read.
 */
export function linger(request: IncomingMessage): void {
  const socket: Kept = request.socket;
  const known = socket[current] !== undefined;
  socket[current] = request;
  if (known) return;
  const close = Object.getPrototypeOf(socket).destroySoon as () => void;
  socket.destroySoon = () => {
    const last = socket[current];
    if (!last || last.complete || socket.destroyed) return close.call(socket);
    socket.end();
    const finish = () => close.call(socket);
    if (!last.destroyed) {
      last.once('close', finish);
      return drain(last);
    }
    // Its stream failed, as beyond the limit of a body: what comes is thrown away already, and the end is told.
    const timer = setTimeout(finish, patience).unref();
    last.once('end', finish);
    socket.once('close', () => clearTimeout(timer));
  };
}

/** Forgets a request that has come in whole: an idle connection would keep its body in memory. */
export function forget(request: IncomingMessage): void {
  const socket: Kept = request.socket;
  if (request.complete && socket[current] === request) socket[current] = null;
}

/**
 * Ends a connection once it waits for its next request and all answers have gone out. One that has brought no request stays, and so
 * does one that speaks another protocol by now.
 */
export function endWhenIdle(socket: Kept): void {
  const { _httpMessage: answer } = socket;
  // It may have another one behind it.
  if (answer) answer.once('close', () => endWhenIdle(socket));
  else if (isIdle(socket)) socket.destroySoon();
}

/** Whether a connection has brought requests, all of which are answered, and may bring another. */
export function isIdle({ [current]: last, _httpMessage: answer, parser }: Kept): boolean {
  return !answer && last !== undefined && last?.complete !== false && Boolean(parser);
}

const current: unique symbol = Symbol('current request');

/** A connection, and its last request while that may still be coming in; of Node, the answer that is on its way and what reads requests. */
type Kept = Socket & {
  [current]?: IncomingMessage | null;
  _httpMessage?: ServerResponse | null;
  parser?: object | null;
};
