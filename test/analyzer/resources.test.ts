import { describe, expect, test } from '@jest/globals';
import type { Graph } from '../../analyzer/mod.ts';
import { graphOf } from './application.ts';

const ping = `-- a/ping.ts --
import { api } from 'encore.dev/api';
export const ping = api({}, async (): Promise<void> => {});
`;
const without = <T extends { position: unknown }>({ position, ...rest }: T) => rest;

async function partOf<K extends 'databases' | 'topics' | 'cronJobs' | 'secrets'>(kind: K, text: string) {
  const graph: Graph = await graphOf(ping + text);
  return graph[kind].map((node: { position: unknown }) => without(node));
}

describe('databases', () => {
  const sqldb = "import { SQLDatabase } from 'encore.dev/storage/sqldb';\n";

  test('with and without migrations, inside and outside a service, by name', async () => {
    expect(
      await partOf(
        'databases',
        `-- a/db.ts --
${sqldb}export const db = new SQLDatabase('b', { migrations: './migrations' });
export default new SQLDatabase('a');
-- a/migrations/2_second.up.sql --
INSERT INTO t VALUES (1);
-- a/migrations/10_tenth.up.sql --
SELECT 1;
-- a/migrations/1_first.up.sql --
CREATE TABLE t (id bigint);
-- a/migrations/1_first.down.sql --
DROP TABLE t;
-- a/migrations/README.md --
Not a migration.
-- lib.ts --
${sqldb}const shared = new SQLDatabase('c', {});
const again = SQLDatabase.named('b');
`,
      ),
    ).toEqual([
      { name: 'a', service: 'a' },
      {
        name: 'b',
        service: 'a',
        migrations: {
          directory: 'a/migrations',
          layout: 'default',
          files: [
            {
              version: 1,
              name: 'first',
              file: 'a/migrations/1_first.up.sql',
              hash: expect.stringMatching(/^[0-9a-f]{64}$/),
              statements: expect.any(Array),
            },
            {
              version: 2,
              name: 'second',
              file: 'a/migrations/2_second.up.sql',
              hash: expect.any(String),
              statements: expect.any(Array),
            },
            {
              version: 10,
              name: 'tenth',
              file: 'a/migrations/10_tenth.up.sql',
              hash: expect.any(String),
              statements: expect.any(Array),
            },
          ],
        },
      },
      { name: 'c' },
    ]);
  });

  test.each([
    ['drizzle', '0001_a.sql', 'a/sql/0001_a.sql', 1],
    ['drizzle/v1', '20250102030405_a/migration.sql', 'a/sql/20250102030405_a/migration.sql', 20250102030405],
    ['prisma', '20250102030405_a/migration.sql', 'a/sql/20250102030405_a/migration.sql', 20250102030405],
  ])('migrations written by %s', async (source, path, file, version) => {
    const [database] = await partOf(
      'databases',
      `-- a/db.ts --
${sqldb}const db = new SQLDatabase('a', { migrations: { path: 'sql', source: '${source}' } });
-- a/sql/${path} --
SELECT 1;
-- a/sql/meta/_journal.json --
{}
`.replace(/-- a\/sql\/meta[\s\S]*/, source === 'drizzle' ? '$&' : ''),
    );
    expect(database).toMatchObject({ migrations: { files: [{ version, name: 'a', file }] } });
  });
});

describe('topics', () => {
  const topic = (config: string) => `-- a/t.ts --
import { Topic, type Attribute } from 'encore.dev/pubsub';
export const t = new Topic<{ id: string; region: Attribute<string> }>('t', ${config});
`;
  const message = {
    type: 'object',
    properties: { id: { type: 'string' }, region: { type: 'string' } },
    required: ['id', 'region'],
  };

  test.each([
    ["{ deliveryGuarantee: 'at-least-once' }", { deliveryGuarantee: 'at-least-once' }],
    ["{ deliveryGuarantee: 'exactly-once' as const }", { deliveryGuarantee: 'exactly-once' }],
    [
      "{ deliveryGuarantee: 'at-least-once', orderingAttribute: 'region' }",
      { deliveryGuarantee: 'at-least-once', orderingAttribute: 'region' },
    ],
  ])('%s', async (config, expected) => {
    expect(await partOf('topics', topic(config))).toEqual([
      { name: 't', service: 'a', attributes: expect.any(Array), message, ...expected },
    ]);
  });
});

describe('subscriptions', () => {
  const subscribe = (config: string) => `-- a/s.ts --
import { Subscription } from 'encore.dev/pubsub';
import * as topics from '../lib';
const handle = async (_: { a: 1 }) => {};
const _ = new Subscription(topics.t, 's', ${config});
-- lib.ts --
export { t } from './topics.ts';
-- topics.ts --
import { Topic } from 'encore.dev/pubsub';
const original = new Topic<{ a: 1 }>('t', { deliveryGuarantee: 'at-least-once' });
export const t = original;
`;
  const defaults = {
    name: 's',
    topic: 't',
    module: 'a/s.ts',
    ackDeadline: 30_000,
    messageRetention: 604_800_000,
    retry: { minBackoff: 10_000, maxBackoff: 600_000, maxRetries: 100 },
  };

  test.each([
    ['{ handler: handle }', {}],
    ['{ handler: async (m) => {} }', {}],
    ['{ async handler(m) {} }', {}],
    [
      "{ handler: handle, maxConcurrency: 2 * 5, ackDeadline: '1m30s', messageRetention: '24h' }",
      { maxConcurrency: 10, ackDeadline: 90_000, messageRetention: 86_400_000 },
    ],
    [
      "{ handler: handle, retryPolicy: { minBackoff: '500ms', maxBackoff: '1h', maxRetries: 3 } }",
      { retry: { minBackoff: 500, maxBackoff: 3_600_000, maxRetries: 3 } },
    ],
    ['{ handler: handle, retryPolicy: { maxRetries: 0 } }', {}],
  ])('%s', async (config, expected) => {
    const { services } = await graphOf(subscribe(config));
    expect(services.flatMap(({ subscriptions }) => subscriptions.map(without))).toEqual([{ ...defaults, ...expected }]);
  });
});

describe('cron jobs', () => {
  test.each([
    ["every: '5m'", { when: { every: 300_000 } }],
    ["every: '24h', title: 'Once a day'", { when: { every: 86_400_000 }, title: 'Once a day' }],
    ["schedule: '0 4 15 * *'", { when: { schedule: '0 4 15 * *' } }],
    ["schedule: '*/10 9-17 * * MON-FRI'", { when: { schedule: '*/10 9-17 * * MON-FRI' } }],
  ])('%s', async (when, expected) => {
    expect(
      await partOf(
        'cronJobs',
        `-- a/c.ts --
import { CronJob } from 'encore.dev/cron';
import { ping } from './ping';
const _ = new CronJob('c', { endpoint: ping, ${when} });
`,
      ),
    ).toEqual([{ name: 'c', service: 'a', endpoint: { service: 'a', endpoint: 'ping' }, ...expected }]);
  });
});

test('secrets: one of a name, wherever it is read', async () => {
  const secret = "import { secret } from 'encore.dev/config';\nconst key = secret('Key');\n";
  expect(
    await partOf('secrets', `-- a/s.ts --\n${secret}-- lib.ts --\n${secret}export const other = secret('Also');`),
  ).toEqual([{ name: 'Also' }, { name: 'Key' }]);
});
