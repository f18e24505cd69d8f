import type { InfraConfig } from '../../../runtime/wire.ts';
import type { TestPostgres } from '../../support/postgres.ts';

/** The configuration of a process that knows databases under their own names and a broker with one queue per subscription. */
export function configOf(
  postgres: TestPostgres,
  { databases = [], topics = {} }: { databases?: string[]; topics?: Record<string, string[]> },
): InfraConfig {
  const { host, port, user: username, password } = postgres;
  const server = `${host}:${port}`;
  return {
    sql_servers: [
      { host: server, databases: Object.fromEntries(databases.map((name) => [name, { username, password }])) },
    ],
    fairlead: {
      version: 1,
      broker: {
        host: server,
        database: 'postgres',
        schema: 'Broker "1"',
        username,
        password,
        topics: Object.fromEntries(
          Object.entries(topics).map(([topic, subscriptions]) => [
            topic,
            {
              queues: subscriptions.map((name) => ({
                subscription: name,
                table: `${topic}/${name}`,
                channel: `wake ${name}`,
              })),
            },
          ]),
        ),
      },
    },
  };
}
