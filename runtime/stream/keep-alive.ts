import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

/** Load balancers cut connections that are silent for a minute. Milliseconds. */
const interval = 30_000;

/**
 * Intervals without any sign of the other side after which the connection counts as lost. While something waits to be sent, a ping
 * waits behind it: what is slow has more time, and what is gone the operating system finds out by itself.
 */
const patience = { idle: 2, sending: 10 };

/**
 * Pings the other side again and again, and cuts the connection off when nothing of it is heard. A connection that is not read
 * at the moment cannot be judged.
 */
export function keepAlive(socket: WebSocket, connection: Socket, every: number = interval): void {
  let silent = 0;
  let before = look();
  const timer = setInterval(() => {
    const now = look();
    const alive = now.read > before.read || (before.waiting > 0 && now.waiting < before.waiting);
    silent = alive || socket.isPaused ? 0 : silent + 1;
    before = now;
    if (silent >= (now.waiting > 0 ? patience.sending : patience.idle)) return socket.terminate();
    if (socket.readyState === socket.OPEN) socket.ping();
  }, every).unref();
  socket.once('close', () => clearInterval(timer));

  function look(): { read: number; waiting: number } {
    return { read: connection.bytesRead, waiting: connection.writableLength };
  }
}
