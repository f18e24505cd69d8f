import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { endWhenIdle, isIdle } from './linger.ts';

/**
 * Longer than what stands before a process keeps an idle connection: 120 s on AWS, as it is set up there, 600 s on Google. Whoever
 * closes first may do so just when the other side sends a request, which then fails. Milliseconds.
 */
const longestIdle = 620_000;

/**
 * The connections of a server, of which those are ended that have been idle for `longest`, or up to twice as long: to look at all of them
 * now and then costs less than Node's timer, which is set anew with each request.
 */
export class Connections {
  /** How many bytes each had brought when it was last found idle; -1 unless it was. */
  readonly #open = new Map<Socket, number>();

  constructor(server: Server, longest: number = longestIdle) {
    server.on('connection', (socket) => {
      this.#open.set(socket, -1);
      socket.once('close', () => this.#open.delete(socket));
    });
    const timer = setInterval(() => this.#endIdle(), longest).unref();
    server.once('close', () => clearInterval(timer));
  }

  /** Ends each with the last of its answers. */
  end(): void {
    for (const socket of this.#open.keys()) endWhenIdle(socket);
  }

  #endIdle(): void {
    for (const [socket, before] of this.#open) {
      const idle = isIdle(socket);
      if (idle && socket.bytesRead === before) socket.destroySoon();
      else this.#open.set(socket, idle ? socket.bytesRead : -1);
    }
  }
}
