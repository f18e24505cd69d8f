import { expect, test } from '@jest/globals';
import type { Use } from '../../analyzer/mod.ts';
import { graphOf } from './application.ts';

const line = ({ service, resource, operations }: Use) => {
  const owner = resource.kind === 'endpoint' ? `${resource.service}.` : '';
  return `${service} ${operations.join('+')} ${resource.kind}:${owner}${resource.name}`;
};

/** `service operations kind:name` of every edge. Two services, `a` and `b`, have an endpoint each. */
async function usesOf(text: string): Promise<string[]> {
  const { uses } = await graphOf(`-- a/api.ts --
import { api } from 'encore.dev/api';
export const one = api({}, async (): Promise<void> => {});
-- b/api.ts --
import { api } from 'encore.dev/api';
export const two = api({}, async (_: { id: string }): Promise<void> => {});
-- a/db.ts --
import { SQLDatabase } from 'encore.dev/storage/sqldb';
export const db = new SQLDatabase('main');
-- topics.ts --
import { Topic } from 'encore.dev/pubsub';
export const topic = new Topic<{ a: 1 }>('t', { deliveryGuarantee: 'at-least-once' });
${text}`);
  return uses.map(line);
}

test.each([
  ['a tagged template', "import { db } from './db';\nawait db.exec`SELECT 1`;", ['a read database:main']],
  [
    'a tagged template with types',
    "import { db } from './db';\nawait db.queryRow<{ n: number }>`SELECT 1`;",
    ['a read database:main'],
  ],
  [
    'a transaction',
    "import { db } from './db';\nconst tx = await db.begin();\nawait tx.commit();",
    ['a query database:main'],
  ],
  [
    'a connection string',
    "import { db } from './db';\nexport const url = db.connectionString;",
    ['a connect database:main'],
  ],
  [
    'a connection string taken out',
    "import { db } from './db';\nconst { connectionString } = db;",
    ['a connect database:main'],
  ],
  [
    'both',
    "import { db } from './db';\nvoid db.connectionString; await db['exec']`SELECT 1`;",
    ['a connect+read database:main'],
  ],
  [
    'an alias',
    "import { db as original } from './db';\nconst alias = original;\nconst again = alias!;\nawait again.exec`SELECT 1`;",
    ['a read database:main'],
  ],
  ['a namespace', "import * as dbs from './db';\nawait dbs.db.exec`SELECT 1`;", ['a read database:main']],
  [
    'a name',
    "import { SQLDatabase } from 'encore.dev/storage/sqldb';\nconst db = SQLDatabase.named('main');\nawait db.exec`SELECT 1`;",
    ['a read database:main'],
  ],
  ['publishing', "import { topic } from '../topics';\nawait topic.publish({ a: 1 });", ['a publish topic:t']],
  [
    'a secret',
    "import { secret } from 'encore.dev/config';\nconst key = secret('Key');\nexport const f = () => key();",
    ['a read secret:Key'],
  ],
  ['a secret that is never read', "import { secret } from 'encore.dev/config';\nexport const key = secret('Key');", []],
  ['a client', "import { b } from '~encore/clients';\nawait b.two({ id: 'x' });", ['a call endpoint:b.two']],
  [
    'a client by another name',
    "import { b as other } from '~encore/clients';\nawait other.two({ id: 'x' });",
    ['a call endpoint:b.two'],
  ],
  [
    'a client of a namespace',
    "import * as clients from '~encore/clients';\nawait clients.b.two({ id: 'x' });",
    ['a call endpoint:b.two'],
  ],
  [
    'a function of a client that is passed on',
    "import { b } from '~encore/clients';\nexport const call = b.two;",
    ['a call endpoint:b.two'],
  ],
  [
    'types alone',
    "import { db } from './db';\nexport type Database = typeof db;\nexport { db };\nexport default db;",
    [],
  ],
  ['a function of its own service', "import { one } from './api';\nawait one();", []],
  ['a variable of the same name', 'const db = { exec: (_: TemplateStringsArray) => {} };\ndb.exec`SELECT 1`;', []],
])('%s', async (_, module, expected) => {
  expect(await usesOf(`-- a/use.ts --\n${module}\n`)).toEqual(expected);
});

test('a use belongs to the service of its file, wherever the resource is declared', async () => {
  expect(await usesOf("-- b/use.ts --\nimport { db } from '../a/db';\nawait db.exec`SELECT 1`;\n")).toEqual([
    'b read database:main',
  ]);
});

test('a use outside the services belongs to every service whose code mentions it, also through others', async () => {
  const lib = `-- lib/deep.ts --
import { db } from '../a/db';
export const count = () => db.queryRow\`SELECT count(*)\`;
-- lib/mod.ts --
export { count } from './deep';
`;
  expect(await usesOf(lib)).toEqual([]);
  expect(await usesOf(`${lib}-- a/use.ts --\nimport { count } from '../lib/mod';\nawait count();\n`)).toEqual([
    'a read database:main',
  ]);
  expect(await usesOf(`${lib}-- a/use.ts --\nimport '../lib/mod';\n`)).toEqual([]);
  expect(await usesOf(`${lib}-- b/use.ts --\nconst { count } = await import('../lib/deep');\n`)).toEqual([
    'b read database:main',
  ]);
  expect(await usesOf(`${lib}-- b/use.ts --\nimport type { count } from '../lib/mod';\n`)).toEqual([]);
});

test('every place is kept, sorted', async () => {
  const { uses } = await graphOf(`-- a/api.ts --
import { api } from 'encore.dev/api';
import { SQLDatabase } from 'encore.dev/storage/sqldb';
const db = new SQLDatabase('main');
export const one = api({}, async (): Promise<void> => {
  await db.exec\`SELECT 1\`;
  await db.exec\`SELECT 2\`;
});
`);
  expect(uses).toEqual([
    {
      service: 'a',
      resource: { kind: 'database', name: 'main' },
      operations: ['read'],
      causes: [
        { operation: 'read', position: { file: 'a/api.ts', line: 5, column: 9, endLine: 5, endColumn: 16 } },
        { operation: 'read', position: { file: 'a/api.ts', line: 6, column: 9, endLine: 6, endColumn: 16 } },
      ],
    },
  ]);
});
