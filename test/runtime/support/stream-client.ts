import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { type ClientOptions, WebSocket } from 'ws';

export interface Client {
  socket: WebSocket;
  /** The head of the answer that opened it. */
  opened: IncomingMessage;
  /** Messages that arrived and were not taken, as JSON. */
  messages: unknown[];
  /** The next message. */
  next(): Promise<unknown>;
  send(message: unknown): void;
  closed: Promise<{ code: number; reason: string }>;
}

/** Opens a stream as a client that is no browser. */
export async function openClient(url: string, options: ClientOptions = {}, protocols = ['encore-ws']): Promise<Client> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), protocols, options);
  const messages: unknown[] = [];
  const waiting: ((message: unknown) => void)[] = [];
  socket.on('message', (data) => {
    const message: unknown = JSON.parse(String(data));
    const reader = waiting.shift();
    if (reader) reader(message);
    else messages.push(message);
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  const [opened] = (await Promise.all([once(socket, 'upgrade'), once(socket, 'open')]))[0] as [IncomingMessage];
  socket.on('error', () => {});
  return {
    ...{ socket, opened, messages, closed },
    next: () =>
      messages.length > 0 ? Promise.resolve(messages.shift()) : new Promise((resolve) => waiting.push(resolve)),
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
  };
}

/** How a stream is refused: the answer to the request for it. */
export async function refusal(url: string, options: ClientOptions = {}, protocols = ['encore-ws']) {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), protocols, options);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    socket.on('unexpected-response', (_, answer) => resolve(answer));
    socket.on('open', () => reject(new Error('the stream was opened')));
    socket.on('error', reject);
  });
  const body = await text(response);
  return { status: response.statusCode, headers: response.headers, body: JSON.parse(body) as unknown };
}

/** Headers as pages send them. */
export function headersProtocol(headers: object): string {
  return `encore.dev.headers.${Buffer.from(JSON.stringify(headers)).toString('base64url')}`;
}
