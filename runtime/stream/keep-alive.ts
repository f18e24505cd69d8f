import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

/** Load balancers cut connections that are silent for a minute. Milliseconds. */
const interval = 30_000;

/** Intervals without any sign of the other side after which the connection counts as lost. */
const patience = 2;

/**
 * Pings the other side again and again, and cuts the connection off when nothing of it is heard. A connection that is not read
 * at the moment cannot be judged; one that still takes what was sent to it is alive.
 */
export function keepAlive(socket: WebSocket, connection: Socket, every: number = interval): void {
  let silent = 0;
  let before = look();
  const timer = setInterval(() => {
    const now = look();
    const alive = now.read > before.read || (before.waiting > 0 && now.written > before.written);
    silent = alive || socket.isPaused ? 0 : silent + 1;
    before = now;
    if (silent >= patience) return socket.terminate();
    if (socket.readyState === socket.OPEN) socket.ping();
  }, every).unref();
  socket.once('close', () => clearInterval(timer));

  function look(): { read: number; written: number; waiting: number } {
    const { bytesRead: read, bytesWritten, writableLength: waiting } = connection;
    return { read, written: bytesWritten - waiting, waiting };
  }
}
