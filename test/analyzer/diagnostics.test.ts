import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { analyze } from '../../analyzer/mod.ts';
import { analyzeText, errorsOf } from './application.ts';

const api = "import { api } from 'encore.dev/api';\n";
const sqldb = "import { SQLDatabase } from 'encore.dev/storage/sqldb';\n";
const pubsub = "import { Topic, Subscription } from 'encore.dev/pubsub';\n";
const cron = "import { CronJob } from 'encore.dev/cron';\n";
const ping = `-- ping/ping.ts --\n${api}export const ping = api({}, async (): Promise<void> => {});\n`;

/** What is wrong → the application, and the errors it gives. The service `ping` is there so that one is. */
const table: [string, string, string[]][] = [
  ['no services', '-- a.ts --\nexport {};\n', ['FL1003']],
  [
    'a syntax error',
    `${ping}-- b/b.ts --\n${api}export const b = api({}, async () => { );\n`,
    ['FL1004 b/b.ts:2:40-41'],
  ],
  ['a syntax error in the only file', `-- b/b.ts --\n${api}export const b = api({,\n`, ['FL1004 b/b.ts:2:23-24']],
  [
    'a broken tsconfig',
    `${ping}-- tsconfig.json --\n{ "compilerOptions": { "target": "nope" } }`,
    ['FL1005 tsconfig.json:1:34-40'],
  ],
  ['a broken encore.app', `${ping}-- encore.app --\n{ "id": }`, ['FL1005 encore.app:1:9-10']],
  ['an encore.app that is no object', `${ping}-- encore.app --\n[]`, ['FL1005 encore.app:1:1-3']],
  ['an id that is no string', `${ping}-- encore.app --\n{ "id": 5 }`, ['FL1005 encore.app:1:9-10']],
  ['an empty package.json', `${ping}-- package.json --\n`, ['FL1005 package.json:1:1']],
  ['a name with NUL', `${ping}-- package.json --\n{ "name": "a\\u0000" }`, ['FL1005 package.json:1:11-20']],
  [
    'a tsconfig that is not JSON',
    `${ping}-- tsconfig.json --\n{ "compilerOptions": { "strict": true }`,
    ['FL1005 tsconfig.json:1:40'],
  ],
  ['an unknown module', `${ping}-- a.ts --\nimport { Queue } from 'encore.dev/queue';\n`, ['FL1006 a.ts:1:23-41']],
  [
    'a module for generated code only',
    `${ping}-- a.ts --\nimport { call } from 'encore.dev/internal/clients';\n`,
    ['FL1006 a.ts:1:22-51'],
  ],
  [
    'an unknown name',
    `${ping}-- a.ts --\nimport { SQLDatabase, Querry as Q } from 'encore.dev/storage/sqldb';\n`,
    ['FL1007 a.ts:1:23-29'],
  ],
  [
    'an unknown name in a re-export',
    `${ping}-- a.ts --\nexport { Topick } from 'encore.dev/pubsub';\n`,
    ['FL1007 a.ts:1:10-16'],
  ],
  [
    'an endpoint with auth and no auth handler',
    `${ping}-- a/a.ts --\n${api}export const a = api({ auth: true }, async () => {});\n`,
    ['FL1815 a/a.ts:2:18-53'],
  ],

  [
    'infrastructure inside a function',
    `${ping}-- a/a.ts --\n${sqldb}export function f() {\n  return new SQLDatabase('x');\n}\n`,
    ['FL1101 a/a.ts:3:10-30'],
  ],
  [
    'infrastructure inside a method',
    `${ping}-- a/a.ts --\n${pubsub}class A {\n  m() { const t = new Topic<{}>('x', { deliveryGuarantee: 'at-least-once' }); }\n}\n`,
    ['FL1101 a/a.ts:3:19-77'],
  ],
  [
    'a secret without a variable',
    `${ping}-- a/a.ts --\nimport { secret } from 'encore.dev/config';\nsecret('Key');\n`,
    ['FL1102 a/a.ts:2:1-14'],
  ],
  [
    'a name from a variable',
    `${ping}-- a/a.ts --\n${sqldb}const name = 'x';\nconst db = new SQLDatabase(name);\n`,
    ['FL1103 a/a.ts:3:28-32'],
  ],
  [
    'a name with a substitution',
    `${ping}-- a/a.ts --\n${sqldb}const db = new SQLDatabase(\`x\${1}\`);\n`,
    ['FL1103 a/a.ts:2:28-35'],
  ],
  ['no name', `${ping}-- a/a.ts --\n${sqldb}const db = new SQLDatabase();\n`, ['FL1103 a/a.ts:2:12-29']],
  ...['../x', 'a/b', 'a.b', ' a', 'ä', 'a'.repeat(64)].map((name): [string, string, string[]] => [
    `the name ${JSON.stringify(name)}`,
    `${ping}-- a/a.ts --\n${sqldb}const db = new SQLDatabase('${name}');\n`,
    [`FL1109 a/a.ts:2:28-${30 + name.length}`],
  ]),
  ['an empty name', `${ping}-- a/a.ts --\n${sqldb}const db = new SQLDatabase('');\n`, ['FL1109 a/a.ts:2:28-30']],
  [
    'two databases of one name',
    `${ping}-- a/a.ts --\n${sqldb}const a = new SQLDatabase('x');\nconst b = new SQLDatabase('x');\n`,
    ['FL1104 a/a.ts:3:11-31'],
  ],
  [
    'two topics of one name',
    `${ping}-- a/a.ts --\n${pubsub}const a = new Topic<{ a: 1 }>('x', { deliveryGuarantee: 'at-least-once' });\nconst b = new Topic<{ a: 1 }>('x', { deliveryGuarantee: 'at-least-once' });\n`,
    ['FL1104 a/a.ts:3:11-75'],
  ],
  [
    'a configuration from a variable',
    `-- a/a.ts --\n${api}const config = {};\nexport const a = api(config, async () => {});\n`,
    ['FL1105 a/a.ts:3:22-28'],
  ],
  [
    'a spread in a configuration',
    `-- a/a.ts --\n${api}const base = {};\nexport const a = api({ ...base }, async () => {});\n`,
    ['FL1105 a/a.ts:3:24-31'],
  ],
  [
    'a value that has to be run',
    `-- a/a.ts --\n${api}export const a = api({ expose: Boolean(1) }, async () => {});\n`,
    ['FL1106 a/a.ts:2:32-42'],
  ],
  [
    'an unknown field',
    `-- a/a.ts --\n${api}export const a = api({ exposed: true }, async () => {});\n`,
    ['FL1107 a/a.ts:2:24-31'],
  ],
  [
    'a type that its module lacks',
    `${ping}-- a/types.ts --\nexport interface A { x: number }\n-- a/a.ts --\n${api}import type { Missing } from './types';\nexport const a = api({}, async (): Promise<{ a: Missing }> => ({ a: null as never }));\n`,
    ['FL1701 a/a.ts:3:46-56'],
  ],
  [
    'a type of a module that is not there',
    `${ping}-- a/a.ts --\n${api}import type { Gone } from './nowhere';\nexport const a = api({}, async (p: Gone): Promise<void> => void p);\n`,
    ['FL1701 a/a.ts:3:36-40'],
  ],
  [
    'a bucket that escapes',
    `${ping}-- ping/b.ts --\nimport { Bucket } from 'encore.dev/storage/objects';\nconst b = new Bucket('x');\nregister(b);\nfunction register(_: Bucket) {}\n`,
    ['FL1108 ping/b.ts:3:10-11'],
  ],
  [
    'a method taken from its bucket',
    `${ping}-- ping/b.ts --\nimport { Bucket } from 'encore.dev/storage/objects';\nconst b = new Bucket('x');\nconst { upload } = b;\n`,
    ['FL1108 ping/b.ts:3:9-15'],
  ],
  [
    'an unknown method of a bucket',
    `${ping}-- ping/b.ts --\nimport { Bucket } from 'encore.dev/storage/objects';\nconst b = new Bucket('x');\nb.empty();\n`,
    ['FL1108 ping/b.ts:3:1-8'],
  ],
  [
    'a client that escapes',
    `${ping}-- b/b.ts --\n${api}import { ping } from '~encore/clients';\nexport const b = api({}, async () => { console.log(ping); });\n`,
    ['FL1108 b/b.ts:3:52-56'],
  ],

  [
    'an encore.service.ts without a service',
    `${ping}-- b/encore.service.ts --\nexport {};\n`,
    ['FL1201 b/encore.service.ts:1:1'],
  ],
  [
    'a service outside its file',
    `${ping}-- b/b.ts --\nimport { Service } from 'encore.dev/service';\nexport default new Service('b');\n`,
    ['FL1202 b/b.ts:2:16-32'],
  ],
  [
    'a service that is bound',
    `-- b/encore.service.ts --\nimport { Service } from 'encore.dev/service';\nexport const b = new Service('b');\n`,
    ['FL1203 b/encore.service.ts:2:18-34'],
  ],
  [
    'two services in a file',
    `-- b/encore.service.ts --\nimport { Service } from 'encore.dev/service';\nexport default new Service('b');\nnew Service('c');\n`,
    ['FL1204 b/encore.service.ts:3:1-17'],
  ],
  [
    'a service inside another',
    `-- b/encore.service.ts --\nimport { Service } from 'encore.dev/service';\nexport default new Service('b');\n-- b/c/encore.service.ts --\nimport { Service } from 'encore.dev/service';\nexport default new Service('c');\n`,
    ['FL1205 b/c/encore.service.ts:2:16-32'],
  ],
  [
    'two services of one name',
    `-- b/encore.service.ts --\nimport { Service } from 'encore.dev/service';\nexport default new Service('b');\n-- c/encore.service.ts --\nimport { Service } from 'encore.dev/service';\nexport default new Service('b');\n`,
    ['FL1206 c/encore.service.ts:2:16-32'],
  ],
  [
    'two services of one client name',
    `-- b/encore.service.ts --\nimport { Service } from 'encore.dev/service';\nexport default new Service('b-c');\n-- c/encore.service.ts --\nimport { Service } from 'encore.dev/service';\nexport default new Service('b_c');\n`,
    ['FL1206 c/encore.service.ts:2:16-34'],
  ],
  [
    'a client of no service',
    `${ping}-- b/b.ts --\n${api}import { pong } from '~encore/clients';\nexport const b = api({}, async () => { await pong.ping(); });\n`,
    ['FL1207 b/b.ts:2:10-14'],
  ],
  [
    'a client where there is no service',
    `-- a.ts --\nimport { ping } from '~encore/clients';\nexport const call = () => ping;\n`,
    ['FL1003', 'FL1207 a.ts:1:10-14'],
  ],
  [
    'a client without the endpoint',
    `${ping}-- b/b.ts --\n${api}import { ping } from '~encore/clients';\nexport const b = api({}, async (): Promise<void> => { await ping.pong(); });\n`,
    ['FL1208 b/b.ts:3:66-70'],
  ],

  [
    'an endpoint that is not exported',
    `-- a/a.ts --\n${api}const a = api({}, async () => {});\n`,
    ['FL1301 a/a.ts:2:11-34'],
  ],
  [
    'two endpoints of one name',
    `${ping}-- ping/more.ts --\n${api}export const ping = api({ path: '/more' }, async () => {});\n`,
    ['FL1302 ping/ping.ts:2:21-59'],
  ],
  [
    'a path without a slash',
    `-- a/a.ts --\n${api}export const a = api({ path: 'a' }, async () => {});\n`,
    ['FL1303 a/a.ts:2:30-33'],
  ],
  [
    'a parameter that the request lacks',
    `-- a/a.ts --\n${api}export const a = api({ path: '/:id' }, async (_: { name: string }) => {});\n`,
    ['FL1304 a/a.ts:2:50-66'],
  ],
  [
    'a parameter without a request',
    `-- a/a.ts --\n${api}export const a = api({ path: '/:id' }, async () => {});\n`,
    ['FL1304 a/a.ts:2:30-36'],
  ],
  [
    'a parameter that is an object',
    `-- a/a.ts --\n${api}export const a = api({ path: '/:id' }, async (_: { id: { a: 1 } }) => {});\n`,
    ['FL1305 a/a.ts:2:52-64'],
  ],
  [
    'conflicting paths',
    `-- a/a.ts --\n${api}export const a = api({ path: '/x/:id' }, async (_: { id: string }) => {});\nexport const b = api({ path: '/x/:name', method: ['GET', 'POST'] }, async (_: { name: string }) => {});\n`,
    ['FL1306 a/a.ts:3:30-40'],
  ],
  [
    'a path that conflicts with a default one, and the other way round',
    `-- a/a.ts --\n${api}export const a = api({}, async () => {});\nexport const b = api({ path: '/a.a' }, async () => {});\nexport const c = api({ path: '/a.d' }, async () => {});\nexport const d = api({}, async () => {});\n`,
    ['FL1306 a/a.ts:3:30-36', 'FL1306 a/a.ts:5:18-41'],
  ],
  [
    'an unknown method',
    `-- a/a.ts --\n${api}export const a = api({ method: 'GOT' }, async () => {});\n`,
    ['FL1307 a/a.ts:2:32-37'],
  ],
  [
    '* among methods',
    `-- a/a.ts --\n${api}export const a = api({ method: ['GET', '*'] }, async () => {});\n`,
    ['FL1307 a/a.ts:2:32-44'],
  ],
  ['a handler that is no function', `-- a/a.ts --\n${api}export const a = api({}, 5);\n`, ['FL1308 a/a.ts:2:26-27']],
  ['no handler', `-- a/a.ts --\n${api}export const a = api({});\n`, ['FL1308 a/a.ts:2:18-25']],
  [
    'a handler with type parameters',
    `-- a/a.ts --\n${api}export const a = api({}, async <T>(_: { a: T }) => {});\n`,
    ['FL1308 a/a.ts:2:26-54'],
  ],
  [
    'a response that is a list',
    `-- a/a.ts --\n${api}export const a = api({}, async (): Promise<string[]> => []);\n`,
    ['FL1309 a/a.ts:2:36-53'],
  ],
  [
    'a response that may be null',
    `-- a/a.ts --\n${api}export const a = api({}, async (): Promise<{ a: 1 } | null> => null);\n`,
    ['FL1309 a/a.ts:2:36-60'],
  ],
  [
    'a request that is text',
    `-- a/a.ts --\n${api}export const a = api({}, async (_: string) => {});\n`,
    ['FL1309 a/a.ts:2:36-42'],
  ],
  [
    'an object in the query string',
    `-- a/a.ts --\n${api}export const a = api({ method: 'GET' }, async (_: { filter: { a: string } }) => {});\n`,
    ['FL1310 a/a.ts:2:53-74'],
  ],
  [
    'a status in a request',
    `-- a/a.ts --\nimport { api, type HttpStatus } from 'encore.dev/api';\nexport const a = api({}, async (_: { s: HttpStatus }) => {});\n`,
    ['FL1311 a/a.ts:2:38-51'],
  ],
  [
    'two statuses',
    `-- a/a.ts --\nimport { api, type HttpStatus } from 'encore.dev/api';\nexport const a = api({}, async (): Promise<{ s: HttpStatus; t: HttpStatus }> => ({ s: 200, t: 201 }));\n`,
    ['FL1311 a/a.ts:2:61-74'],
  ],

  [
    'no migrations directory',
    `${ping}-- ping/db.ts --\n${sqldb}const db = new SQLDatabase('x', { migrations: './sql' });\n`,
    ['FL1401 ping/db.ts:2:47-54'],
  ],
  [
    'migrations outside the application',
    `${ping}-- ping/db.ts --\n${sqldb}const db = new SQLDatabase('x', { migrations: '../../sql' });\n`,
    ['FL1401 ping/db.ts:2:47-58'],
  ],
  [
    'a migration of no such name',
    `${ping}-- ping/db.ts --\n${sqldb}const db = new SQLDatabase('x', { migrations: './sql' });\n-- ping/sql/create.sql --\nSELECT 1;\n`,
    ['FL1402 ping/sql/create.sql:1:1'],
  ],
  [
    'two migrations of one version',
    `${ping}-- ping/db.ts --\n${sqldb}const db = new SQLDatabase('x', { migrations: './sql' });\n-- ping/sql/1_a.up.sql --\nSELECT 1;\n-- ping/sql/01_b.up.sql --\nSELECT 1;\n`,
    ['FL1403 ping/sql/01_b.up.sql:1:1'],
  ],
  [
    'a migration that PostgreSQL cannot read',
    `${ping}-- ping/db.ts --\n${sqldb}const db = new SQLDatabase('x', { migrations: './sql' });\n-- ping/sql/1_a.up.sql --\nSELECT 'ä€😀';\nCREATE TABEL x ();\n`,
    ['FL1404 ping/sql/1_a.up.sql:2:8'],
  ],
  [
    'a database that is not there',
    `${ping}-- ping/db.ts --\n${sqldb}const db = SQLDatabase.named('x');\n`,
    ['FL1405 ping/db.ts:2:12-34'],
  ],
  [
    'an unknown source of migrations',
    `${ping}-- ping/db.ts --\n${sqldb}const db = new SQLDatabase('x', { migrations: { path: './sql', source: 'knex' } });\n`,
    ['FL1406 ping/db.ts:2:72-78'],
  ],

  [
    'a topic without a type',
    `${ping}-- a.ts --\n${pubsub}const t = new Topic('t', { deliveryGuarantee: 'at-least-once' });\n`,
    ['FL1501 a.ts:2:11-65'],
  ],
  [
    'a topic that does not resolve',
    `${pubsub.replace(/^/, '-- a/a.ts --\n')}const topics = [new Date()];\nnew Subscription(topics[0], 's', { handler: async () => {} });\n`,
    ['FL1502 a/a.ts:3:18-27'],
  ],
  [
    'a subscription without a handler',
    `-- a/a.ts --\n${pubsub}const t = new Topic<{ a: 1 }>('t', { deliveryGuarantee: 'at-least-once' });\nnew Subscription(t, 's', {});\n`,
    ['FL1506 a/a.ts:3:1-29'],
  ],
  [
    'two subscriptions of one name',
    `-- a/a.ts --\n${pubsub}const t = new Topic<{ a: 1 }>('t', { deliveryGuarantee: 'at-least-once' });\nnew Subscription(t, 's', { handler: async () => {} });\nnew Subscription(t, 's', { handler: async () => {} });\n`,
    ['FL1104 a/a.ts:4:1-54'],
  ],
  [
    'a duration that is none',
    `-- a/a.ts --\n${pubsub}const t = new Topic<{ a: 1 }>('t', { deliveryGuarantee: 'at-least-once' });\nnew Subscription(t, 's', { handler: async () => {}, ackDeadline: '5 minutes' });\n`,
    ['FL1503 a/a.ts:3:66-77'],
  ],
  [
    'an ack deadline under a second',
    `-- a/a.ts --\n${pubsub}const t = new Topic<{ a: 1 }>('t', { deliveryGuarantee: 'at-least-once' });\nnew Subscription(t, 's', { handler: async () => {}, ackDeadline: '10ms' });\n`,
    ['FL1503 a/a.ts:3:66-72'],
  ],
  [
    'an ordering attribute that is no field',
    `${ping}-- a.ts --\n${pubsub}const t = new Topic<{ a: 1 }>('t', { deliveryGuarantee: 'at-least-once', orderingAttribute: 'b' });\n`,
    ['FL1504 a.ts:2:93-96'],
  ],
  [
    'an unknown guarantee',
    `${ping}-- a.ts --\n${pubsub}const t = new Topic<{ a: 1 }>('t', { deliveryGuarantee: 'most-of-the-time' });\n`,
    ['FL1505 a.ts:2:57-75'],
  ],

  [
    'a cron job of no time',
    `${ping}-- ping/c.ts --\n${cron}import { ping } from './ping';\nnew CronJob('c', { endpoint: ping });\n`,
    ['FL1601 ping/c.ts:3:1-37'],
  ],
  [
    'a cron job of two times',
    `${ping}-- ping/c.ts --\n${cron}import { ping } from './ping';\nnew CronJob('c', { endpoint: ping, every: '1h', schedule: '* * * * *' });\n`,
    ['FL1601 ping/c.ts:3:59-70'],
  ],
  [
    'a bad cron expression',
    `${ping}-- ping/c.ts --\n${cron}import { ping } from './ping';\nnew CronJob('c', { endpoint: ping, schedule: '61 * * * *' });\n`,
    ['FL1602 ping/c.ts:3:46-58'],
  ],
  [
    'six fields',
    `${ping}-- ping/c.ts --\n${cron}import { ping } from './ping';\nnew CronJob('c', { endpoint: ping, schedule: '0 0 * * * *' });\n`,
    ['FL1602 ping/c.ts:3:46-59'],
  ],
  [
    'a day that never comes',
    `${ping}-- ping/c.ts --\n${cron}import { ping } from './ping';\nnew CronJob('c', { endpoint: ping, schedule: '0 0 31 2 *' });\n`,
    ['FL1602 ping/c.ts:3:46-58'],
  ],
  [
    'an interval that does not divide the day',
    `${ping}-- ping/c.ts --\n${cron}import { ping } from './ping';\nnew CronJob('c', { endpoint: ping, every: '7m' });\n`,
    ['FL1603 ping/c.ts:3:43-47'],
  ],
  [
    'an interval under a minute',
    `${ping}-- ping/c.ts --\n${cron}import { ping } from './ping';\nnew CronJob('c', { endpoint: ping, every: '90s' });\n`,
    ['FL1603 ping/c.ts:3:43-48'],
  ],
  [
    'an endpoint that does not resolve',
    `${ping}-- ping/c.ts --\n${cron}new CronJob('c', { endpoint: async () => {}, every: '1h' });\n`,
    ['FL1604 ping/c.ts:2:30-44'],
  ],
  [
    'an endpoint with parameters',
    `-- a/a.ts --\n${api}${cron}export const a = api({}, async (_: { a: string }) => {});\nnew CronJob('c', { endpoint: a, every: '1h' });\n`,
    ['FL1605 a/a.ts:4:30-31'],
  ],

  [
    'a type that is not there',
    `-- a/a.ts --\n${api}interface R { a: Nope }\nexport const a = api({}, async (_: R) => {});\n`,
    ['FL1701 a/a.ts:2:18-22'],
  ],
  [
    'an error that leaves a type',
    `-- a/a.ts --\n${api}interface A { x: string }\ninterface R extends A { x: number }\nexport const a = api({}, async (_: R) => {});\n`,
    ['FL1701 a/a.ts:3:11-12'],
  ],
  [
    'an inferred response that is not there',
    `-- a/a.ts --\n${api}export const a = api({}, async () => ({ b: nope() }));\n`,
    ['FL1701 a/a.ts:2:44-48'],
  ],
  [
    'an error of the code around a schema',
    `-- a/a.ts --\n${api}export const a = api({}, async (_: { a: string }): Promise<void> => { const n: number = 'x'; });\n`,
    [],
  ],
  [
    'what compilers say of code, and not of types, in a class of a schema',
    `-- tsconfig.json --\n{ "compilerOptions": { "strict": true, "noUnusedLocals": true, "erasableSyntaxOnly": true } }\n-- a/a.ts --\n${api}class R { a: string; private b?: number; constructor(readonly c: string) {} }\nexport const a = api({}, async (_: R) => {});\n`,
    [],
  ],
  [
    'a function in a schema',
    `-- a/a.ts --\n${api}interface R { a: string; run: () => void }\nexport const a = api({}, async (_: R) => {});\n`,
    ['FL1702 a/a.ts:2:26-41'],
  ],
  [
    'a map in a schema',
    `-- a/a.ts --\n${api}export const a = api({}, async (_: { m: Map<string, number> }) => {});\n`,
    ['FL1702 a/a.ts:2:38-60'],
  ],
  [
    'a class with methods alone',
    `-- a/a.ts --\n${api}class C { m() {} }\nexport const a = api({}, async (_: { c: C }) => {});\n`,
    ['FL1702 a/a.ts:3:38-42'],
  ],
  [
    'a symbol in a schema',
    `-- a/a.ts --\n${api}export const a = api({}, async (_: { c: symbol }) => {});\n`,
    ['FL1702 a/a.ts:2:38-47'],
  ],
  [
    'undefined in a list',
    `-- a/a.ts --\n${api}export const a = api({}, async (_: { c: (string | undefined)[] }) => {});\n`,
    ['FL1702 a/a.ts:2:38-63'],
  ],
  [
    'a type without end',
    `-- a/a.ts --\n${api}interface N<T> { v: T; n?: N<{ t: T }> }\nexport const a = api({}, async (_: N<string>) => {});\n`,
    ['FL1703 a/a.ts:3:36-45'],
  ],
];

