import { connect, type Socket } from 'node:net';
import { UnavailableError } from '../unavailable.ts';
import { commands, type Frame, FrameReader, heartbeat, magic, type NsqMessage } from './protocol.ts';

/** What nsqd refuses, in its words: `E_BAD_TOPIC …`. */
export class NsqError extends Error {
  override readonly name = 'NsqError';
}

export interface ConnectionOptions {
  /** `host:port` */
  host: string;
  /** After which nsqd takes back a message that nobody is done with. Milliseconds. @default what nsqd says */
  messageTimeout?: number;
  onMessage?(message: NsqMessage): void;
}

/** How long it may take to connect, and to answer. Milliseconds. */
const patience = 10_000;

/** Milliseconds between two heartbeats, of which two in a row may be late. */
const heartbeatInterval = 10_000;

/** What says that nsqd has taken a message back already, and answers nothing. */
const tooLate = /^E_(?:FIN|REQ|TOUCH)_FAILED\b/;

interface Waiting {
  resolve(text: string): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

/** A connection with nsqd, which answers in the order that it is asked in. One that is closed stays so. */
export class NsqConnection {
  /** Resolves when it is over, with why. */
  readonly closed: Promise<Error>;
  /** The most messages that it may be ready for. */
  largestReady = 2500;
  readonly #socket: Socket;
  readonly #host: string;
  readonly #reader = new FrameReader();
  readonly #waiting: Waiting[] = [];
  readonly #onMessage: (message: NsqMessage) => void;
  #error: Error | undefined;

  /** @throws UnavailableError when nobody answers, NsqError when nsqd will not have it */
  static async open(options: ConnectionOptions): Promise<NsqConnection> {
    const connection = new NsqConnection(options);
    try {
      await connection.#identify(options.messageTimeout);
      return connection;
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }

  private constructor({ host, onMessage = () => {} }: ConnectionOptions) {
    const [, name = host, port = '4150'] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
    this.#host = host;
    this.#onMessage = onMessage;
    const socket = connect({ host: name.replace(/^\[(.*)\]$/, '$1'), port: Number(port), noDelay: true });
    this.#socket = socket;
    socket.setTimeout(2.5 * heartbeatInterval, () => this.#fail('it has gone silent'));
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', (error) => this.#fail(error.message, error));
    socket.on('end', () => this.#fail('it has closed the connection'));
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#fail('the connection is closed');
        resolve(this.#error!);
      });
    });
    socket.write(magic);
  }

  get isOpen(): boolean {
    return this.#error === undefined;
  }

  /** Sends what has an answer. @throws NsqError when that is an error, UnavailableError when none comes */
  ask(command: Buffer): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#error) return reject(this.#error);
      const timer = setTimeout(() => this.#fail('it does not answer'), patience);
      this.#waiting.push({ resolve, reject, timer });
      this.#socket.write(command);
    });
  }

  /** Sends what has none. Does nothing when the connection is over: nsqd has taken all messages back then. */
  send(command: Buffer): void {
    if (!this.#error) this.#socket.write(command);
  }

  /** When all is sent. */
  async close(): Promise<void> {
    const timer = setTimeout(() => this.#socket.destroy(), patience);
    this.#socket.end();
    await this.closed;
    clearTimeout(timer);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  async #identify(messageTimeout: number | undefined): Promise<void> {
    const settings = {
      user_agent: 'fairlead',
      feature_negotiation: true,
      heartbeat_interval: heartbeatInterval,
      ...(messageTimeout !== undefined && { msg_timeout: messageTimeout }),
    };
    const answer = JSON.parse(await this.ask(commands.identify(settings))) as { max_rdy_count?: number };
    this.largestReady = answer.max_rdy_count ?? this.largestReady;
  }

  #read(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.read(chunk)) this.#take(frame);
    } catch (error) {
      this.#fail((error as Error).message);
    }
  }

  #take(frame: Frame): void {
    if (frame.type === 'message') this.#onMessage(frame.message);
    else if (frame.text === heartbeat) this.send(commands.nop());
    else if (frame.type === 'response' || !tooLate.test(frame.text)) this.#answer(frame);
  }

  #answer(frame: Exclude<Frame, { type: 'message' }>): void {
    const waiting = this.#waiting.shift();
    if (waiting) clearTimeout(waiting.timer);
    if (frame.type === 'response') waiting?.resolve(frame.text);
    else waiting?.reject(new NsqError(frame.text));
  }

  #fail(why: string, cause?: Error): void {
    this.#error ??= new UnavailableError(`nsqd at ${this.#host} is not there: ${why}`, { cause });
    this.#socket.destroy();
    for (const { reject, timer } of this.#waiting.splice(0)) {
      clearTimeout(timer);
      reject(this.#error);
    }
  }
}
