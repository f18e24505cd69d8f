import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { callHeader, hashBody, sign, signatureHeader, writeCall } from '../../runtime/http/signature.ts';
import type { AuthKey, InfraConfig, SignedCall } from '../../runtime/wire.ts';
import { freePort } from '../support/free-port.ts';
import { type AppProcess, killAll, startProcess, until } from './support/process.ts';

const auth: AuthKey[] = [{ type: 'key', id: 1, key: 'key' }];
const common: InfraConfig = { auth, graceful_shutdown: { total: 2 } };
const run = (name: string, config: InfraConfig = common) => startProcess('./auth.ts', config, { PROCESS: name });

interface Topology {
  door: AppProcess;
  users: AppProcess;
  web: AppProcess;
}

const topologies: Record<string, () => Promise<Topology>> = {
  async 'all-in-one'() {
    const app = await run('app');
    return { door: app, users: app, web: app };
  },
  async 'per-service'() {
    const at = (apps: Record<string, AppProcess>): InfraConfig => ({
      ...common,
      service_discovery: Object.fromEntries(Object.entries(apps).map(([name, { url }]) => [name, { base_url: url }])),
    });
    const [users, data] = await Promise.all([run('users'), run('data')]);
    const web = await run('web', at({ data }));
    return { users, web, door: await run('gateway', at({ users, web, data })) };
  },
};

afterAll(killAll);

async function ask({ url }: AppProcess, method: string, path: string, options: RequestInit = {}) {
  const response = await fetch(url + path, { method, ...options });
  const text = await response.text();
  return { status: response.status, body: text === '' ? '' : JSON.parse(text), headers: response.headers };
}

const bearer = (name: string): RequestInit => ({ headers: { authorization: name } });
const ann = { userID: 'ann', since: '2026-01-01T00:00:00.000Z', by: 'header' };
const unauthenticated = { code: 'unauthenticated', message: 'the endpoint asks for authentication', details: null };

