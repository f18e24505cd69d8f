import type { IncomingMessage } from 'node:http';

// A copy of `runtime/http/linger.ts`: the runtime is a package of its own and shares no code with the rest of the kit.

/** How long what still arrives of an answered request is read. Milliseconds. */
const patience = 30_000;

/** Reads what is left of an answered request: to close a connection under a client that still writes would destroy the answer. */
export function drain(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  request.resume();
  const timer = setTimeout(() => request.destroy(), patience).unref();
  request.once('close', () => clearTimeout(timer));
}

/** When the connection of a request is to be closed while it is still coming in, ends our side alone until the rest has been read. */
export function linger(request: IncomingMessage): void {
  const { socket } = request;
  const close = Object.getPrototypeOf(socket).destroySoon as () => void;
  socket.destroySoon = () => {
    if (request.complete || request.destroyed) return close.call(socket);
    socket.end();
    request.once('close', () => close.call(socket));
    drain(request);
  };
}
