import { type GoogleApi, GoogleError } from '../google/api.ts';
import { firstStep, Lease } from '../google/lease.ts';
import log from '../log/mod.ts';
import type { ManifestSubscription } from '../wire.ts';
import { traceOfFailure } from './failure-trace.ts';
import { fromGoogle, type GoogleMessage, isLast, isSpent } from './google-message.ts';
import type { Consumer, Delivery } from './provider.ts';

/** Messages handled at once when the subscription does not say, and the most that one request gives. */
const [defaultConcurrency, largestBatch] = [100, 1000];

/** How soon to ask again after a failure. Milliseconds. */
const retryInterval = 1_000;

/** Deliveries that are counted here, where Google does not count. */
const mostCounted = 10_000;

/** The longest that a message is kept by one request. Seconds. */
const longestKept = 600;

interface Received {
  ackId: string;
  message: GoogleMessage;
  /** Where the subscription gives messages up. */
  deliveryAttempt?: number;
}

/** Takes messages of one subscription until it is stopped: no more than can be begun, so that none waits here for nothing. */
export class PullConsumer implements Consumer {
  readonly #api: GoogleApi;
  readonly #path: string;
  readonly #subscription: ManifestSubscription;
  readonly #deliver: (message: Delivery) => Promise<void>;
  readonly #working = new Set<Promise<void>>();
  /** By ordering key: what the next message of it waits for, and whether one of them has failed. */
  readonly #chains = new Map<string, Promise<boolean>>();
  readonly #counts = new Map<string, number>();
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;

  /** @param path `projects/<project>/subscriptions/<name>` */
  constructor(
    api: GoogleApi,
    path: string,
    subscription: ManifestSubscription,
    deliver: (message: Delivery) => Promise<void>,
  ) {
    this.#api = api;
    this.#path = path;
    this.#subscription = subscription;
    this.#deliver = deliver;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await Promise.all(this.#working);
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  get #about(): Record<string, string> {
    return { topic: this.#subscription.topic, subscription: this.#subscription.name };
  }

  async #run(): Promise<void> {
    const { maxConcurrency = defaultConcurrency } = this.#subscription;
    while (!this.#stopped) {
      try {
        const free = maxConcurrency - this.#working.size;
        if (free <= 0) await Promise.race(this.#working);
        else await this.#take(Math.min(free, largestBatch));
      } catch (error) {
        if (this.#stopped) return;
        log.warn(error, 'the subscription cannot be read', this.#about);
        await this.#pause();
      }
    }
  }

  async #take(maxMessages: number): Promise<void> {
    const { signal } = this.#stopping;
    const answer = await this.#ask('pull', { maxMessages }, { signal, attempts: 1 }).catch((error: unknown) => {
      // Nothing came in for as long as Google keeps the question.
      if (error instanceof GoogleError && error.status === 504) return undefined;
      throw error;
    });
    const { receivedMessages = [] } = ((await answer?.json()) ?? {}) as { receivedMessages?: Received[] };
    if (receivedMessages.length === 0) return;
    const ackIds = receivedMessages.map(({ ackId }) => ackId);
    if (!this.#stopped) this.#keep(ackIds, firstStep(this.#subscription.ackDeadline));
    for (const received of receivedMessages) this.#begin(received);
  }

  #begin(received: Received): void {
    const key = received.message.orderingKey ?? '';
    const before = key === '' ? undefined : this.#chains.get(key);
    const handled = this.#work(received, before).catch((error) => {
      log.warn(error, 'the outcome of a message could not be kept: it will be delivered again', this.#about);
      return false;
    });
    if (key !== '') this.#chains.set(key, handled);
    const work = handled.then(() => {
      this.#working.delete(work);
      if (this.#chains.get(key) === handled) this.#chains.delete(key);
    });
    this.#working.add(work);
  }

  /** Whether the message was handled. One that comes after one of its key that was not has to come again after that one. */
  async #work(received: Received, before: Promise<boolean> | undefined): Promise<boolean> {
    const { ackId } = received;
    const extend = (milliseconds: number) => this.#keep([ackId], milliseconds);
    const lease = new Lease({ deadline: this.#subscription.ackDeadline, extend });
    try {
      const turn = (await before) ?? true;
      lease.begin();
      const handled = turn && !this.#stopped && (await this.#handle(received));
      lease.release();
      if (handled) await this.#ask('acknowledge', { ackIds: [ackId] });
      else await this.#ask('modifyAckDeadline', { ackIds: [ackId], ackDeadlineSeconds: 0 });
      return handled;
    } finally {
      lease.release();
    }
  }

  async #handle({ message, deliveryAttempt }: Received): Promise<boolean> {
    const id = message.messageId ?? '';
    const attempt = deliveryAttempt ?? this.#count(id);
    // Where nobody gives messages up they are tried for as long as they are kept.
    if (deliveryAttempt !== undefined && isSpent(this.#subscription, attempt)) return false;
    try {
      await this.#deliver(fromGoogle(message, attempt));
      this.#counts.delete(id);
      return true;
    } catch (error) {
      const last = deliveryAttempt !== undefined && isLast(this.#subscription, attempt);
      const about = { ...this.#about, attempts: attempt, message_id: id };
      if (last) log.error(error, 'message became a dead letter', { ...about, ...traceOfFailure(error) });
      return false;
    }
  }

  #count(id: string): number {
    const attempt = (this.#counts.get(id) ?? 0) + 1;
    this.#counts.delete(id);
    this.#counts.set(id, attempt);
    const oldest = this.#counts.size > mostCounted ? this.#counts.keys().next().value : undefined;
    if (oldest !== undefined) this.#counts.delete(oldest);
    return attempt;
  }

  #keep(ackIds: string[], milliseconds: number): void {
    const ackDeadlineSeconds = Math.min(Math.max(Math.ceil(milliseconds / 1000), 1), longestKept);
    this.#ask('modifyAckDeadline', { ackIds, ackDeadlineSeconds }).catch((error) =>
      log.warn(error, 'the deadline of messages could not be moved', this.#about),
    );
  }

  #ask(
    what: 'pull' | 'acknowledge' | 'modifyAckDeadline',
    body: object,
    options: { signal?: AbortSignal; attempts?: number } = {},
  ): Promise<Response> {
    return this.#api.send({
      method: 'POST',
      path: `/v1/${this.#path}:${what}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...options,
    });
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, retryInterval);
      const { signal } = this.#stopping;
      signal.addEventListener('abort', () => [clearTimeout(timer), resolve()], { once: true });
    });
  }
}
