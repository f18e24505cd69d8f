import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { APIError } from '../api/error.ts';
import type { Channel, Closing, Frame } from './channel.ts';
import { StreamClosed } from './closing.ts';
import { Inbox } from './inbox.ts';
import { keepAlive } from './keep-alive.ts';

/** The largest message that is taken: as much as a body by default. Bytes. */
export const maxMessage: number = 2 * 1024 * 1024;

/** What may be on its way before `send` waits, and before a connection whose other side takes nothing is cut off. Bytes. */
const buffered = { comfortable: 64 * 1024, most: 16 * 1024 * 1024 };

/** An open WebSocket. One that is not `read` throws away what arrives. */
export class WebSocketChannel implements Channel {
  readonly closed: Promise<Closing>;
  readonly #socket: WebSocket;
  readonly #inbox = new Inbox();

  constructor(socket: WebSocket, connection: Socket, { read = true }: { read?: boolean } = {}) {
    this.#socket = socket;
    if (!read) this.#inbox.end();
    socket.on('message', (data: Buffer, binary: boolean) => this.#take(data, binary));
    let problem = '';
    socket.on('error', ({ message }) => {
      problem = message;
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', (code: number, reason: Buffer) => {
        this.#inbox.end();
        resolve({ code, reason: reason.toString() || problem });
      });
    });
    keepAlive(socket, connection);
  }

  async send(frame: Frame): Promise<void> {
    const socket = this.#socket;
    if (socket.readyState !== socket.OPEN) throw new StreamClosed();
    const written = new Promise<void>((resolve, reject) => {
      socket.send(frame, (error) => (error ? reject(new StreamClosed()) : resolve()));
    });
    // Whoever did not have to wait is not told later.
    written.catch(() => {});
    if (socket.bufferedAmount <= buffered.comfortable) return;
    if (socket.bufferedAmount > buffered.most) {
      this.abort();
      throw APIError.resourceExhausted('the other side of the stream does not take what is sent');
    }
    await written;
  }

  async next(): Promise<Frame | undefined> {
    const frame = await this.#inbox.next();
    if (!this.#inbox.full && this.#socket.isPaused) this.#socket.resume();
    return frame;
  }

  async close({ code, reason }: Closing): Promise<void> {
    this.#inbox.discard();
    this.#socket.close(code, reason);
    // The other side's consent has to be read.
    if (this.#socket.isPaused) this.#socket.resume();
    await this.closed;
  }

  abort(): void {
    this.#inbox.discard();
    this.#socket.terminate();
  }

  #take(data: Buffer, binary: boolean): void {
    this.#inbox.put(binary ? data : data.toString());
    if (this.#inbox.full) this.#socket.pause();
  }
}