describe.each(Object.keys(topologies))('%s', (name) => {
  let topology: Topology;
  let door: AppProcess;

  beforeAll(async () => {
    topology = await (topologies[name] as (typeof topologies)[string])();
    door = topology.door;
  });

  const timesAsked = () => topology.users.lines.filter(({ message }) => message === 'who is it?').length;

  describe('who asks', () => {
    test.each<[string, string, RequestInit]>([
      ['a header', '/open', bearer('ann')],
      ['a cookie', '/open', { headers: { cookie: 'other=1; sid=7' } }],
      ['the query string', '/open?token=bob', {}],
    ])('is told by %s, also to an endpoint that needs nobody', async (place, path, options) => {
      const { status, body } = await ask(door, 'GET', path, options);
      const [userID, by] = { 'a header': ['ann', 'header'], 'a cookie': ['user 7', 'cookie'] }[place] ?? [
        'bob',
        'query',
      ];
      expect([status, body]).toEqual([200, { user: { userID, since: '2026-01-01T00:00:00.000Z', by } }]);
    });

    test.each<[string, string, RequestInit]>([
      ['nothing', '/open', {}],
      ['an empty header', '/open', bearer('')],
      ['an empty cookie', '/open', { headers: { cookie: 'sid=' } }],
      ['an empty parameter', '/open?token=', {}],
      ['parameters of others', '/open?other=1', { headers: { cookie: 'other=1' } }],
    ])('is not asked of a request that carries %s', async (_, path, options) => {
      const before = timesAsked();
      expect(await ask(door, 'GET', path, options)).toMatchObject({ status: 200, body: { user: null } });
      expect(timesAsked()).toBe(before);
    });

    test('is told with as many headers as there may be', async () => {
      const headers = { authorization: 'ann', 'x-large': 'x'.repeat(15_900) };
      expect(await ask(door, 'GET', '/open', { headers })).toMatchObject({ status: 200, body: { user: ann } });
    });

    test('is asked once, with what the request tells of itself', async () => {
      const before = timesAsked();
      await ask(door, 'GET', '/deep?x=1', { headers: { authorization: 'ann', 'user-agent': 'me/1' } });
      await until(() => timesAsked() > before);
      expect(timesAsked()).toBe(before + 1);
      const line = topology.users.lines.findLast(({ message }) => message === 'who is it?');
      expect(line).toMatchObject({ asked: '/deep', agent: 'me/1', service: 'users', endpoint: 'auth' });
    });

    test.each([
      ['nobody', 401, unauthenticated],
      ['noid', 401, unauthenticated],
      ['bad', 401, { code: 'unauthenticated', message: 'bad token', details: { expired: true } }],
    ])('is nobody: %s, which an endpoint with `auth` refuses', async (token, status, body) => {
      expect(await ask(door, 'GET', '/open', bearer(token))).toMatchObject({ status: 200, body: { user: null } });
      expect(await ask(door, 'GET', '/guarded', bearer(token))).toMatchObject({ status, body });
      expect(await ask(door, 'GET', '/raw', bearer(token))).toMatchObject({ status, body });
    });

    test.each([
      ['forbidden', 403, { code: 'permission_denied', message: 'banned', details: null }],
      ['crash', 500, { code: 'internal', message: 'an internal error occurred', details: null }],
    ])('cannot be told: %s, which ends any request', async (token, status, body) => {
      expect(await ask(door, 'GET', '/open', bearer(token))).toMatchObject({ status, body });
      expect(await ask(door, 'GET', '/guarded', bearer(token))).toMatchObject({ status, body });
    });

    test('cannot be told from what does not decode', async () => {
      const message = 'unable to decode request cookies: sid: not a valid number';
      expect(await ask(door, 'GET', '/open', { headers: { cookie: 'sid=x' } })).toMatchObject({
        status: 400,
        body: { code: 'invalid_argument', message, details: null },
      });
    });

    test('is let in where somebody has to be', async () => {
      expect(await ask(door, 'GET', '/guarded')).toMatchObject({ status: 401, body: unauthenticated });
      expect(await ask(door, 'GET', '/guarded', bearer('ann'))).toMatchObject({ status: 200, body: { user: ann } });
      expect(await ask(door, 'GET', '/raw', bearer('ann'))).toMatchObject({ status: 200, body: { user: ann } });
    });

    test('is nobody’s business where there is nothing', async () => {
      const before = timesAsked();
      expect((await ask(door, 'GET', '/none', bearer('ann'))).status).toBe(404);
      expect((await ask(door, 'GET', '/data.who', bearer('ann'))).status).toBe(404);
      expect(timesAsked()).toBe(before);
    });

    test('may be told by a header that pages can send', async () => {
      const headers = { origin: 'https://a.test', 'access-control-request-method': 'GET' };
      const preflight = await ask(door, 'OPTIONS', '/open', { headers });
      expect(preflight.headers.get('access-control-allow-headers')?.split(', ')).toContain('authorization');
    });
  });

  describe('a call within the application', () => {
    test('is made for who asks, with values of their types', async () => {
      expect((await ask(door, 'GET', '/deep', bearer('ann'))).body).toEqual({
        user: ann,
        more: { user: ann, isDate: true, wrapped: 'api-call' },
      });
      expect((await ask(door, 'GET', '/deep')).body).toEqual({ user: null, more: { user: null, isDate: false } });
    });

    test('is refused where somebody has to be and nobody is', async () => {
      const { code, message } = unauthenticated;
      expect((await ask(door, 'GET', '/private')).body).toEqual({ more: { code, message } });
      expect((await ask(door, 'GET', '/private', bearer('ann'))).body).toEqual({ more: { user: ann } });
    });

    test('a raw endpoint takes no calls', async () => {
      const error = { code: 'unimplemented', message: 'web.raw takes HTTP requests, and no calls' };
      expect((await ask(door, 'GET', '/calls-raw', bearer('ann'))).body).toEqual({ more: error });
    });

    test('may be made for somebody else, once', async () => {
      const robot = { userID: 'robot', since: '1970-01-01T00:00:00.000Z', by: 'override' };
      expect((await ask(door, 'GET', '/override', bearer('ann'))).body).toEqual({
        user: ann,
        more: [
          { user: robot, isDate: true, wrapped: 'api-call' },
          { user: robot },
          { user: ann, isDate: true, wrapped: 'api-call' },
        ],
      });
    });
  });

  describe('nobody outside can say what only processes say', () => {
    const call = writeCall({ auth: { userID: 'root', since: '2026-01-01T00:00:00.000Z', by: 'forged' } }) as string;
    const signed = (key: string, origin: 'internal' | 'external', told: string | undefined) => ({
      [signatureHeader]: sign(
        { method: 'GET', path: '/open', origin, bodyHash: hashBody(''), ...(told && { call: told }) },
        [{ type: 'key', id: 1, key }],
      ),
    });

    test.each<[string, Record<string, string>]>([
      ['without a signature', { [callHeader]: call }],
      ['with a signature of another key', { [callHeader]: call, ...signed('guessed', 'internal', call) }],
      ['with a signature of something else', { [callHeader]: call, ...signed('key', 'internal', undefined) }],
      ['with a signature of a request from outside', { [callHeader]: call, ...signed('key', 'external', undefined) }],
      ['in the way of another system', { 'x-encore-meta-userid': 'root', 'x-encore-meta-authdata': '{}' }],
    ])('%s', async (_, headers) => {
      expect(await ask(door, 'GET', '/open', { headers })).toMatchObject({ status: 200, body: { user: null } });
      expect((await ask(door, 'GET', '/guarded', { headers })).status).toBe(401);
      expect((await ask(door, 'POST', '/__fairlead/auth', { headers, body: '{}' })).status).toBe(404);
    });

    test('but a process can', async () => {
      const headers = { [callHeader]: call, ...signed('key', 'internal', call) };
      const { status, body } = await ask(topology.web, 'GET', '/open', { headers });
      expect([status, body.user.userID]).toEqual([200, 'root']);
    });
  });

  describe('a deadline', () => {
    const askSigned = (path: string, call: SignedCall) => {
      const told = writeCall(call) as string;
      const signature = sign({ method: 'POST', path, origin: 'internal', bodyHash: hashBody(''), call: told }, auth);
      const headers = { [callHeader]: told, [signatureHeader]: signature };
      return ask(topology.web, 'POST', path, { headers });
    };

    test('ends the calls that are made until then', async () => {
      const started = Date.now();
      const { body } = await askSigned('/__fairlead/call/web/waits', { deadline: started + 300 });
      expect(body).toEqual({ more: { code: 'deadline_exceeded', message: 'the caller has stopped waiting' } });
      expect(Date.now() - started).toBeLessThan(2500);
    });

    test('that is over leaves nothing to do', async () => {
      expect(await askSigned('/__fairlead/call/web/slow', { deadline: Date.now() - 1 })).toMatchObject({
        status: 504,
        body: { code: 'deadline_exceeded' },
      });
    });
  });

  describe('middleware', () => {
    test('wraps the handler in its order, and has the last word', async () => {
      const { status, body, headers } = await ask(door, 'POST', '/order', { body: '{"say": "hi"}' });
      expect([status, body]).toEqual([
        202,
        { said: ['hi', ['outer sees hi', 'inner sees hi']], extra: ['inner', 'outer'] },
      ]);
      expect([headers.get('location'), headers.get('x-passed')]).toEqual(['/middleware', 'inner, outer']);
      expect(headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    });

    test('may answer itself, in the form of the endpoint', async () => {
      const { status, body, headers } = await ask(door, 'POST', '/early');
      expect([status, body, headers.get('content-type')]).toEqual([203, { said: 'early' }, 'application/problem+json']);
    });

    test('may refuse', async () => {
      expect(await ask(door, 'POST', '/refused')).toMatchObject({
        status: 429,
        body: { code: 'resource_exhausted', message: 'slow down', details: { seconds: 5 } },
      });
    });

    test('that answers nothing has failed, and the log says how', async () => {
      expect((await ask(door, 'POST', '/wrong')).status).toBe(500);
      await topology.web.line(({ error }) => /a middleware has to return the response/.test(String(error)));
    });

    test('may say that there is no content', async () => {
      const { status, body, headers } = await ask(door, 'POST', '/empty');
      expect([status, body, headers.get('content-type')]).toEqual([204, '', null]);
    });
  });

  test('a promise that was left alone is in the log with its request, and harms nobody', async () => {
    expect((await ask(door, 'GET', '/floating')).body).toEqual({ more: 'answered' });
    const line = await topology.web.line(({ message }) => message === 'unhandled rejection');
    expect(line).toMatchObject({ level: 'error', error: 'left alone', service: 'web', endpoint: 'floating' });
    expect((await ask(door, 'GET', '/open')).status).toBe(200);
  });

  test('an exception that nobody caught ends its request at once, and the process after the others', async () => {
    const slow = ask(door, 'GET', '/slow');
    await topology.web.line(({ message }) => message === 'slow began');
    expect(await ask(door, 'GET', '/thrown')).toMatchObject({ status: 500, body: { code: 'internal' } });
    expect((await slow).body).toEqual({ more: 'slow' });
    const line = await topology.web.line(({ message }) => message === 'uncaught exception');
    expect(line).toMatchObject({ level: 'error', error: 'thrown into the air', service: 'web', endpoint: 'thrown' });
    expect(await topology.web.ended).toBe(1);
  });
});

test('that nobody says who sends a request is told in the log, and not outside', async () => {
  const base_url = `http://127.0.0.1:${await freePort()}`;
  const elsewhere = { web: { base_url }, users: { base_url }, data: { base_url } };
  const door = await run('gateway', { ...common, service_discovery: elsewhere });
  const { status, body } = await ask(door, 'POST', '/order', { headers: { authorization: 'ann' } });
  expect([status, body.message]).toEqual([503, 'a part of the application cannot be reached: try again later']);
  const told = await door.line(({ message }) => message === 'request failed');
  expect(told).toMatchObject({ reason: expect.stringContaining('service users cannot be reached') });
});

test('a request whose client went while the gateway asked who it is goes no further', async () => {
  const servers: ReturnType<typeof createServer>[] = [];
  const listen = async (answer: RequestListener) => {
    const server = createServer(answer).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return { base_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  };
  const asked = Promise.withResolvers<() => void>();
  const reached: string[] = [];
  const web = await listen(({ url = '' }, response) => {
    reached.push(url);
    response.end();
  });
  const users = await listen((_, response) => asked.resolve(() => response.end()));
  const door = await run('gateway', { ...common, service_discovery: { web, users, data: web } });
  const client = connect(Number(new URL(door.url).port), '127.0.0.1');
  client.write('POST /order HTTP/1.1\r\nhost: x\r\nauthorization: ann\r\ncontent-length: 100\r\n\r\n{');
  const answer = await asked.promise;
  client.resetAndDestroy();
  // Its own connection tells the gateway of it before another one brings the answer.
  expect((await fetch(`${door.url}/nowhere`)).status).toBe(404);
  answer();
  expect(await door.line(({ path }) => path === '/order')).toMatchObject({ code: 'canceled' });
  expect(reached).toEqual([]);
  for (const server of servers) server.close().closeAllConnections();
});
