import { createHash, createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import * as conventions from '@opentelemetry/semantic-conventions/incubating';
import { brokerSchema } from '../../runtime/postgres/broker-schema.ts';
import type { InfraConfig } from '../../runtime/wire.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { type Collector, type ReceivedSpan, startCollector } from './support/collector.ts';
import { configOf } from './support/config.ts';
import { type AppProcess, killAll, startProcess, until } from './support/process.ts';
import { openClient } from './support/stream-client.ts';

let postgres: TestPostgres;
let directory: string;
let collector: Collector;

beforeAll(async () => {
  postgres = await startPostgres();
  directory = mkdtempSync(join(tmpdir(), 'fairlead-traces-'));
  await postgres.run('postgres', 'CREATE DATABASE stock');
  await postgres.run('stock', 'CREATE TABLE items (name text, amount int)');
  const { broker } = configOf(postgres, { topics: { ordered: ['confirm'] } }).fairlead ?? {};
  if (!broker) throw new Error('no broker');
  await postgres.run('postgres', ...brokerSchema(broker));
});

afterAll(async () => {
  await postgres.stop();
  rmSync(directory, { recursive: true, force: true });
});

beforeEach(async () => {
  collector = await startCollector();
});

afterEach(async () => {
  await killAll();
  collector.stop();
});

const key = 'signs calls';

function config(ratio: number | undefined, services: Record<string, AppProcess> = {}): InfraConfig {
  const { sql_servers = [], fairlead } = configOf(postgres, { databases: ['stock'], topics: { ordered: ['confirm'] } });
  const storage = {
    type: 'disk' as const,
    base_url: 'http://127.0.0.1:1',
    buckets: {
      files: {
        directory: join(directory, 'files'),
        operations: ['list' as const, 'upload' as const, 'download' as const],
      },
    },
  };
  return {
    metadata: { app_id: 'shop', env_name: 'pr-1' },
    auth: [{ type: 'key', id: 1, key }],
    sql_servers,
    redis: { notes: { host: 'unused:1', database_index: 0, in_memory: true } },
    service_discovery: Object.fromEntries(Object.entries(services).map(([name, { url }]) => [name, { base_url: url }])),
    fairlead: {
      ...fairlead,
      version: 1,
      release: 'sha256:abc',
      object_storage: [storage],
      telemetry: { otlp: collector.url, ...(ratio !== undefined && { traces: { ratio } }) },
    },
  };
}

function withCollector(otlp: string): InfraConfig {
  const own = config(undefined);
  return { ...own, fairlead: { ...own.fairlead, version: 1, telemetry: { otlp } } };
}

const run = (PROCESS = 'app', ratio?: number, services: Record<string, AppProcess> = {}) =>
  startProcess('./traced.ts', config(ratio, services), { PROCESS, ENCORE_LOG: 'debug' });

const order = (app: AppProcess, init: { query?: string; item?: string; headers?: Record<string, string> } = {}) =>
  fetch(`${app.url}/orders/s3cret-id${init.query ?? ''}`, {
    method: 'POST',
    body: JSON.stringify({ item: init.item ?? 's3cret-item' }),
    headers: { 'x-secret': 's3cret-header', ...init.headers },
  });

async function end(...apps: AppProcess[]): Promise<void> {
  for (const app of apps) app.kill('SIGTERM');
  expect(await Promise.all(apps.map(({ ended }) => ended))).toEqual(apps.map(() => 0));
}

/** The spans below one another, each as `kind name`, in the order of their names. */
type Tree = { [span: string]: Tree };

function treeOf(spans: ReceivedSpan[], root?: string): Tree {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const children = spans.filter(({ parentSpanId }) =>
    root === undefined ? !parentSpanId || !known.has(parentSpanId) : parentSpanId === root,
  );
  return Object.fromEntries(children.map((span) => [`${span.kind} ${span.name}`, treeOf(spans, span.spanId)]));
}

const find = (spans: ReceivedSpan[], kind: string, name: string) => {
  const found = spans.find((span) => span.kind === kind && span.name === name);
  if (!found) throw new Error(`no span ${kind} ${name} in ${spans.map((span) => `${span.kind} ${span.name}`)}`);
  return found;
};

const statements = {
  'client BEGIN stock': {},
  'client INSERT stock': {},
  'client COMMIT stock': {},
  'client SELECT stock': {},
};

describe('several processes', () => {
  test('make one trace, over the gateway, a call, SQL, and a message to a consumer elsewhere', async () => {
    const [stock, mail] = await Promise.all([run('stock'), run('mail')]);
    const shop = await run('shop', undefined, { stock });
    const gateway = await run('gateway', undefined, { shop, stock });
    const response = await order(gateway, { query: '?note=hello&token=s3cret-token&Sig=s3cret-sig' });
    const id = response.headers.get('x-encore-trace-id')!;
    expect([response.status, await response.json()]).toEqual([200, { trace: id }]);
    await mail.line(({ message }) => message === 'message handled');
    await end(gateway, shop, stock, mail);

    const spans = collector.spans;
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([id]));
    expect(treeOf(spans)).toEqual({
      'server POST /orders/:id': {
        'client auth shop.auth': { 'server POST /__fairlead/auth': {} },
        'client POST /orders/:id': {
          'server POST /orders/:id': {
            'internal price': { 'client stock.reserve': { 'server stock.reserve': statements } },
            'producer send ordered': { 'consumer process ordered': { 'client SELECT stock': {} } },
          },
        },
      },
    });
    const logged = [shop, mail, gateway].flatMap(({ lines }) => lines.filter((line) => line.trace_id !== undefined));
    expect(logged.length).toBeGreaterThan(4);
    expect(new Set(logged.map(({ trace_id }) => trace_id))).toEqual(new Set([id]));
    const ordering = shop.lines.find(({ message }) => message === 'ordering');
    expect(spans.filter(({ spanId }) => spanId === ordering?.span_id).map(({ name }) => name)).toEqual([
      'POST /orders/:id',
    ]);
    expect(new Set(spans.map(({ resource }) => resource['service.instance.id'])).size).toBe(4);

    const [edge] = spans.filter(({ parentSpanId }) => !parentSpanId);
    expect(edge).toMatchObject({
      resource: {
        'service.name': 'shop',
        'service.version': 'sha256:abc',
        'deployment.environment.name': 'pr-1',
      },
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/orders/:id',
        'http.response.status_code': 200,
        'url.path': '/orders/s3cret-id',
        'url.query': 'note=hello&token=REDACTED&Sig=REDACTED',
        'fairlead.service': 'shop',
        'fairlead.endpoint': 'order',
      },
    });
    expect(find(spans, 'client', 'stock.reserve').attributes).toMatchObject({
      'http.request.method': 'POST',
      'server.address': '127.0.0.1',
      'url.full': `${stock.url}/__fairlead/call/stock/reserve`,
      'fairlead.code': 'ok',
    });
    expect(find(spans, 'client', 'INSERT stock').attributes).toEqual({
      'db.system.name': 'postgresql',
      'db.namespace': 'stock',
      'db.query.text': 'INSERT INTO items (name, amount) VALUES ($1, $2)',
      'server.address': '127.0.0.1',
      'server.port': postgres.port,
    });
    expect(find(spans, 'consumer', 'process ordered').attributes).toMatchObject({
      'messaging.system.name': 'postgresql',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'ordered',
      'messaging.destination.subscription.name': 'confirm',
      'messaging.message.id': find(spans, 'producer', 'send ordered').attributes['messaging.message.id'],
      'fairlead.service': 'mail',
    });
    const failed = spans.find(({ attributes }) => attributes['error.type'] === '22P02');
    expect(failed).toMatchObject({ name: 'SELECT stock', attributes: { 'db.response.status_code': '22P02' } });

    const own = new Set<unknown>(Object.values(conventions));
    const names = new Set(spans.flatMap(({ attributes }) => Object.keys(attributes)));
    expect([...names].filter((name) => !name.startsWith('fairlead.') && !own.has(name))).toEqual([]);
    // The path is one of an endpoint that is not sensitive.
    const said = collector.bodies.join('').replaceAll('/orders/s3cret-id', '');
    expect(said).not.toMatch(/s3cret|n0te|\b42\b/);
  });
});

