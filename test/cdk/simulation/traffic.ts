import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, ServerResponse } from 'node:http';

/** Turns of the event loop in which nothing may happen before all counts as quiet. */
const turns = 12;

/** Sees every request over HTTP that this process makes or answers, so that somebody can wait until none is under way. */
export class Traffic {
  readonly #open = new Set<object>();
  #count = 0;
  readonly #channels: [string, (message: unknown) => void][] = [
    ['http.client.request.start', (message) => this.#follow((message as { request: ClientRequest }).request)],
    ['http.server.request.start', (message) => this.#follow((message as { response: ServerResponse }).response)],
    ['undici:request:create', (message) => this.#begin((message as { request: object }).request)],
    ['undici:request:trailers', (message) => this.#open.delete((message as { request: object }).request)],
    ['undici:request:error', (message) => this.#open.delete((message as { request: object }).request)],
  ];

  constructor() {
    for (const [name, listener] of this.#channels) subscribe(name, listener);
  }

  #begin(request: object): void {
    this.#count += 1;
    this.#open.add(request);
  }

  #follow(message: ClientRequest | ServerResponse): void {
    this.#begin(message);
    message.once('close', () => this.#open.delete(message));
  }

  /** Resolves when no request is under way, and none follows from the last one. */
  async quiet(): Promise<void> {
    for (let left = turns, count = this.#count; left > 0; left--) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#open.size === 0 && this.#count === count) continue;
      [left, count] = [turns, this.#count];
    }
  }

  end(): void {
    for (const [name, listener] of this.#channels) unsubscribe(name, listener);
  }
}
