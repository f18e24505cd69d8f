import type { Pool } from 'pg';
import { resolveEnv } from '../infra/config.ts';
import { crypto } from '../node.ts';
import { identifier, qualified } from '../postgres/broker-schema.ts';
import { openPool, type Server, splitHost } from '../postgres/connect.ts';
import type { BrokerConfig, ManifestSubscription } from '../wire.ts';
import { QueueConsumer } from './postgres-consumer.ts';
import { Listener } from './postgres-listener.ts';
import type { Consumer, Delivery, Outgoing, Provider } from './provider.ts';

/** Connections that publish, claim and acknowledge. */
const poolSize = 5;

/** The durable broker on PostgreSQL that `runtime/wire.ts` describes. Connects at its first use. */
export async function openBroker(config: BrokerConfig): Promise<Provider> {
  const server: Server = {
    ...splitHost(config.host),
    user: config.username,
    password: resolveEnv(config.password, 'the password of the broker'),
    database: config.database,
    ssl: false,
  };
  return new PostgresBroker(config, server, await openPool(server, { max: poolSize, min: 0 }));
}

class PostgresBroker implements Provider {
  readonly #config: BrokerConfig;
  readonly #pool: Pool;
  readonly #listener: Listener;

  constructor(config: BrokerConfig, server: Server, pool: Pool) {
    this.#config = config;
    this.#pool = pool;
    // An advisory lock of two numbers: ours, and one per process.
    this.#listener = new Listener(server, crypto.randomInt(1, 2 ** 31 - 1));
  }

  async publish(topic: string, message: Outgoing): Promise<string> {
    const queues = this.#queues(topic);
    const id = crypto.randomUUID();
    if (queues.length === 0) return id;
    const inserts = queues.map(
      ({ table }, index) =>
        `q${index} AS (INSERT INTO ${qualified(this.#config.schema, table)} (message_id, body, traceparent, ordering_key) VALUES ($1, $2, $3, $4))`,
    );
    const wakes = queues.map((_, index) => `pg_notify($${index + 5}, '')`);
    await this.#pool.query(`WITH ${inserts.join(', ')} SELECT ${wakes.join(', ')}`, [
      id,
      message.body,
      message.traceparent ?? null,
      message.orderingKey ?? null,
      ...queues.map(({ channel }) => channel),
    ]);
    return id;
  }

  async consume(subscription: ManifestSubscription, deliver: (message: Delivery) => Promise<void>): Promise<Consumer> {
    const queue = this.#queues(subscription.topic).find((candidate) => candidate.subscription === subscription.name);
    if (!queue) throw new Error(`subscription ${subscription.name}: no queue is configured for it in this process`);
    const table = qualified(this.#config.schema, queue.table);
    const consumer = new QueueConsumer({ pool: this.#pool, table, owner: this.#listener.owner, subscription, deliver });
    this.#listener.on(identifier(queue.channel), queue.channel, () => consumer.wake());
    return consumer;
  }

  async close(): Promise<void> {
    await this.#listener.close();
    await this.#pool.end();
  }

  #queues(topic: string): { subscription: string; table: string; channel: string }[] {
    const found = Object.hasOwn(this.#config.topics, topic) ? this.#config.topics[topic] : undefined;
    if (!found) throw new Error(`topic ${topic}: this topic is not configured for use by this process`);
    return found.queues;
  }
}