describe('one process', () => {
  test('has a span of each thing that it does, and values in none', async () => {
    const app = await run();
    expect((await order(app)).status).toBe(200);
    await app.line(({ message }) => message === 'message handled');
    expect((await fetch(`${app.url}/keep`, { method: 'POST', body: '{"value":"s3cret-value"}' })).status).toBe(200);
    const client = await openClient(`${app.url}/watch`);
    const watched = client.opened.headers['x-encore-trace-id'];
    expect(await client.next()).toBe(watched);
    await client.closed;
    expect((await signed(app, '/__fairlead/cron/tidy%20up')).status).toBe(500);
    await end(app);

    const { spans } = collector;
    const tree = treeOf(spans);
    expect(tree['server POST /orders/:id']).toEqual({
      'internal price': { 'internal stock.reserve': statements },
      'producer send ordered': { 'consumer process ordered': { 'client SELECT stock': {} } },
    });
    expect(tree['server POST /keep']).toEqual({
      'client SET notes/:id': {},
      'client GET notes/:id': {},
      'client upload files': {},
      'client list files': {},
      'client download files': {},
    });
    expect(find(spans, 'client', 'GET notes/:id').attributes).toEqual({
      'db.system.name': 'redis',
      'db.operation.name': 'GET',
      'fairlead.cache': 'notes',
      'fairlead.key_pattern': 'notes/:id',
    });
    expect(tree['server GET /watch']).toEqual({ 'client SELECT stock': {} });
    expect(find(spans, 'server', 'GET /watch')).toMatchObject({
      traceId: watched,
      attributes: { 'http.response.status_code': 101, 'fairlead.code': 'ok' },
    });
    expect(find(spans, 'server', 'cron tidy up')).toMatchObject({
      status: { code: 2, message: 'no such thing' },
      attributes: { 'fairlead.code': 'not_found', 'fairlead.service': 'stock', 'error.type': 'not_found' },
    });
    expect(collector.bodies.join('').replaceAll('/orders/s3cret-id', '')).not.toMatch(/s3cret|n0te/);
  });

  test('tells failures by their code, and of unexpected ones no text', async () => {
    const app = await run();
    const failed = ['unexpected', 'told', 'missing'].map((how) => fetch(`${app.url}/fail/${how}`));
    expect((await Promise.all(failed)).map(({ status }) => status)).toEqual([500, 503, 404]);
    await order(app, { item: 'broken' });
    await fetch(`${app.url}/fail/none?token=bad`);
    await app.line(({ message, attempt }) => message === 'message handled' && attempt === 2);
    await end(app);
    const { spans } = collector;
    const of = (how: string) => spans.find(({ attributes }) => attributes['url.path'] === `/fail/${how}`)!;
    expect(of('unexpected')).toMatchObject({
      status: { code: 2 },
      attributes: { 'fairlead.code': 'internal', 'error.type': 'internal', 'http.response.status_code': 500 },
      events: [
        {
          name: 'exception',
          attributes: {
            'exception.type': 'TypeError',
            'exception.stacktrace': expect.stringMatching(/^ {4}at .*traced\.ts/),
          },
        },
      ],
    });
    expect(of('unexpected').status).not.toHaveProperty('message');
    expect(of('told').status).toEqual({ code: 2, message: 'try again later' });
    expect(of('missing')).toMatchObject({ status: { code: 0 }, attributes: { 'fairlead.code': 'not_found' } });
    expect(of('missing').attributes).not.toHaveProperty('error.type');
    const auth = find(spans, 'internal', 'auth shop.auth');
    expect(auth).toMatchObject({ status: { code: 2 }, attributes: { 'error.type': 'unauthenticated' } });
    expect(auth.status).not.toHaveProperty('message');
    const attempts = spans.filter(({ name }) => name === 'process ordered');
    expect(
      attempts.map(({ attributes, status }) => [attributes['fairlead.delivery_attempt'], status.code ?? 0]),
    ).toEqual([
      [1, 2],
      [2, 0],
    ]);
    expect(new Set(attempts.map(({ parentSpanId }) => parentSpanId)).size).toBe(1);
    expect(collector.bodies.join('').replaceAll('/orders/s3cret-id', '')).not.toMatch(/s3cret|bad token/);
  });
});

