import type { CallOptions, Connection } from './connection.ts';
import { APIError, isErrorBody, toAPIError } from './errors.ts';
import { place, type Route } from './request.ts';

/** Events of a WebSocket, by name. */
type SocketEvent = 'open' | 'message' | 'error' | 'close';
type Listener = (event: { data?: unknown; code?: number; reason?: string }) => void;

/** The WebSocket under a stream. What is sent before it is open waits. */
export class StreamSocket {
  readonly #listeners = new Map<SocketEvent, Set<Listener>>();
  readonly #opened: Promise<WebSocket>;
  #closed = false;

  constructor(connect: Promise<WebSocket>) {
    this.#opened = connect.then((socket) => this.#attach(socket));
    this.#opened.catch((error: unknown) => this.#fail(error));
  }

  on(type: SocketEvent, listener: Listener): void {
    this.#listeners.set(type, (this.#listeners.get(type) ?? new Set()).add(listener));
  }

  off(type: SocketEvent, listener: Listener): void {
    this.#listeners.get(type)?.delete(listener);
  }

  /** Hands a message over as soon as the socket is open. @throws APIError when it is closed */
  async send(text: string): Promise<void> {
    const socket = await this.#opened;
    if (this.#closed || socket.readyState !== 1) throw new APIError('unavailable', 'the stream is closed');
    socket.send(text);
  }

  /** Closes the socket, once what was sent before is on its way. */
  async close(): Promise<void> {
    // One that never opened has nothing to close; who reads or sends hears why.
    const socket = await this.#opened.catch(() => undefined);
    socket?.close(1000);
  }

  #attach(socket: WebSocket): Promise<WebSocket> {
    for (const type of ['message', 'error', 'close'] as const) {
      socket.addEventListener(type, (event: object) => this.#emit(type, event));
    }
    return new Promise((resolve, reject) => {
      socket.addEventListener('open', (event: object) => {
        resolve(socket);
        this.#emit('open', event);
      });
      const refuse = () => reject(new APIError('unavailable', 'the stream cannot be opened'));
      // Some say `error` alone when they never were open, and a URL that is not allowed fails before anyone listens.
      for (const type of ['error', 'close'] as const) socket.addEventListener(type, refuse);
      if (socket.readyState > 1) refuse();
    });
  }

  #fail(error: unknown): void {
    this.#emit('close', { code: 1006, reason: error instanceof Error ? error.message : String(error) });
  }

  #emit(type: SocketEvent, event: Parameters<Listener>[0]): void {
    if (type === 'close' && this.#closed) return;
    if (type === 'close') this.#closed = true;
    for (const listener of this.#listeners.get(type) ?? []) listener(event);
  }
}

/** Messages that arrived and were not asked for yet, or the other way round. */
class Inbox<Message> {
  readonly #messages: Message[] = [];
  readonly #waiting: {
    resolve: (result: IteratorResult<Message, undefined>) => void;
    reject: (error: unknown) => void;
  }[] = [];
  #end: { error?: APIError } | undefined;

