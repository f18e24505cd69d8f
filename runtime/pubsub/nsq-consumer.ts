import { setTimeout as sleep } from 'node:timers/promises';
import log from '../log/mod.ts';
import { NsqConnection } from '../nsq/connection.ts';
import { commands, type NsqMessage } from '../nsq/protocol.ts';
import type { Consumer } from './provider.ts';

/** What becomes of a message: it is done, or it comes again after so many milliseconds. */
export type NsqFate = 'done' | { again: number };

export interface NsqConsumerOptions {
  hosts: readonly string[];
  topic: string;
  channel: string;
  /** What the log says of the subscription. */
  about: Record<string, string>;
  /** Milliseconds after which a message that is not done comes again. */
  deadline: number;
  /** How long nsqd waits at most before it takes a message back that nobody has said anything of. Milliseconds. @default 60,000 */
  longestTimeout?: number;
  /** Messages handled at once. */
  concurrency: number;
  handle(message: NsqMessage): Promise<NsqFate>;
}

/** Between two attempts to connect: they become rarer up to this. Milliseconds. */
const [soonest, latest] = [100, 10_000];

/** How long nsqd waits before it takes a message back. Milliseconds. */
const [shortestTimeout, defaultTimeout] = [1_000, 60_000];

/** How often the turn changes, where there are more of nsqd than messages may be handled at once. Milliseconds. */
const turnInterval = 2_000;

/** One message that has come, and the connection that has to hear of it. */
interface Taken {
  message: NsqMessage;
  connection: NsqConnection;
  /** When its deadline is. Milliseconds, as `performance.now()` counts. */
  until: number;
}

/** Takes messages of a channel from every nsqd that has some, until it is stopped. */
export class NsqConsumer implements Consumer {
  readonly #options: NsqConsumerOptions;
  readonly #connections = new Map<string, NsqConnection>();
  readonly #working = new Set<Promise<void>>();
  /** Came when there was no room, as can be for a moment after the turn has changed. */
  #waiting: Taken[] = [];
  /** Handlers that go on after their deadline, and take the place of messages. */
  #late = 0;
  #turn = 0;
  readonly #stopping = new AbortController();

  constructor(options: NsqConsumerOptions) {
    this.#options = options;
    for (const host of options.hosts) void this.#listen(host);
    if (options.hosts.length > options.concurrency) {
      const timer = setInterval(() => this.#share(++this.#turn), turnInterval);
      this.#stopping.signal.addEventListener('abort', () => clearInterval(timer));
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const connections = [...this.#connections.values()];
    // One that breaks meanwhile sends nothing more, either.
    await Promise.allSettled(connections.map((connection) => connection.ask(commands.close())));
    for (const { connection, message } of this.#waiting.splice(0)) connection.send(commands.requeue(message.id, 0));
    await Promise.all(this.#working);
    await Promise.all(connections.map((connection) => connection.close()));
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Connects, again and again: what breaks it is said once, and when it is over. */
  async #listen(host: string): Promise<void> {
    const about = { ...this.#options.about, host };
    let pause = soonest;
    let missing = false;
    while (!this.#stopped) {
      let problem: unknown;
      try {
        const connection = await this.#subscribe(host);
        if (missing) log.info('messages are taken from nsqd again', about);
        missing = false;
        pause = soonest;
        problem = await connection.closed;
        this.#connections.delete(host);
        this.#share();
      } catch (error) {
        problem = error;
      }
      if (this.#stopped) return;
      if (!missing) log.warn(problem, 'messages cannot be taken from nsqd', about);
      missing = true;
      // Rejects when it is stopped, which the loop looks at.
      await sleep(pause * (0.5 + Math.random() / 2), undefined, { signal: this.#stopping.signal }).catch(() => {});
      pause = Math.min(2 * pause, latest);
    }
  }

  async #subscribe(host: string): Promise<NsqConnection> {
    const { topic, channel, deadline } = this.#options;
    const connection: NsqConnection = await NsqConnection.open({
      host,
      messageTimeout: this.#timeout,
      onMessage: (message) => this.#take({ message, connection, until: performance.now() + deadline }),
    });
    try {
      await connection.ask(commands.subscribe(topic, channel));
      if (this.#stopped) throw new Error('the subscription has been stopped');
    } catch (error) {
      connection.destroy();
      throw error;
    }
    this.#connections.set(host, connection);
    this.#share();
    return connection;
  }

  get #timeout(): number {
    const { deadline, longestTimeout = defaultTimeout } = this.#options;
    return Math.min(Math.max(deadline, shortestTimeout), longestTimeout);
  }

  /** Says to each nsqd how many messages it may have out here. */
  #share(turn = this.#turn): void {
    if (this.#stopped) return;
    const connections = [...this.#connections.values()];
    const free = Math.max(0, this.#options.concurrency - this.#late);
    connections.forEach((connection, index) => {
      const count = shareOf(free, connections.length, (index + turn) % connections.length);
      connection.send(commands.ready(Math.min(count, connection.largestReady)));
    });
  }

  #take(taken: Taken): void {
    if (this.#stopped) taken.connection.send(commands.requeue(taken.message.id, 0));
    else if (this.#working.size >= this.#options.concurrency) this.#waiting.push(taken);
    else this.#begin(taken);
  }

  #begin(taken: Taken): void {
    const work = this.#work(taken)
      .catch((error) => log.error(error, 'a message could not be handled', this.#options.about))
      .finally(() => {
        this.#working.delete(work);
        this.#next();
      });
    this.#working.add(work);
  }

  #next(): void {
    while (!this.#stopped && this.#working.size < this.#options.concurrency) {
      const taken = this.#waiting.shift();
      if (!taken) return;
      // Of others nsqd has taken it back.
      if (taken.connection.isOpen && performance.now() < taken.until) this.#begin(taken);
    }
  }

  async #work({ message, connection, until }: Taken): Promise<void> {
    let late = false;
    const expiry = setTimeout(
      () => {
        late = true;
        this.#late += 1;
        clearInterval(touching);
        connection.send(commands.requeue(message.id, 0));
        this.#share();
      },
      Math.max(0, until - performance.now()),
    );
    const touching = setInterval(() => connection.send(commands.touch(message.id)), this.#timeout / 3);
    try {
      const fate = await this.#options.handle(message);
      if (!late)
        connection.send(fate === 'done' ? commands.finish(message.id) : commands.requeue(message.id, fate.again));
    } finally {
      clearTimeout(expiry);
      clearInterval(touching);
      if (late) {
        this.#late -= 1;
        this.#share();
      }
    }
  }
}

/** What the one at `index` gets when so many are shared: all that can be, and the first ones one more. */
function shareOf(total: number, among: number, index: number): number {
  return Math.floor(total / among) + (index < total % among ? 1 : 0);
}
