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
    'a transaction with statements',
    "import { db } from './db';\nexport async function f() {\n  await using tx = await db.begin();\n  await tx.exec`INSERT INTO t VALUES (1)`;\n  await tx.commit();\n}",
    ['a write database:main'],
  ],
  [
    'a transaction that is passed on',
    "import { db } from './db';\nexport async function f(run: (tx: unknown) => void) {\n  const tx = await db.begin();\n  run(tx);\n}",
    ['a query database:main'],
  ],
  ['a database that is passed on', "import { db } from './db';\nconsole.log(db);", ['a query database:main']],
  [
    'a method that is taken from its database',
    "import { db } from './db';\nexport const { queryAll } = db;",
    ['a query database:main'],
  ],
  [
    'a statement that is not known',
    "import { db } from './db';\nexport const f = (sql: string) => db.rawExec(sql);",
    ['a query database:main'],
  ],
  [
    'a literal statement in a string',
    "import { db } from './db';\nexport const f = () => db.rawQueryRow('SELECT 1' + ' AS n');",
    ['a read database:main'],
  ],
  [
    'a database that is declared where it is used',
    "import { SQLDatabase } from 'encore.dev/storage/sqldb';\nexport const orm = console.log(new SQLDatabase('other').connectionString);",
    ['a connect database:other'],
  ],
  ['a topic in an object', "import { topic } from '../topics';\nexport const topics = { topic };", []],
  [
    'a topic of an object',
    "import { topic } from '../topics';\nconst topics = { topic, again: topic };\nawait topics.topic.publish({ a: 1 });",
    ['a publish topic:t'],
  ],
  ['a topic that is passed on', "import { topic } from '../topics';\nconsole.log(topic);", ['a publish topic:t']],
  [
    'a reference to a topic',
    "import type { Publisher } from 'encore.dev/pubsub';\nimport { topic } from '../topics';\nexport const ref = topic.ref<Publisher<{ a: 1 }>>();",
    ['a publish topic:t'],
  ],
  [
    'a secret that is passed on',
    "import { secret } from 'encore.dev/config';\nconst key = secret('Key');\nconsole.log(key);",
    ['a read secret:Key'],
  ],
  [
    'a reference to a client that stays in sight',
    "import { b } from '~encore/clients';\nconst client = b.ref();\nexport const f = () => client.two({ id: 'x' });",
    ['a call endpoint:b.two'],
  ],
  [
    'a reference to a client that is passed on',
    "import { b } from '~encore/clients';\nconsole.log(b.ref());",
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

test('code of another service that is mentioned takes what it does, the rest of its module does not', async () => {
  const stock = `-- b/stock.ts --
import { db } from '../a/db';
import { topic } from '../topics';
export async function count() {
  return helper();
}
export const announce = () => topic.publish({ a: 1 });
async function helper() {
  return db.queryRow\`SELECT count(*) FROM stock\`;
}
`;
  expect(await usesOf(`${stock}-- a/use.ts --\nimport { count } from '../b/stock';\nawait count();\n`)).toEqual([
    'a read database:main',
    'b read database:main',
    'b publish topic:t',
  ]);
});

test('what a module does when it is loaded is done by every service that loads it', async () => {
  const orm = `-- lib/orm.ts --
import { db } from '../a/db';
import { topic } from '../topics';
export const orm = { url: db.connectionString };
const timer = setInterval(() => topic.publish({ a: 1 }), 1000);
`;
  expect(await usesOf(`${orm}-- b/use.ts --\nimport '../lib/orm';\n`)).toEqual([
    'b connect database:main',
    'b publish topic:t',
  ]);
});

test('the tables of literal statements are kept', async () => {
  const { uses } = await graphOf(`-- a/api.ts --
import { api } from 'encore.dev/api';
import { SQLDatabase } from 'encore.dev/storage/sqldb';
const db = new SQLDatabase('main');
export const one = api({}, async (): Promise<void> => {
  await db.exec\`INSERT INTO sales SELECT * FROM orders WHERE id = \${1}\`;
});
`);
  expect(uses.map(({ operations, tables }) => ({ operations, tables }))).toEqual([
    {
      operations: ['write'],
      tables: [
        { name: 'orders', operations: ['read'] },
        { name: 'sales', operations: ['write'] },
      ],
    },
  ]);
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
