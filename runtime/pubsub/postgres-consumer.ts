import { inspect } from 'node:util';
import type { Pool } from 'pg';
import { Batch } from '../batch.ts';
import log from '../log/mod.ts';
import { isLost } from '../postgres/lost.ts';
import { prepared } from '../postgres/prepared.ts';
import type { ManifestSubscription } from '../wire.ts';
import { traceOfFailure } from './failure-trace.ts';
import { lockClass } from './postgres-listener.ts';
import type { Consumer, Delivery } from './provider.ts';

/** Messages handled at once when the subscription does not say. */
const defaultConcurrency = 100;

/** How often to look without having been woken: a notification can be lost with its connection. Milliseconds. */
const pollInterval = 5_000;

/** How often to ask when the next message is due, at most. Milliseconds. */
const questionInterval = 100;

/** How soon to look again after a failure. Milliseconds. */
const retryInterval = 1_000;

/** Messages that are acknowledged by one statement, at most. */
const mostAtOnce = 500;

/** No more is kept of an error than that. Characters. */
const longestError = 8_192;

/** How often messages that are too old are removed. Milliseconds. */
const sweepInterval = 60_000;

interface Row {
  id: number;
  message_id: string;
  body: string;
  traceparent: string | null;
  attempts: number;
}

interface Burial {
  unlessKnown?: boolean;
  /** Of the last attempt. */
  trace?: ReturnType<typeof traceOfFailure>;
}

export interface Queue {
  pool: Pool;
  /** Qualified and quoted. */
  table: string;
  /** The advisory lock of this process. */
  owner: number;
  subscription: ManifestSubscription;
  deliver(message: Delivery): Promise<void>;
}

/** Takes messages of one queue as long as there are any, and looks again when woken, when one is due, and now and then. */
export class QueueConsumer implements Consumer {
  readonly #queue: Queue;
  readonly #table: string;
  readonly #working = new Set<Promise<void>>();
  readonly #done = new Batch<Row>({ work: (rows) => this.#acknowledge(rows), most: mostAtOnce, isLost });
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> | undefined;
  #again = false;
  #nextFree = 0;
  #nextQuestion = 0;
  #nextSweep = 0;

  constructor(queue: Queue) {
    this.#queue = queue;
    this.#table = queue.table;
  }

  /** Looks for messages now. */
  wake(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#turn ??= this.#run().finally(() => {
      this.#turn = undefined;
      // Woken after the last look but before the end of the turn.
      if (this.#again) this.wake();
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#turn;
    await Promise.all(this.#working);
  }

  async #run(): Promise<void> {
    clearTimeout(this.#timer);
    let pause = pollInterval;
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        await this.#free();
        await this.#sweep();
        await this.#takeAll();
      }
      if (!this.#stopped) pause = await this.#nextLook();
    } catch (error) {
      log.warn(error, 'the queue cannot be read', { subscription: this.#queue.subscription.name });
      this.#again = false;
      pause = retryInterval;
    }
    if (!this.#stopped) this.#timer = setTimeout(() => this.wake(), pause).unref();
  }

  async #takeAll(): Promise<void> {
    const { maxConcurrency = defaultConcurrency } = this.#queue.subscription;
    while (!this.#stopped) {
      const free = maxConcurrency - this.#working.size;
      if (free <= 0) return;
      const rows = await this.#claim(free);
      for (const row of rows) this.#work(row);
      if (rows.length < free) return;
    }
  }

  #work(row: Row): void {
    const work = this.#handle(row)
      .catch((error) =>
        log.warn(error, 'the outcome of a message could not be kept: it will be delivered again', this.#about(row)),
      )
      .finally(() => {
        this.#working.delete(work);
        this.wake();
      });
    this.#working.add(work);
  }

  async #handle(row: Row): Promise<void> {
    const { deliver, subscription } = this.#queue;
    const { maxRetries } = subscription.retry;
    // Neither acknowledged nor failed the last time: the process ended, or it took too long.
    if (row.attempts > maxRetries + 1)
      return this.#bury(row, 'not done before its ack deadline', { unlessKnown: true });
    const { message_id: id, body, traceparent, attempts: attempt } = row;
    try {
      await deliver({ id, body, attempt, ...(traceparent !== null && { traceparent }) });
    } catch (error) {
      const message = wordsOf(error);
      return attempt > maxRetries
        ? this.#bury(row, message, { trace: traceOfFailure(error) })
        : this.#retry(row, message);
    }
    return this.#done.add(row);
  }

  #acknowledge(rows: Row[]): Promise<unknown> {
    return this.#often(
      `DELETE FROM ${this.#table} WHERE (id, attempts) IN (SELECT * FROM unnest($1::bigint[], $2::integer[]))`,
      [rows.map(({ id }) => id), rows.map(({ attempts }) => attempts)],
    );
  }

