import type { Client } from 'pg';
import log from '../log/mod.ts';
import { openClient, type Server } from '../postgres/connect.ts';

/** The first number of the advisory locks that consumers hold: `FL` in ASCII. */
export const lockClass = 0x464c;

/** Milliseconds between two tries to connect, doubled up to the maximum. */
const [firstPause, longestPause] = [100, 5_000];

/**
 * One connection that hears of new messages, and whose advisory lock proves to the others that this process is alive: it goes
 * when the process does, whatever ends it.
 */
export class Listener {
  /** The second number of the lock. */
  readonly owner: number;
  readonly #server: Server;
  readonly #channels = new Map<string, { quoted: string; wake: () => void }>();
  #client: Client | undefined;
  #closed = false;
  #connecting: Promise<void> | undefined;
  #cancelPause: (() => void) | undefined;

  constructor(server: Server, owner: number) {
    this.#server = server;
    this.owner = owner;
  }

  /** Calls `wake` for every message, and after every time without a connection. */
  on(quoted: string, channel: string, wake: () => void): void {
    this.#channels.set(channel, { quoted, wake });
    if (this.#client) void this.#listen(this.#client, quoted).then(wake, () => {});
    else this.#connecting ??= this.#connect();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelPause?.();
    await this.#connecting;
    // A connection that is already broken is closed.
    await this.#client?.end().catch(() => {});
  }

  async #connect(): Promise<void> {
    for (let pause = firstPause; !this.#closed; pause = Math.min(pause * 2, longestPause)) {
      const client = await openClient(this.#server);
      try {
        client.on('error', () => {});
        await client.connect();
        // Not declared, but documented: what a program does that only publishes keeps it from ending, and not this.
        (client as Client & { unref(): void }).unref();
        await client.query('SELECT pg_advisory_lock($1, $2)', [lockClass, this.owner]);
        for (const { quoted } of this.#channels.values()) await this.#listen(client, quoted);
        this.#use(client);
        return;
      } catch (error) {
        // The error that is logged is why it failed; closing what failed adds nothing.
        await client.end().catch(() => {});
        // Where it was called from is the same at each try, and tells nobody why.
        log.warn('the broker in PostgreSQL cannot be reached', { error: reasonOf(error), retry_in_ms: pause });
        if (!this.#closed) await this.#pause(pause);
      }
    }
  }

  #use(client: Client): void {
    this.#client = client;
    this.#connecting = undefined;
    client.on('notification', ({ channel }) => this.#channels.get(channel)?.wake());
    client.once('end', () => {
      this.#client = undefined;
      if (!this.#closed) this.#connecting = this.#connect();
    });
    for (const { wake } of this.#channels.values()) wake();
  }

  async #listen(client: Client, quoted: string): Promise<void> {
    await client.query(`LISTEN ${quoted}`);
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds).unref();
      this.#cancelPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Of a name with several addresses each has failed, and the whole says nothing. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || (error instanceof AggregateError && reasonOf(error.errors[0])) || error.name;
}
