import { describe, expect, test } from '@jest/globals';
import type { Use } from '../../analyzer/mod.ts';
import { analyzeText, graphOf } from './application.ts';

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

test('what is registered for a service is not done by those that load the module', async () => {
  const jobs = `-- b/jobs.ts --
import { api } from 'encore.dev/api';
import { authHandler } from 'encore.dev/auth';
import { CronJob } from 'encore.dev/cron';
import { Subscription, Topic } from 'encore.dev/pubsub';
import { secret } from 'encore.dev/config';
import type { Header } from 'encore.dev/api';
import { db } from '../a/db';
const key = secret('Key');
export const made = new Topic<{ n: number }>('made', { deliveryGuarantee: 'at-least-once' });
export const roles = ['admin'];
export const sweep = api({}, async () => { key(); });
new CronJob('sweep', { every: '1h', endpoint: sweep });
new Subscription(made, 'work', { handler: work });
async function work() { await db.exec\`DELETE FROM t\`; }
export const auth = authHandler<{ authorization: Header<string> }, { userID: string }>(async () => ({ userID: key() }));
`;
  expect(
    await usesOf(
      `${jobs}-- a/use.ts --\nimport { made, roles } from '../b/jobs';\nawait made.publish({ n: roles.length });\n`,
    ),
  ).toEqual(['a publish topic:made', 'b write database:main', 'b read secret:Key']);
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

/** Two services, `a` and `b`, with one of each kind of resource in modules beside them. */
const shop = `-- a/api.ts --
import { api } from 'encore.dev/api';
export const one = api({}, async (): Promise<void> => {});
-- b/api.ts --
import { api } from 'encore.dev/api';
export const two = api({}, async (_: { id: string }): Promise<void> => {});
-- lib/db.ts --
import { SQLDatabase } from 'encore.dev/storage/sqldb';
export const db = new SQLDatabase('main');
-- lib/topics.ts --
import { Topic } from 'encore.dev/pubsub';
export const created = new Topic<{ a: 1 }>('created', { deliveryGuarantee: 'at-least-once' });
export const removed = new Topic<{ a: 1 }>('removed', { deliveryGuarantee: 'at-least-once' });
-- lib/files.ts --
import { Bucket } from 'encore.dev/storage/objects';
export const files = new Bucket('files');
-- lib/cache.ts --
import { CacheCluster, StringKeyspace } from 'encore.dev/storage/cache';
const cluster = new CacheCluster('main');
export const names = new StringKeyspace<string>(cluster, { keyPattern: 'names/:key' });
`;

/** As `usesOf`, or what is wrong and where: `FL1108 a/use.ts:3`. */
async function outcomeOf(text: string): Promise<string[]> {
  const { graph, diagnostics } = await analyzeText(shop + text);
  return graph
    ? graph.uses.map(line)
    : diagnostics.map(({ code, position }) => `${code} ${position?.file}:${position?.line}`);
}

const db = "import { db } from '../lib/db';\n";
const topics = "import * as topics from '../lib/topics';\n";
const files = "import { files } from '../lib/files';\n";
const names = "import { names } from '../lib/cache';\n";

describe('code that', () => {
  test.each([
    // Held by classes.
    [
      'holds a database in a private field',
      `${db}export class Repo {\n  private db = db;\n  all() { return this.db.queryAll\`SELECT 1\`; }\n}`,
      ['a read database:main'],
    ],
    [
      'holds a database in a # field',
      `${db}export class Repo {\n  #db = db;\n  all() { return this.#db.queryAll\`SELECT 1\`; }\n}`,
      ['a read database:main'],
    ],
    [
      'takes a private field of another instance',
      `${db}export class Repo {\n  private db = db;\n  copy(other: Repo) { return other.db.exec\`DELETE FROM t\`; }\n}`,
      ['a write database:main'],
    ],
    [
      'takes a # field of another instance',
      `${db}export class Repo {\n  #db = db;\n  copy(other: Repo) { return other.#db.exec\`DELETE FROM t\`; }\n}`,
      ['a write database:main'],
    ],
    [
      'takes a private field apart',
      `${db}export class Repo {\n  private db = db;\n  copy(other: Repo) { const { db } = other; return db.exec\`SELECT 1\`; }\n}`,
      ['a query database:main'],
    ],
    [
      'passes `this` on',
      `${db}export class Repo {\n  private db = db;\n  all() { return use(this); }\n}\nfunction use(_: unknown) {}`,
      ['a query database:main'],
    ],
    [
      'holds a database in a field that others see',
      `${db}export class Repo {\n  readonly db = db;\n}`,
      ['a query database:main'],
    ],
    [
      'takes a database as a parameter property',
      `${db}export class Repo {\n  constructor(private readonly own = db) {}\n}`,
      ['a query database:main'],
    ],
    [
      'declares a database in a static property',
      "import { SQLDatabase } from 'encore.dev/storage/sqldb';\nclass Repo {\n  static db = new SQLDatabase('own');\n  static all() { return this.db.queryAll`SELECT 1`; }\n}\nexport const f = () => Repo.all();",
      ['a read database:own'],
    ],
    [
      'holds a database in a static property',
      `${db}class Repo { static db = db; }\nexport const f = () => Repo.db.exec\`SELECT 1\`;`,
      ['a read database:main'],
    ],
    [
      'passes on a class that holds a database',
      `${db}class Repo { static db = db; }\nuse(Repo);\nfunction use(_: unknown) {}`,
      ['a query database:main'],
    ],
    [
      'passes such a class to a constructor',
      `${db}class Repo { static db = db; }\nnew Set([1]);\nnew Holder(Repo);\nclass Holder { constructor(_: unknown) {} }`,
      ['a query database:main'],
    ],
    [
      'inherits a static property',
      `${db}class Repo { static db = db; }\nclass Sub extends Repo {}\nexport const f = () => Sub.db.exec\`SELECT 1\`;`,
      ['a query database:main'],
    ],
    [
      'only makes such a class',
      `${db}class Repo { static db = db; }\nexport const repo = new Repo();\nexport const is = repo instanceof Repo;`,
      [],
    ],
    [
      'holds a database in a class expression',
      `${db}export const Repo = class { static db = db; };`,
      ['a query database:main'],
    ],
    [
      'uses it in a getter',
      `${db}export class Repo { get count() { return db.queryRow\`SELECT 1\`; } }`,
      ['a read database:main'],
    ],
    [
      'gives it to a decorator',
      `${db}export class Repo { @put(db) run() {} }\nfunction put(_: unknown) { return (..._: unknown[]): void => {}; }`,
      ['a query database:main'],
    ],
    // Held by objects and modules.
    [
      'holds topics in an object and picks one',
      `${topics}const all = { created: topics.created, removed: topics.removed };\nvoid all.created.publish({ a: 1 });`,
      ['a publish topic:created'],
    ],
    [
      'picks one by a name that is computed',
      `${topics}const all = { created: topics.created, removed: topics.removed };\nexport const f = (name: keyof typeof all) => all[name].publish({ a: 1 });`,
      ['a publish topic:created', 'a publish topic:removed'],
    ],
    [
      'walks over an object of topics',
      `${topics}const all = { created: topics.created };\nfor (const topic of Object.values(all)) void topic.publish({ a: 1 });`,
      ['a publish topic:created'],
    ],
    [
      'walks over a list of topics',
      `${topics}const all = [topics.created, topics.removed];\nfor (const topic of all) void topic.publish({ a: 1 });`,
      ['a publish topic:created', 'a publish topic:removed'],
    ],
    [
      'spreads an object of topics',
      `${topics}const all = { created: topics.created };\nexport const more = { ...all };`,
      ['a publish topic:created'],
    ],
    [
      'spreads a namespace',
      `${topics}export const more = { ...topics };`,
      ['a publish topic:created', 'a publish topic:removed'],
    ],
    ['passes a namespace on', `${topics}console.log(topics);`, ['a publish topic:created', 'a publish topic:removed']],
    [
      'indexes a namespace',
      `${topics}export const f = (name: 'created') => topics[name].publish({ a: 1 });`,
      ['a publish topic:created', 'a publish topic:removed'],
    ],
    [
      'takes a namespace apart',
      `${topics}const { created: topic } = topics;\nvoid topic.publish({ a: 1 });`,
      ['a publish topic:created'],
    ],
    [
      'takes a namespace apart in a function',
      `${topics}export function f() {\n  const { created } = topics;\n  return created.publish({ a: 1 });\n}`,
      ['a publish topic:created'],
    ],
    [
      'takes what is left of a namespace',
      `${topics}export const { created, ...others } = topics;`,
      ['a publish topic:created', 'a publish topic:removed'],
    ],
    [
      'takes a namespace apart with a default',
      `${topics}const { created = topics.removed } = topics;\nvoid created.publish({ a: 1 });`,
      ['a publish topic:created', 'a publish topic:removed'],
    ],
    [
      'names a namespace anew',
      `${topics}const again = topics;\nvoid again.created.publish({ a: 1 });`,
      ['a publish topic:created'],
    ],
    [
      'names a namespace anew in a function',
      `${topics}export function f() {\n  const again = topics;\n  return again.created.publish({ a: 1 });\n}`,
      ['a publish topic:created'],
    ],
    [
      'gives an object another type',
      `${topics}const all: Record<string, typeof topics.created> = { created: topics.created };\nvoid all.created?.publish({ a: 1 });`,
      ['a publish topic:created'],
    ],
    [
      'gives an object a computed name',
      `${topics}const name = 'x' as string;\nexport const all = { [name]: topics.created };`,
      ['a publish topic:created'],
    ],
    [
      'reaches a topic of its object by `this`',
      `${topics}export const repo = {\n  topic: topics.created,\n  tell() { return this.topic.publish({ a: 1 }); },\n};`,
      ['a publish topic:created'],
    ],
    [
      'gives away the object by `this`',
      `${topics}export const repo = {\n  topic: topics.created,\n  self() { return this; },\n};`,
      ['a publish topic:created'],
    ],
    [
      'nests namespaces',
      "import { all } from './barrel';\nvoid all.inner.created.publish({ a: 1 });\n-- a/barrel.ts --\nexport * as all from './more';\n-- a/more.ts --\nexport * as inner from '../lib/topics';",
      ['a publish topic:created'],
    ],
    [
      'passes on nested namespaces',
      "import { all } from './barrel';\nconsole.log(all);\n-- a/barrel.ts --\nexport * as all from './more';\n-- a/more.ts --\nexport * as inner from '../lib/topics';",
      ['a publish topic:created', 'a publish topic:removed'],
    ],
    [
      'takes nested namespaces apart',
      "import { all } from './barrel';\nconst { inner } = all;\nvoid inner.created.publish({ a: 1 });\n-- a/barrel.ts --\nexport * as all from './more';\n-- a/more.ts --\nexport * as inner from '../lib/topics';",
      ['a publish topic:created'],
    ],
    [
      'goes through barrels',
      "import { created as topic } from './barrel';\nvoid topic.publish({ a: 1 });\n-- a/barrel.ts --\nexport * from './more';\n-- a/more.ts --\nexport { created } from '../lib/topics';",
      ['a publish topic:created'],
    ],
    [
      'takes a default export',
      "import own from './own';\nvoid own.exec`SELECT 1`;\n-- a/own.ts --\nimport { SQLDatabase } from 'encore.dev/storage/sqldb';\nexport default new SQLDatabase('own');",
      ['a read database:own'],
    ],
    [
      'takes an overloaded default export',
      "import get from './own';\nget(1);\n-- a/own.ts --\nimport { db } from '../lib/db';\nexport default function get(n: number): unknown;\nexport default function get(_: unknown) { return db.exec`SELECT 1`; }",
      ['a read database:main'],
    ],
    [
      'goes through many names',
      `import { all25, name25 } from '../zz/names';\nvoid name25.exec\`SELECT 1\`;\nvoid all25.created.publish({ a: 1 });\n-- zz/names.ts --\nimport { db } from '../lib/db';\nimport * as topics from '../lib/topics';\nexport const name0 = db, all0 = topics;\n${Array.from({ length: 25 }, (_, n) => `export const name${n + 1} = name${n}, all${n + 1} = all${n};`).join('\n')}`,
      ['a read database:main', 'a publish topic:created'],
    ],
    [
      'takes a default export of an object',
      "import all from './all';\nvoid all.created.publish({ a: 1 });\n-- a/all.ts --\nimport { created } from '../lib/topics';\nexport default { created };",
      ['a publish topic:created'],
    ],
    [
      'uses a namespace of TypeScript',
      `${db}export namespace Repo {\n  export const own = db;\n}\nvoid Repo.own.exec\`SELECT 1\`;`,
      ['a query+read database:main'],
    ],
    [
      'names a database in a clause of a switch',
      `${db}export function f(n: number) {\n  switch (n) {\n    case 0:\n      const own = db;\n    default:\n      return own.exec\`SELECT 1\`;\n  }\n}`,
      ['a read database:main'],
    ],
    [
      'names a database in a loop',
      `${db}for (const own = db; ; ) void own.exec\`SELECT 1\`;`,
      ['a read database:main'],
    ],
    // Loaded late.
    [
      'runs a module in a thread',
      "import { Worker } from 'node:worker_threads';\nnew Worker(new URL('../lib/work.js', import.meta.url));\nnew URL('./none.ts', import.meta.url);\nnew URL('https://a.test');\nnew URL;\n-- lib/work.ts --\nimport { db } from './db';\nexport const f = () => db.exec`SELECT 1`;",
      ['a read database:main'],
    ],
    [
      'loads a module late',
      "const { db } = await import('../lib/db');\nawait db.exec`SELECT 1`;",
      ['a read database:main'],
    ],
    [
      'loads a module late in a function',
      "export async function f() {\n  const { db: late } = await import('../lib/db');\n  await late.exec`SELECT 1`;\n}",
      ['a read database:main'],
    ],
    [
      'takes a member of a module that it loads',
      "export const rows = (await import('../lib/db')).db.exec`SELECT 1`;",
      ['a read database:main'],
    ],
    [
      'names a module that it loads',
      "export async function f() {\n  const lib = await import('../lib/db');\n  await lib.db.exec`SELECT 1`;\n}",
      ['a read database:main'],
    ],
    [
      'waits for a module by `then`',
      "void import('../lib/db').then(({ db }) => db.exec`SELECT 1`);",
      ['a query database:main'],
    ],
    ['loads a module for nothing', "import '../lib/db';\nvoid import('../lib/topics');\nimport('../lib/topics');", []],
    [
      'loads code by a barrel',
      "export const f = async () => (await import('../lib/barrel')).count();\n-- lib/barrel.ts --\nexport { count } from './count';\n-- lib/count.ts --\nimport { db } from './db';\nexport const count = () => db.exec`SELECT 1`;",
      ['a read database:main'],
    ],
    [
      'loads a client late',
      "const { b } = await import('~encore/clients');\nawait b.two({ id: 'x' });",
      ['a call endpoint:b.two'],
    ],
    [
      'passes all clients on',
      "import * as clients from '~encore/clients';\nconsole.log(clients);",
      ['a call endpoint:a.one', 'a call endpoint:b.two'],
    ],
    // Expressions.
    [
      'chooses',
      `${topics}const topic = Math.random() > 0.5 ? topics.created : topics.removed;\nvoid topic.publish({ a: 1 });`,
      ['a publish topic:created', 'a publish topic:removed'],
    ],
    [
      'has a variable that changes',
      `${db}let own = db;\nvoid own.exec\`SELECT 1\`;\nown = db;`,
      ['a query database:main'],
    ],
    [
      'has a default for a parameter',
      `${db}export const f = (own = db) => own.exec\`SELECT 1\`;`,
      ['a query database:main'],
    ],
    ['returns a closure', `${db}export const f = () => () => db.exec\`SELECT 1\`;`, ['a read database:main']],
    ['returns a database', `${db}export const f = () => db;`, ['a query database:main']],
    [
      'is a generator',
      `${db}export async function* f() {\n  yield* db.query\`SELECT 1\`;\n}`,
      ['a read database:main'],
    ],
    ['chains optionally', `${db}export const f = () => db?.rawExec('SELECT 1');`, ['a read database:main']],
    ['insists', `${db}export const f = () => db!.exec\`SELECT 1\`;`, ['a read database:main']],
    ['awaits a database', `${db}export const f = async () => (await db).exec\`SELECT 1\`;`, ['a read database:main']],
    ['has a comma', `${db}export const f = () => (0, db).exec\`SELECT 1\`;`, ['a query database:main']],
    [
      'names a method by an expression',
      `${db}export const f = (name: 'exec') => db[name]\`SELECT 1\`;`,
      ['a query database:main'],
    ],
    ['binds a method', `${db}export const f = db.exec.bind(db);`, ['a query database:main']],
    [
      'spreads its arguments',
      `${db}export const f = (all: [string]) => db.rawExec(...all);`,
      ['a query database:main'],
    ],
    [
      'gives a transaction to a helper',
      `${db}export async function f() {\n  await using tx = await db.begin();\n  await help(tx);\n}\nasync function help(_: unknown) {}`,
      ['a query database:main'],
    ],
    [
      'gives a connection string to a library',
      `${db}export const pool = new Map([['url', db.connectionString]]);`,
      ['a connect database:main'],
    ],
    ['tests whether it is there', `${db}if (typeof db === 'object') void db;`, []],
    [
      'takes a database out of the console',
      `${db}export const element = <T,>(_: T) => ({ db });`,
      ['a query database:main'],
    ],
    [
      'chains `with`',
      `${names}import { expireIn, keepTTL } from 'encore.dev/storage/cache';\nvoid names.with({ expiry: keepTTL }).with({ expiry: expireIn(1) }).set('k', 'v');`,
      ['a write keyspace:names/:key'],
    ],
    [
      'passes on what `with` gives',
      `${names}import { keepTTL } from 'encore.dev/storage/cache';\nconsole.log(names.with({ expiry: keepTTL }));`,
      ['a read+write keyspace:names/:key'],
    ],
    // Buckets.
    [
      'has a reference for a default',
      `${files}import type { Lister } from 'encore.dev/storage/objects';\nexport const f = (to = files.ref<Lister>()) => to.list({});`,
      ['a list bucket:files'],
    ],
    [
      'holds a bucket in a private field',
      `${files}export class Store {\n  readonly #files = files;\n  drop() { return this.#files.remove('x'); }\n}`,
      ['a remove bucket:files'],
    ],
    [
      'streams an object in and out',
      `${files}export const f = async () => files.uploadStream('x', await files.downloadStream('y'));`,
      ['a download+upload bucket:files'],
    ],
    [
      'streams objects by a reference',
      `${files}import type { Remover, StreamUploader } from 'encore.dev/storage/objects';\nexport const to = files.ref<StreamUploader & Remover>();`,
      ['a remove+upload bucket:files'],
    ],
    ['puts a bucket into a map', `${files}export const all = new Map([['files', files]]);`, ['FL1108 a/use.ts:2']],
    [
      'puts a bucket into a field that others see',
      `${files}export class Store {\n  files = files;\n}`,
      ['FL1108 a/use.ts:3'],
    ],
    [
      'passes on a namespace with a bucket',
      "import * as all from '../lib/files';\nconsole.log(all);",
      ['FL1108 a/use.ts:2'],
    ],
    [
      'chooses between a bucket and nothing',
      `${files}export const some = Math.random() > 0.5 ? files : undefined;`,
      ['FL1108 a/use.ts:2'],
    ],
    ['takes `ref` without calling it', `${files}export const ref = files.ref;`, ['FL1108 a/use.ts:2']],
    [
      'calls a method that no bucket has',
      `${files}export const f = () => (files as never as { open(): void }).open();`,
      ['FL1108 a/use.ts:2'],
    ],
    [
      'passes on a library',
      'import * as pg from \'pg\';\nconsole.log(pg);\n-- node_modules/pg/package.json --\n{ "name": "pg", "types": "index.d.ts" }\n-- node_modules/pg/index.d.ts --\nexport declare const pool: { query(sql: string): void };',
      [],
    ],
    // What stays what it is.
    [
      'names a holder for nothing',
      `${topics}topics;\nconst all = { created: topics.created };\nvoid all;\nexport default all;`,
      [],
    ],
    [
      'passes on two names of one topic',
      `${topics}const all = { created: topics.created, again: topics.created };\nconsole.log(all);`,
      ['a publish topic:created'],
    ],
    [
      'makes a keyspace with another expiry for nothing',
      `${names}import { keepTTL } from 'encore.dev/storage/cache';\nnames.with({ expiry: keepTTL });`,
      [],
    ],
    ['takes `with` without calling it', `${names}export const w = names.with;`, ['a read+write keyspace:names/:key']],
    [
      'takes out a computed property',
      `${db}const { ['connectionString']: url } = db;\nvoid url;`,
      ['a query database:main'],
    ],
    [
      'names things by each other',
      `${db}const one: unknown = two;\nconst two: unknown = one;\nexport const f = () => [one, two, db.exec\`SELECT 1\`];`,
      ['a read database:main'],
    ],
    [
      'takes objects apart that name each other',
      'export const { one }: { one: unknown } = two;\nconst two = { one };\nconst { a = 1, ...rest } = { a: 2 };\nconst [b] = [rest];\nvoid [a, b];',
      [],
    ],
    [
      'asks a topic for a reference of no type',
      `${topics}export const ref = topics.created.ref();`,
      ['a publish topic:created'],
    ],
    [
      'asks for permissions in parentheses',
      `${files}import type { Lister, Remover } from 'encore.dev/storage/objects';\nexport const ref = files.ref<(Lister & Remover)>();`,
      ['a list+remove bucket:files'],
    ],
    [
      'asks for permissions without end',
      `${files}type One = Two;\ntype Two = One;\nexport const ref = files.ref<One>();`,
      ['FL1110 a/use.ts:4'],
    ],
    [
      'asks for a permission that nobody knows',
      `${files}export const ref = files.ref<Nobody>();`,
      ['FL1110 a/use.ts:2'],
    ],
    [
      'takes the `ref` of a client without calling it',
      "import { b } from '~encore/clients';\nconsole.log(b.ref);",
      ['a call endpoint:b.two'],
    ],
    [
      'mentions what declares for nothing',
      "import { SQLDatabase } from 'encore.dev/storage/sqldb';\nSQLDatabase;\nexport const is = (x: unknown) => x instanceof SQLDatabase;",
      [],
    ],
    [
      'calls functions of PostgreSQL that leave everything as it is',
      `${db}void db.query\`SELECT lower(a), pg_catalog.count(*) FROM t WHERE at < now()\`;`,
      ['a read database:main'],
    ],
    ['sets a sequence', `${db}void db.query\`SELECT setval('s', 1)\`;`, ['a write database:main']],
    [
      'calls a function of the database that may do anything',
      `${db}void db.query\`SELECT purge_everything()\`;`,
      ['a query database:main'],
    ],
    [
      'runs a statement elsewhere by a function',
      `${db}void db.query\`WITH x AS (SELECT * FROM dblink_exec('x', 'DELETE FROM t')) SELECT * FROM x\`;`,
      ['a query database:main'],
    ],
    ['ends a connection', `${db}void db.query\`SELECT pg_terminate_backend(1)\`;`, ['a query database:main']],
    // Imports of types.
    [
      'imports a type by name where imports stay',
      'import { type T } from \'../lib/side\';\nexport const f = (t: T) => t;\n-- lib/side.ts --\nimport { db } from \'./db\';\nexport type T = string;\nvoid db.exec`SELECT 1`;\n-- tsconfig.json --\n{ "compilerOptions": { "verbatimModuleSyntax": true } }',
      ['a read database:main'],
    ],
    [
      'imports a type by name',
      "import { type T } from '../lib/side';\nexport const f = (t: T) => t;\n-- lib/side.ts --\nimport { db } from './db';\nexport type T = string;\nvoid db.exec`SELECT 1`;",
      [],
    ],
    // Tests are no part of the application.
    [
      'is in a test',
      `-- a/use.test.ts --\n${db}await db.exec\`DELETE FROM t\`;\n-- a/__tests__/more.ts --\n${db}await db.exec\`DELETE FROM t\`;`,
      [],
    ],
  ])('%s', async (_, module, expected) => {
    expect(await outcomeOf(module.startsWith('-- ') ? module : `-- a/use.ts --\n${module}\n`)).toEqual(expected);
  });
});

describe('what declares resources, when it', () => {
  test.each([
    ['is loaded late', "const { SQLDatabase } = await import('encore.dev/storage/sqldb');\nnew SQLDatabase('own');", 1],
    [
      'is taken from a namespace',
      "import * as sqldb from 'encore.dev/storage/sqldb';\nconst { SQLDatabase } = sqldb;\nnew SQLDatabase('own');",
      2,
    ],
    [
      'is inherited from',
      "import { SQLDatabase } from 'encore.dev/storage/sqldb';\nclass Own extends SQLDatabase {}\nnew Own('own');",
      2,
    ],
    [
      'is passed on',
      "import { secret } from 'encore.dev/config';\nexport const all = ['A', 'B'].map(secret as never);",
      2,
    ],
    [
      'gets a name in a function',
      "import { Topic } from 'encore.dev/pubsub';\nexport function f() {\n  const T = Topic;\n  return new T<{ a: 1 }>('t', { deliveryGuarantee: 'at-least-once' });\n}",
      3,
    ],
  ])('%s, is refused', async (_, module, at) => {
    expect(await outcomeOf(`-- a/use.ts --\n${module}\n`)).toEqual([`FL1111 a/use.ts:${at}`]);
  });
});

describe('a shared module that', () => {
  test.each([
    [
      'runs something by a timer',
      'export const timer = setInterval(() => db.exec`SELECT 1`, 1000);\nexport function stop() { clearInterval(timer); }',
      ['b read database:main'],
    ],
    [
      'passes an object with a function on',
      'setup({ run() { return db.exec`SELECT 1`; } });\nexport const at = setup({ run: () => db.exec`SELECT 1` });\nfunction setup(_: unknown) {}',
      ['b read database:main'],
    ],
    [
      'passes a class on',
      'export const at = setup(class { run() { return db.exec`SELECT 1`; } });\nfunction setup(_: unknown) {}',
      ['b read database:main'],
    ],
    [
      'decorates a class',
      'export class Job { @run tick() { return db.exec`SELECT 1`; } }\nfunction run(..._: unknown[]): void {}',
      ['b read database:main'],
    ],
    ['calls a function at once', 'export const at = (async () => db.exec`SELECT 1`)();', ['b read database:main']],
    ['calls a function of its own', 'main();\nfunction main() { return db.exec`SELECT 1`; }', ['b read database:main']],
    ['has a static block', 'export class Job { static { void db.exec`SELECT 1`; } }', ['b read database:main']],
    [
      'only offers functions',
      'export const all = [() => db.exec`SELECT 1`];\nexport const pick = Math.random() > 0.5 ? () => db.exec`SELECT 1` : undefined;\nexport const repo = { get: () => db.exec`SELECT 1`, put() { return db.exec`SELECT 1`; } };\nexport class Repo { static get = () => db.exec`SELECT 1`; own = () => db.exec`SELECT 1`; put() { return db.exec`SELECT 1`; } }\nexport default () => db.exec`SELECT 1`;',
      [],
    ],
  ])('%s', async (_, module, expected) => {
    expect(
      await outcomeOf(
        `-- lib/shared.ts --\nimport { db } from './db';\n${module}\n-- b/use.ts --\nimport '../lib/shared';\n`,
      ),
    ).toEqual(expected);
  });

  test.each([
    ['an object of functions', 'export const repo = { get() { return db.exec`SELECT 1`; } };', 'repo.get();'],
    [
      'a class',
      'export class Repo { get() { return db.exec`SELECT 1`; } }\nexport const repo = new Repo();',
      'repo.get();',
    ],
    [
      'a subclass',
      'class Base { get() { return db.exec`SELECT 1`; } }\nexport class Repo extends Base {}',
      'new Repo().get();',
    ],
    ['a function that is passed as a callback', 'export const get = () => db.exec`SELECT 1`;', '[1].map(get);'],
    [
      'an overloaded function',
      'export function get(n: number): unknown;\nexport function get(n: string): unknown;\nexport function get(_: unknown) { return db.exec`SELECT 1`; }',
      'get(1);',
    ],
    [
      'an overloaded function by another name',
      'export { own as get };\nfunction own(): unknown;\nfunction own(_?: number) { return db.exec`SELECT 1`; }',
      'get();',
    ],
    [
      'a function with a namespace of its name',
      'export function get() { return db.exec`SELECT 1`; }\nexport namespace get { export const one = 1; }',
      'get();',
    ],
    [
      'a function that takes another',
      'const run = (one: () => unknown) => one();\nexport const get = () => run(own);\nfunction own() { return db.exec`SELECT 1`; }',
      'get();',
    ],
  ])('offers %s is used by whom that is used', async (_, module, use) => {
    const name = /^(new )?(\[1\]\.map\()?(\w+)/.exec(use)?.[3];
    expect(
      await outcomeOf(
        `-- lib/shared.ts --\nimport { db } from './db';\n${module}\n-- b/use.ts --\nimport { ${name} } from '../lib/shared';\n${use}\n`,
      ),
    ).toEqual(['b read database:main']);
  });
});

describe('a module of the application that is', () => {
  test.each([
    ['required', "export const { db } = require('../lib/db');", ['FL1112 a/use.ts:1']],
    ['required by a computed name', "export const one = require('../lib/' + process.argv[2]);", ['FL1112 a/use.ts:1']],
    [
      'loaded by a computed name',
      `export const f = (name: string) => import(\`../lib/\${name}.ts\`);`,
      ['FL1112 a/use.ts:1'],
    ],
    ['data', "export const data = require('./data.json');\nexport const more = import('./data.json');", []],
    ['data of a computed name', `export const f = (name: string) => import(\`./lang/\${name}.json\`);`, []],
    [
      'a package',
      `export const one = require('pg'), more = (name: string) => import(name), other = require(\`\${one}\`);`,
      [],
    ],
    ['made of nothing', 'export const one = (require as () => unknown)();\nexport const two = require();', []],
  ])('%s', async (_, module, expected) => {
    expect(await outcomeOf(`-- a/use.ts --\n${module}\n`)).toEqual(expected);
  });

  test.each([
    ["import { all } from '../lib/old.js';\nvoid all;", 1],
    ["export * from '../lib/old';", 1],
    ["export const f = () => import('../lib/old.js');", 1],
    ["import { sum } from '../lib/plain.js';\nvoid sum;\nimport './nowhere.js';\nexport * from 'pg';", undefined],
  ])('JavaScript: %s', async (module, at) => {
    const { diagnostics } = await analyzeText(
      `${shop}-- lib/old.js --\nimport { db } from './db.ts';\nexport const all = () => db.exec\`SELECT 1\`;\n-- lib/plain.js --\nexport const sum = 1;\n-- a/use.ts --\n${module}\n`,
    );
    expect(
      diagnostics.filter(({ code }) => code === 'FL1112').map(({ severity, position }) => [severity, position?.line]),
    ).toEqual(at === undefined ? [] : [['warning', at]]);
  });
});
