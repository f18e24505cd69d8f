import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { type Application, runApplication } from './application.ts';

/** Applications as people write them for Encore.ts, by the real command: they run unchanged, and answer as they do there. */

const running = new Set<Application>();

afterAll(async () => {
  for (const application of running) await application.stop();
});

async function withApplication(name: string, use: (application: Application) => Promise<void>): Promise<void> {
  const application = await runApplication(name);
  running.add(application);
  await use(application);
  running.delete(application);
  await application.stop();
}

/** What asks an application: the status, the headers and the body, parsed where it is JSON. */
function client({ url }: Application) {
  return async (method: string, path: string, { json, ...options }: RequestInit & { json?: unknown } = {}) => {
    const body = json === undefined ? {} : { body: JSON.stringify(json) };
    const headers = json === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      ...body,
      ...options,
      headers: { ...headers, ...(options.headers as Record<string, string>) },
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.startsWith('application/json');
    return { status: answer.status, headers: answer.headers, body: isJson ? (JSON.parse(text) as unknown) : text };
  };
}

test('Express behind a fallback, Apollo behind a raw endpoint, and typed endpoints beside them', async () => {
  await withApplication('web', async (application) => {
    const ask = client(application);
    expect((await ask('GET', '/status')).body).toEqual({ ok: true });
    const hello = await ask('GET', '/api/hello/ann?a=1&a=2');
    expect(hello.body).toEqual({ hello: 'ann', query: { a: ['1', '2'] } });
    expect(hello.headers.getSetCookie()).toEqual(['seen=ann; Path=/']);
    expect((await ask('GET', '/hello.txt')).body).toBe('hello\n');
    const form = await ask('POST', '/api/form', { body: new URLSearchParams({ a: '1' }) });
    expect(form.body).toEqual({ a: '1' });
    const upload = new FormData();
    upload.set('file', new File([Buffer.alloc(3_000_000)], 'large.bin'));
    expect((await ask('POST', '/api/upload', { body: upload })).body).toEqual({ 'large.bin': 3_000_000 });
    const events = await ask('GET', '/api/events');
    expect(events.headers.get('content-type')).toBe('text/event-stream');
    expect(events.body).toBe('data: 1\n\ndata: 2\n\n');
    expect(await ask('GET', '/api/boom')).toMatchObject({ status: 500, body: { error: 'boom' } });
    expect(await ask('PATCH', '/else/where')).toMatchObject({ status: 404, body: 'nothing at /else/where' });

    const query = async (text: string) => (await ask('POST', '/graphql', { json: { query: text } })).body;
    expect(await query('mutation { add(title: "X") { code book { title } } }')).toEqual({
      data: { add: { code: 'ok', book: { title: 'X' } } },
    });
    expect(await query('mutation { add(title: "X") { code } }')).toEqual({ data: { add: { code: 'already_exists' } } });
    expect(await query('{ books { title } }')).toEqual({ data: { books: [{ title: '1984' }, { title: 'X' }] } });
  });
}, 60_000);