  async #claim(count: number): Promise<Row[]> {
    const { ackDeadline } = this.#queue.subscription;
    // Of messages with one ordering key only the first is free, and not before it is done.
    const { rows } = await this.#often<Row>(
      `UPDATE ${this.#table} SET attempts = attempts + 1, owner = $3, visible_at = now() + $2 * interval '1 millisecond'
       WHERE id IN (
         SELECT id FROM ${this.#table} AS candidate WHERE state = 'ready' AND visible_at <= now() AND (ordering_key IS NULL OR NOT EXISTS (
           SELECT FROM ${this.#table} AS former
           WHERE former.ordering_key = candidate.ordering_key AND former.id < candidate.id AND former.state = 'ready'))
         ORDER BY visible_at, id LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING id, message_id, body, traceparent, attempts`,
      [count, ackDeadline, this.#queue.owner],
    );
    return rows.sort((a, b) => a.id - b.id);
  }

  /** Back-off doubles with every attempt between the bounds of the retry policy. */
  async #retry({ id, attempts }: Row, message: string): Promise<void> {
    const { minBackoff, maxBackoff } = this.#queue.subscription.retry;
    const backoff = Math.min(minBackoff * 2 ** (attempts - 1), Math.max(minBackoff, maxBackoff));
    await this.#query(
      `UPDATE ${this.#table} SET visible_at = now() + $3 * interval '1 millisecond', owner = NULL, last_error = $4 WHERE id = $1 AND attempts = $2`,
      [id, attempts, backoff, message],
    );
  }

  /** With `unlessKnown` an error that a former attempt ended with is kept: it says more than that the last one was cut off. */
  async #bury(row: Row, message: string, { unlessKnown = false, trace = {} }: Burial): Promise<void> {
    const { id, attempts } = row;
    log.error('message became a dead letter', { ...this.#about(row), ...trace, attempts, error: message });
    const kept = unlessKnown ? 'COALESCE(last_error, $3)' : '$3';
    await this.#query(
      `UPDATE ${this.#table} SET state = 'dead', owner = NULL, last_error = ${kept} WHERE id = $1 AND attempts = $2`,
      [id, attempts, message],
    );
  }

  /** For lines that are written when no request is at hand. */
  #about({ message_id, traceparent }: Row): Record<string, unknown> {
    const { name: subscription, topic } = this.#queue.subscription;
    const trace = traceparent !== null && { trace_id: traceparent.split('-')[1] };
    return { subscription, topic, message_id, ...trace };
  }

  /** Frees what consumers held that are no more. This one is there, although its lock goes with each connection that is lost. */
  async #free(): Promise<void> {
    if (performance.now() < this.#nextFree) return;
    await this.#query(
      `UPDATE ${this.#table} SET owner = NULL, visible_at = now() WHERE state = 'ready' AND owner <> $2 AND NOT EXISTS (
         SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = $1::oid AND objid::bigint = owner AND granted)`,
      [lockClass, this.#queue.owner],
    );
    this.#nextFree = performance.now() + pollInterval / 2;
  }

  /** Removes what is older than the subscription keeps, dead letters too. */
  async #sweep(): Promise<void> {
    if (performance.now() < this.#nextSweep) return;
    await this.#query(`DELETE FROM ${this.#table} WHERE published_at < now() - $1 * interval '1 millisecond'`, [
      this.#queue.subscription.messageRetention,
    ]);
    this.#nextSweep = performance.now() + sweepInterval;
  }

  /** Milliseconds to pause. While one message comes after the other, what waits for its time is not asked for after each of them. */
  async #nextLook(): Promise<number> {
    const left = this.#nextQuestion - performance.now();
    if (left > 0) return left;
    const due = await this.#nextDue();
    this.#nextQuestion = performance.now() + questionInterval;
    return due;
  }

  /** Milliseconds until the next message that waits for its time is due, at most the poll interval. */
  async #nextDue(): Promise<number> {
    const { rows } = await this.#query<{ wait: number | null }>(
      `SELECT extract(epoch FROM min(visible_at) - now())::float8 * 1000 AS wait FROM ${this.#table} WHERE state = 'ready' AND visible_at > now()`,
      [],
    );
    const wait = rows[0]?.wait ?? pollInterval;
    return Math.max(10, Math.min(Math.ceil(wait), pollInterval));
  }

  #query<T extends object>(sql: string, values: unknown[]): Promise<{ rows: T[] }> {
    return this.#queue.pool.query<T>(sql, values);
  }

  /** What is run for every few messages. */
  #often<T extends object>(sql: string, values: unknown[]): Promise<{ rows: T[] }> {
    return this.#queue.pool.query<T>({ ...prepared(sql), values });
  }
}

/** What is kept of an error, as text of PostgreSQL, which has no NUL. */
function wordsOf(error: unknown): string {
  const words = error instanceof Error ? error.message : inspect(error);
  return words.slice(0, longestError).replaceAll('\0', '\ufffd');
}
