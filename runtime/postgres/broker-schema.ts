import type { BrokerConfig } from '../wire.ts';

/**
 * The statements that make the queues, safe to repeat; later versions add columns with `IF NOT EXISTS`.
 * `attempts` counts deliveries and is what a delivery proves itself with: an answer that comes after the message went to
 * someone else changes nothing. `owner` is the consumer that handles it, alive as long as it holds the advisory lock of
 * that number. A message that failed too often stays as a dead letter until it is too old.
 */
export function brokerSchema({ schema, topics }: Pick<BrokerConfig, 'schema' | 'topics'>): string[] {
  const tables = Object.values(topics).flatMap(({ queues }) => queues.map(({ table }) => table));
  return [`CREATE SCHEMA IF NOT EXISTS ${identifier(schema)}`, ...tables.flatMap((table) => queue(schema, table))];
}

export function qualified(schema: string, table: string): string {
  return `${identifier(schema)}.${identifier(table)}`;
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function queue(schema: string, table: string): string[] {
  const name = qualified(schema, table);
  return [
    `CREATE TABLE IF NOT EXISTS ${name} (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      message_id text NOT NULL,
      body text NOT NULL,
      traceparent text,
      ordering_key text,
      published_at timestamptz NOT NULL DEFAULT now(),
      visible_at timestamptz NOT NULL DEFAULT now(),
      attempts integer NOT NULL DEFAULT 0,
      owner bigint,
      state text NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'dead')),
      last_error text
    )`,
    `CREATE INDEX IF NOT EXISTS ${identifier(`${table.slice(0, 50)}_visible`)} ON ${name} (visible_at) WHERE state = 'ready'`,
    `CREATE INDEX IF NOT EXISTS ${identifier(`${table.slice(0, 50)}_ordering`)} ON ${name} (ordering_key, id) WHERE ordering_key IS NOT NULL`,
  ];
}