test('a login with sessions, its secret not set, its migrations numbered from 0000', async () => {
  await withApplication('members', async (application) => {
    const ask = client(application);
    expect(await ask('POST', '/members', { json: { email: 'nobody' } })).toMatchObject({
      status: 400,
      body: {
        code: 'invalid_argument',
        message: 'unable to decode request body: email: value is not an email',
        details: null,
      },
    });
    const joined = await ask('POST', '/members', { json: { email: 'ann@shop.test', more: 1 } });
    expect(joined).toMatchObject({ status: 201, body: { since: expect.stringMatching(/^\d{4}-.*Z$/) } });
    expect(joined.headers.get('location')).toBe('/members/1');
    const [cookie = ''] = joined.headers.getSetCookie();
    expect(cookie).toMatch(/^session=1\.[0-9a-f]{64}; Path=\/; SameSite=Lax; HttpOnly$/);
    const token = cookie.slice('session='.length, cookie.indexOf(';'));
    expect(await ask('POST', '/members', { json: { email: 'ann@shop.test' } })).toMatchObject({
      status: 409,
      body: { code: 'already_exists', message: 'the address is taken', details: { email: 'ann@shop.test' } },
    });

    const as = {
      header: { headers: { authorization: `Bearer ${token}` } },
      cookie: { headers: { cookie: `session=${token}` } },
    };
    expect((await ask('GET', '/me', as.header)).body).toEqual({ id: '1', via: 'header' });
    expect((await ask('GET', '/me', as.cookie)).body).toEqual({ id: '1', via: 'cookie' });
    expect((await ask('GET', `/me?token=${token}`)).body).toEqual({ id: '1', via: 'query' });
    expect((await ask('GET', '/who', as.cookie)).body).toEqual({ id: '1', via: 'cookie' });
    expect((await ask('GET', '/who?token=1.bad')).body).toEqual({ id: null });
    for (const path of ['/me', '/me?token=1.bad'])
      expect(await ask('GET', path)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });

    // A page of the developer's other server, with its session.
    const page = await ask('GET', '/me', { headers: { ...as.cookie.headers, origin: 'http://localhost:5173' } });
    expect(page.headers.get('access-control-allow-origin')).toBe('http://localhost:5173');
    expect(page.headers.get('access-control-allow-credentials')).toBe('true');
  });
}, 60_000);

test('services that call each other, with topics, middleware, shared types, streams, buckets and caches', async () => {
  await withApplication('platform', async (application) => {
    const ask = client(application);
    const created = await ask('POST', '/orders', {
      json: { customer: 'ann', amount: 5, labels: { a: 1 }, note: null },
    });
    const order = { id: 'o1', customer: 'ann', amount: 5, status: 0, createdAt: '1970-01-01T00:00:00.000Z' };
    expect(created.body).toEqual({ ...order, labels: { a: 1 }, note: null });
    expect(created.headers.get('x-timed')).toBe('yes');
    expect((await ask('POST', '/orders/o1/pay')).body).toEqual({ kind: 'ok', value: { ...order, status: 1 } });
    await ask('POST', '/orders', { json: { customer: 'bob', amount: 0 } });
    await ask('POST', '/orders', { json: { customer: 'bob', amount: 5000 } });
    expect(await ask('POST', '/orders/o2/pay')).toMatchObject({
      status: 400,
      body: { code: 'invalid_argument', message: 'nothing to pay', details: { order: 'o2' } },
    });
    expect((await ask('POST', '/orders/o3/pay')).body).toEqual({ kind: 'error', error: 'declined' });
    expect((await ask('GET', '/orders?status=1')).body).toEqual({ orders: [{ ...order, status: 1 }] });
    expect(await ask('GET', '/orders?status=Paid')).toMatchObject({ status: 400, body: { code: 'invalid_argument' } });
    expect(await ask('DELETE', '/orders')).toMatchObject({ status: 403, body: { code: 'permission_denied' } });
    expect(await ask('DELETE', '/orders', { headers: { 'x-admin': 'yes' } })).toMatchObject({ status: 200, body: '' });
    expect(await ask('POST', '/billing.charge', { json: { order: 'o1', amount: 1 } })).toMatchObject({
      status: 404,
      body: { code: 'not_found', message: 'endpoint not found', details: null },
    });

    expect(await said(application, '/echo/hall', { text: 'hi' })).toEqual({ text: 'hall: hi' });

    // The first message failed once, and came again.
    const names = ['created/o1.json', 'created/o2.json', 'created/o3.json', 'paid/o1.json'];
    let told: unknown;
    for (let tries = 0; tries < 100; tries++) {
      told = (await ask('GET', '/told')).body;
      if ((told as { names: string[] }).names.length === names.length) break;
      await sleep(100);
    }
    expect(told).toEqual({ names, created: 3 });
  });
}, 60_000);

/** What a stream says to a message. */
function said({ url }: Application, path: string, message: unknown): Promise<unknown> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, 'encore-ws');
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => socket.send(JSON.stringify(message)));
    socket.on('message', (data) => {
      socket.close();
      resolve(JSON.parse(String(data)));
    });
  });
}