test('of a sensitive endpoint neither path, query nor error are told, wherever it is', async () => {
  const stock = await run('stock');
  const gateway = await run('gateway', undefined, { stock });
  const response = await fetch(`${gateway.url}/reset/s3cret-path?mail=s3cret-query`);
  expect(response.status).toBe(500);
  await end(gateway, stock);
  expect(treeOf(collector.spans)).toEqual({
    'server GET /reset/:token': { 'client GET /reset/:token': { 'server GET /reset/:token': {} } },
  });
  for (const { attributes, events } of collector.spans.filter(({ kind }) => kind === 'server')) {
    expect(attributes).toMatchObject({ 'url.path': '/reset/:token', 'http.response.status_code': 500 });
    expect([Object.hasOwn(attributes, 'url.query'), events]).toEqual([false, []]);
  }
  expect(collector.bodies.join('')).not.toContain('s3cret');
});

describe('sampling', () => {
  const trace = '0af7651916cd43dd8448eb211c80319c';

  test.each([
    [1, '00', ['b7ad6b7169203331']],
    [0.000001, '01', ['c7ad6b7169203331']],
  ])(
    'with a ratio of %s, %s counts when the application says it, and not when somebody outside does',
    async (ratio, flags, kept) => {
      const app = await run('app', ratio);
      const [outside, inside] = ['b7ad6b7169203331', 'c7ad6b7169203331'].map((span) => ({
        traceparent: `00-${trace}-${span}-${flags}`,
      }));
      for (const response of [
        await fetch(`${app.url}/fail/told`, { headers: outside! }),
        await signed(app, '/fail/told', 'GET', inside),
      ]) {
        expect([response.status, response.headers.get('x-encore-trace-id')]).toEqual([503, trace]);
      }
      await end(app);
      expect(collector.spans.map(({ traceId, parentSpanId }) => [traceId, parentSpanId])).toEqual(
        kept.map((span) => [trace, span]),
      );
    },
  );

  test('with a ratio of 0 nothing is sent, and ids are there all the same', async () => {
    const app = await run('app', 0);
    const response = await order(app);
    expect(response.headers.get('x-encore-trace-id')).toMatch(/^[0-9a-f]{32}$/);
    await app.line(({ message }) => message === 'message handled');
    await end(app);
    expect(collector.bodies).toEqual([]);
  });
});