describe('every bad input has a code and a place', () => {
  test.each(table)('%s', async (_, text, expected) => {
    expect(await errorsOf(text)).toEqual(expected);
  });
});

test('every diagnostic says what is wrong, what to do, and points to the first of two', async () => {
  const { graph, diagnostics } = await analyzeText(
    `${ping}-- ping/db.ts --\n${sqldb}const a = new SQLDatabase('x');\nconst b = new SQLDatabase('x');\n`,
  );
  expect(graph).toBeUndefined();
  expect(diagnostics).toEqual([
    {
      code: 'FL1104',
      severity: 'error',
      message: 'there already is a database named `x`',
      help: 'Rename one of the two, or import the one that is there.',
      position: { file: 'ping/db.ts', line: 3, column: 11, endLine: 3, endColumn: 31 },
      related: [
        { message: 'the first one', position: { file: 'ping/db.ts', line: 2, column: 11, endLine: 2, endColumn: 31 } },
      ],
    },
  ]);
});

test('one run collects everything', async () => {
  expect(
    await errorsOf(`-- a/a.ts --
${api}${sqldb}import { Nope } from 'encore.dev/pubsub';
export const a = api({ path: 'x', tags: [1] }, async (_: { f: () => void }) => {});
const db = new SQLDatabase(String(1));
-- b/b.ts --
${api}export const b = api({}, async () => { );
`),
  ).toEqual([
    'FL1007 a/a.ts:3:10-14',
    'FL1303 a/a.ts:4:30-33',
    'FL1106 a/a.ts:4:41-44',
    'FL1702 a/a.ts:4:60-73',
    'FL1103 a/a.ts:5:28-37',
    'FL1004 b/b.ts:2:40-41',
  ]);
});

describe('a directory that is no application', () => {
  test('does not exist', async () => {
    expect((await analyze({ root: '/nowhere/at/all' })).diagnostics).toMatchObject([{ code: 'FL1001' }]);
  });

  test('is a file', async () => {
    expect((await analyze({ root: import.meta.filename })).diagnostics).toMatchObject([{ code: 'FL1001' }]);
  });

  test('is empty', async () => {
    const root = mkdtempSync(join(tmpdir(), 'fairlead-analyzer-'));
    expect((await analyze({ root })).diagnostics).toMatchObject([{ code: 'FL1001' }]);
    rmSync(root, { recursive: true });
  });

  test('holds a directory where its package.json should be', async () => {
    const root = mkdtempSync(join(tmpdir(), 'fairlead-analyzer-'));
    mkdirSync(join(root, 'package.json'));
    expect((await analyze({ root })).diagnostics).toMatchObject([{ code: 'FL1001' }]);
    rmSync(root, { recursive: true });
  });
});
