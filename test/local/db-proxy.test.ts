import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import type { DatabaseAddress } from '../../local/mod.ts';
import { longestStartup, readStartup, writeStartup } from '../../local/postgres/proxy/messages.ts';
import { type DatabaseProxy, serveProxy } from '../../local/postgres/proxy/serve.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';

let postgres: TestPostgres;
let proxy: DatabaseProxy;
let known: DatabaseAddress[];

beforeAll(async () => {
  postgres = await startPostgres();
  await postgres.run(
    'postgres',
    "CREATE ROLE owner LOGIN PASSWORD 'sécret'",
    'CREATE DATABASE shop_orders OWNER owner',
  );
  const { host, port } = postgres;
  known = [{ name: 'orders', host, port, user: 'owner', password: 'sécret', database: 'shop_orders' }];
  proxy = await serveProxy({ port: 0, databases: async () => known });
});
afterAll(async () => {
  await proxy.stop();
  await postgres.stop();
});

const clientOf = (config: pg.ClientConfig = {}) =>
  new pg.Client({
    host: '127.0.0.1',
    port: proxy.port,
    user: 'anybody',
    password: 'anything',
    database: 'orders',
    ...config,
  });

async function query(config: pg.ClientConfig, sql: string): Promise<unknown[]> {
  const client = clientOf(config);
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

const who = 'SELECT current_user, current_database()';

test.each<[string, pg.ClientConfig]>([
  ['a user and a password', {}],
  ['neither', { user: 'x', password: '' }],
  ['the name of the database on the server', { database: 'shop_orders' }],
])('whoever connects with %s is the owner', async (_, config) => {
  expect(await query(config, who)).toEqual(['owner', 'shop_orders']);
});

test('what a client asks of its session is passed on', async () => {
  const options = { application_name: 'tool', options: '-c work_mem=12345kB' };
  expect(await query(options, `SELECT current_setting('application_name'), current_setting('work_mem')`)).toEqual([
    'tool',
    '12345kB',
  ]);
});

test('large answers, several at once, and a statement that is cancelled', async () => {
  const many = Array.from({ length: 5 }, () =>
    query({}, `SELECT length(repeat('x', 3000000)) FROM generate_series(1, 20)`),
  );
  expect((await Promise.all(many)).flat()).toEqual(Array(100).fill(3_000_000));

  const client = clientOf() as pg.Client & { processID: number; secretKey: number };
  await client.connect();
  const slow = client.query('SELECT pg_sleep(60)');
  // What has not begun would not be cancelled.
  const active = "SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND state = 'active'";
  while ((await postgres.run('postgres', active)).length === 0) await sleep(10);
  const cancel = Buffer.alloc(16);
  for (const [index, value] of [16, 80_877_102, client.processID, client.secretKey].entries())
    cancel.writeInt32BE(value, index * 4);
  const other = connect(proxy.port, '127.0.0.1');
  other.end(cancel);
  await expect(slow).rejects.toMatchObject({ code: '57014' });
  expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await client.end();
});

test('begins as psql does: without encryption it goes on, in pieces of any size', async () => {
  const socket = connect(proxy.port, '127.0.0.1');
  const ask = async (code: number) => {
    const packet = Buffer.alloc(8);
    packet.writeInt32BE(8, 0);
    packet.writeInt32BE(code, 4);
    socket.write(packet);
    return String((await once(socket, 'data'))[0]);
  };
  expect([await ask(80_877_104), await ask(80_877_103)]).toEqual(['N', 'N']);
  const startup = writeStartup({
    version: 196_608,
    parameters: new Map([
      ['user', 'x'],
      ['database', 'orders'],
    ]),
  });
  for (const byte of startup) {
    socket.write(Buffer.from([byte]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect([answer.toString('latin1', 0, 1), answer.readInt32BE(5)]).toEqual(['R', 0]);
  expect(answer.includes('server_version')).toBe(true);
  socket.destroy();
});

test('another database is refused with the names of those that there are, and a wrong password with what the server says', async () => {
  await expect(query({ database: 'order' }, who)).rejects.toMatchObject({
    ...{ code: '3D000', message: 'there is no database order', hint: 'There is orders.' },
  });
  known = [{ ...known[0]!, password: 'wrong' }];
  await expect(query({}, who)).rejects.toMatchObject({ code: '28P01' });
  known = [{ ...known[0]!, password: 'sécret', port: 1 }];
  await expect(query({}, who)).rejects.toMatchObject({ code: '08006' });
  known = [{ ...known[0]!, port: postgres.port }];
  expect(await query({}, who)).toEqual(['owner', 'shop_orders']);
});

test.each([
  ['no length', [0, 0, 0, 0, 0, 0, 0, 0]],
  ['a length beyond all measure', [0x7f, 0xff, 0xff, 0xff, 0, 3, 0, 0]],
  ['HTTP', [...Buffer.from('GET / HTTP/1.1\r\n\r\n')]],
])('a stranger that sends %s is told so, and the next one served', async (_, bytes) => {
  const socket = connect(proxy.port, '127.0.0.1');
  socket.write(Buffer.from(bytes));
  expect(await text(socket)).toContain('08P01');
  expect(await query({}, who)).toEqual(['owner', 'shop_orders']);
});

test('a session ends on both sides', async () => {
  const client = clientOf();
  client.on('error', () => {});
  await client.connect();
  const count = async () =>
    (await postgres.run('postgres', `SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'owner'`))[0]!.n;
  expect(await count()).toBe(1);
  // Not `once`, which takes the error that comes before for its own.
  const ended = new Promise((resolve) => client.once('end', resolve));
  await postgres.run('postgres', `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'owner'`);
  await ended;
  const other = clientOf();
  other.on('error', () => {});
  await other.connect();
  (other as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  while ((await count()) !== 0) await new Promise((resolve) => setTimeout(resolve, 20));
});

test('a client that goes before its database is known leaves no session behind', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = { ...known[0]!, host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<DatabaseAddress[]>();
  const own = await serveProxy({
    port: 0,
    databases() {
      asked.resolve();
      return answer.promise;
    },
  });
  try {
    const client = connect(own.port, '127.0.0.1');
    client.write(writeStartup({ version: 196_608, parameters: new Map([['database', 'orders']]) }));
    await asked.promise;
    client.resetAndDestroy();
    // The proxy has heard of it when the next one is served.
    const next = connect(own.port, '127.0.0.1').end('GET / HTTP/1.1\r\n\r\n');
    await text(next);
    const opened = once(server, 'connection');
    answer.resolve([address]);
    const [session] = await opened;
    await text(session);
  } finally {
    await own.stop();
    server.close();
  }
});

test('what is read of a beginning is what is written', () => {
  const startup = {
    version: 196_610,
    parameters: new Map([
      ['user', 'ä'],
      ['database', ''],
      ['options', '-c a=b'],
    ]),
  };
  expect(readStartup(writeStartup(startup))).toEqual(startup);
  expect(writeStartup(startup).length).toBeLessThan(longestStartup);
});