describe('a collector', () => {
  const told = (app: AppProcess) => app.lines.filter(({ message }) => String(message).startsWith('traces are'));

  test('that fails is complained of once, and does not keep anything waiting', async () => {
    collector.status = 400;
    const url = collector.url.replace('http://', 'http://ann:p%40ss@');
    const app = await startProcess('./traced.ts', withCollector(url), { PROCESS: 'app' });
    for (let round = 1; round <= 3; round++) {
      expect((await fetch(`${app.url}/fail/missing`)).status).toBe(404);
      await until(() => collector.bodies.length >= round);
    }
    await app.line(({ message }) => message === 'traces are not taken');
    collector.status = 200;
    await fetch(`${app.url}/fail/missing`);
    await app.line(({ message }) => message === 'traces are taken again');
    await end(app);
    expect(told(app).map(({ message, level }) => [message, level])).toEqual([
      ['traces are not taken', 'warn'],
      ['traces are taken again', 'info'],
    ]);
    expect(collector.authorization).toBe(`Basic ${Buffer.from('ann:p@ss').toString('base64')}`);
    expect(JSON.stringify(app.lines)).not.toMatch(/p@ss|p%40ss/);
  });

  test('that is not there, is busy or says nothing lets requests be answered, and processes end in time', async () => {
    const others = await Promise.all([startCollector(), startCollector(), startCollector()]);
    others[0]!.stop();
    others[1]!.status = 503;
    others[2]!.answers = false;
    const apps = await Promise.all(
      others.map(({ url }) => startProcess('./traced.ts', withCollector(url), { PROCESS: 'app' })),
    );
    for (const app of apps) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => fetch(`${app.url}/fail/missing`)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
    }
    await end(...apps);
    for (const { lines } of apps) {
      expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
      expect(lines.filter(({ message }) => String(message).startsWith('the shutdown took too long'))).toEqual([]);
    }
    expect(others.map(({ bodies }) => bodies.length > 0)).toEqual([false, true, true]);
    for (const other of others.slice(1)) other.stop();
  });

  test('gets what is left when the process ends', async () => {
    const app = await run();
    const slow = fetch(`${app.url}/fail/missing`);
    await slow;
    await end(app);
    expect(collector.spans.map(({ name }) => name)).toEqual(['GET /fail/:how']);
  });
});

/** A request as processes of the application, and the target that runs them, send it. */
function signed({ url }: AppProcess, path: string, method = 'POST', headers: Record<string, string> = {}) {
  const time = Date.now();
  const hash = createHash('sha256').update('').digest('hex');
  const digest = createHmac('sha256', key).update([time, method, path, 'internal', hash, ''].join('\n')).digest('hex');
  const signature = `v2 1 ${time} internal ${hash} ${digest}`;
  return fetch(url + path, { method, headers: { ...headers, 'x-fairlead-signature': signature } });
}