  constructor(socket: StreamSocket) {
    socket.on('message', ({ data }) => this.#take(JSON.parse(String(data)) as Message));
    socket.on('close', ({ code, reason }) => this.#finish(closingError(code, reason)));
  }

  /** The next message; `done` after a normal end. @throws APIError when the stream broke off */
  next(): Promise<IteratorResult<Message, undefined>> {
    const [message] = this.#messages.splice(0, 1);
    if (message !== undefined) return Promise.resolve({ done: false, value: message });
    if (this.#end?.error) return Promise.reject(this.#end.error);
    if (this.#end) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #take(message: Message): void {
    const reader = this.#waiting.shift();
    if (reader) reader.resolve({ done: false, value: message });
    else this.#messages.push(message);
  }

  #finish(error: APIError | undefined): void {
    this.#end = error ? { error } : {};
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      if (error) reject(error);
      else resolve({ done: true, value: undefined });
    }
  }
}

/** Undefined for an end as it should be. The reason may be an error body, or text. */
function closingError(code = 1006, reason = ''): APIError | undefined {
  if (code === 1000 || code === 1005) return undefined;
  try {
    const body: unknown = JSON.parse(reason);
    if (isErrorBody(body)) return toAPIError(body, 0);
  } catch {
    // Text.
  }
  return new APIError(code === 1011 ? 'internal' : 'unavailable', reason || `the stream broke off (${code})`);
}

/** Messages in both directions. */
export class BidiStream<Send, Receive> implements AsyncIterable<Receive> {
  readonly socket: StreamSocket;
  readonly #inbox: Inbox<Receive>;

  constructor(socket: StreamSocket) {
    this.socket = socket;
    this.#inbox = new Inbox(socket);
  }

  /** Resolves once the message is on its way. */
  send(message: Send): Promise<void> {
    return this.socket.send(JSON.stringify(message));
  }

  close(): Promise<void> {
    return this.socket.close();
  }

  /** The messages of the service, until the stream ends; leaving the loop closes it. @throws APIError when it broke off */
  [Symbol.asyncIterator](): AsyncIterator<Receive, undefined> {
    return iterator(this.#inbox, this.socket);
  }
}

/** Messages of the service. */
export class InStream<Receive> implements AsyncIterable<Receive> {
  readonly socket: StreamSocket;
  readonly #inbox: Inbox<Receive>;

  constructor(socket: StreamSocket) {
    this.socket = socket;
    this.#inbox = new Inbox(socket);
  }

  close(): Promise<void> {
    return this.socket.close();
  }

  /** The messages of the service, until the stream ends; leaving the loop closes it. @throws APIError when it broke off */
  [Symbol.asyncIterator](): AsyncIterator<Receive, undefined> {
    return iterator(this.#inbox, this.socket);
  }
}

/** Messages to the service, which answers once. */
export class OutStream<Send, Answer> {
  readonly socket: StreamSocket;
  readonly #answer: Promise<Answer>;

  constructor(socket: StreamSocket) {
    this.socket = socket;
    this.#answer = new Inbox<Answer>(socket).next().then(({ value }) => value as Answer);
    // Whoever asks for it hears of the failure.
    this.#answer.catch(() => {});
  }

  /** Resolves once the message is on its way. */
  send(message: Send): Promise<void> {
    return this.socket.send(JSON.stringify(message));
  }

  close(): Promise<void> {
    return this.socket.close();
  }

  /** What the service answers; it decides when. @throws APIError when the stream broke off */
  response(): Promise<Answer> {
    return this.#answer;
  }
}

function iterator<Message>(inbox: Inbox<Message>, socket: StreamSocket): AsyncIterator<Message, undefined> {
  return {
    next: () => inbox.next(),
    async return() {
      await socket.close();
      return { done: true, value: undefined };
    },
  };
}

/** Opens a stream: headers travel as a sub-protocol, since browsers can send no others. */
export function openStream(
  connection: Connection,
  route: Route,
  handshake: object = {},
  options: Pick<CallOptions, 'auth' | 'query'> = {},
): StreamSocket {
  return new StreamSocket(connect(connection, route, handshake, options));
}

async function connect(
  connection: Connection,
  route: Route,
  handshake: object,
  options: Pick<CallOptions, 'auth' | 'query'>,
): Promise<WebSocket> {
  const placed = place(route, 'GET', handshake);
  await connection.prepare(placed, options);
  const headers: Record<string, string> = {};
  placed.headers.forEach((value, name) => {
    headers[name] = value;
  });
  const encoded = Object.keys(headers).length > 0 ? [`encore.dev.headers.${base64url(JSON.stringify(headers))}`] : [];
  const search = placed.query.size > 0 ? `?${placed.query}` : '';
  const url = `${connection.base.replace(/^http/i, 'ws')}${placed.path}${search}`;
  const { webSocket = WebSocket } = connection.options;
  return new webSocket(url, ['encore-ws', ...encoded]);
}

function base64url(text: string): string {
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte));
  return btoa(bytes.join('')).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
