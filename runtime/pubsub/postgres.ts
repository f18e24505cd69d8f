import type { Pool } from 'pg';
import { Batch } from '../batch.ts';
import { resolveEnv } from '../infra/config.ts';
import { crypto } from '../node.ts';
import { identifier, qualified } from '../postgres/broker-schema.ts';
import { openPool, type Server, splitHost } from '../postgres/connect.ts';
import { isLost } from '../postgres/lost.ts';
import { prepared } from '../postgres/prepared.ts';
import type { BrokerConfig, ManifestSubscription, QueueConfig } from '../wire.ts';
import { QueueConsumer } from './postgres-consumer.ts';
import { Listener } from './postgres-listener.ts';
import type { Consumer, Delivery, Outgoing, Provider } from './provider.ts';

/** Connections that publish: one for each topic at a time. */
const publishing = { max: 3, min: 0 };

/**
 * Connections that claim and acknowledge, without waiting for the disk: what a crash of the server takes back is delivered once more, which
 * at least once allows. They read by the index alone, whatever the server takes a queue for that was empty a moment ago: a bitmap of it has
 * all messages that are done, until the next vacuum.
 */
const consuming = {
  max: 4,
  min: 0,
  first: 'SET synchronous_commit = off; SET enable_bitmapscan = off; SET enable_seqscan = off',
};

/** The durable broker on PostgreSQL that `runtime/wire.ts` describes. Connects at its first use. */
export async function openBroker(config: BrokerConfig): Promise<Provider> {
  const server: Server = {
    ...splitHost(config.host),
    user: config.username,
    password: resolveEnv(config.password, 'the password of the broker'),
    database: config.database,
    ssl: false,
  };
  const [publisher, consumer] = await Promise.all([openPool(server, publishing), openPool(server, consuming)]);
  return new PostgresBroker(config, server, { publisher, consumer });
}

/** Messages that are published by one statement, at most. */
const mostAtOnce = 500;

type Identified = Outgoing & { id: string };

type Pools = Record<'publisher' | 'consumer', Pool>;

class PostgresBroker implements Provider {
  readonly #config: BrokerConfig;
  readonly #pools: Pools;
  readonly #listener: Listener;
  /** By topic. */
  readonly #batches = new Map<string, Batch<Identified>>();

  constructor(config: BrokerConfig, server: Server, pools: Pools) {
    this.#config = config;
    this.#pools = pools;
    // An advisory lock of two numbers: ours, and one per process.
    this.#listener = new Listener(server, crypto.randomInt(1, 2 ** 31 - 1));
  }

  async publish(topic: string, message: Outgoing): Promise<string> {
    const queues = this.#queues(topic);
    const id = crypto.randomUUID();
    if (queues.length === 0) return id;
    let batch = this.#batches.get(topic);
    if (!batch) {
      batch = new Batch({ work: (messages) => this.#insert(queues, messages), most: mostAtOnce, isLost });
      this.#batches.set(topic, batch);
    }
    await batch.add({ id, ...message });
    return id;
  }

  /** All of them or none, in their order, into every queue. */
  async #insert(queues: QueueConfig[], messages: Identified[]): Promise<void> {
    const columns = 'message_id, body, traceparent, ordering_key';
    const inserts = queues.map(
      ({ table }, index) =>
        `q${index} AS (INSERT INTO ${qualified(this.#config.schema, table)} (${columns}) SELECT ${columns} FROM messages ORDER BY position)`,
    );
    const wakes = queues.map((_, index) => `pg_notify($${index + 5}, '')`);
    const given = `SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS given (${columns}, position)`;
    const sql = `WITH messages AS (${given}), ${inserts.join(', ')} SELECT ${wakes.join(', ')}`;
    const values = [
      messages.map(({ id }) => id),
      messages.map(({ body }) => body),
      messages.map(({ traceparent }) => traceparent ?? null),
      messages.map(({ orderingKey }) => orderingKey ?? null),
      ...queues.map(({ channel }) => channel),
    ];
    await this.#pools.publisher.query({ ...prepared(sql), values });
  }

  async consume(subscription: ManifestSubscription, deliver: (message: Delivery) => Promise<void>): Promise<Consumer> {
    const queue = this.#queues(subscription.topic).find((candidate) => candidate.subscription === subscription.name);
    if (!queue) throw new Error(`subscription ${subscription.name}: no queue is configured for it in this process`);
    const table = qualified(this.#config.schema, queue.table);
    const consumer = new QueueConsumer({
      pool: this.#pools.consumer,
      table,
      owner: this.#listener.owner,
      subscription,
      deliver,
    });
    this.#listener.on(identifier(queue.channel), queue.channel, () => consumer.wake());
    return consumer;
  }

  async close(): Promise<void> {
    await this.#listener.close();
    // What nobody waits for, such as `void topic.publish(…)`, may not have begun yet.
    await Promise.all([...this.#batches.values()].map((batch) => batch.idle()));
    await Promise.all([this.#pools.publisher.end(), this.#pools.consumer.end()]);
  }

  #queues(topic: string): QueueConfig[] {
    const found = Object.hasOwn(this.#config.topics, topic) ? this.#config.topics[topic] : undefined;
    if (!found) throw new Error(`topic ${topic}: this topic is not configured for use by this process`);
    return found.queues;
  }
}
