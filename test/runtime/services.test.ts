import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hashBody, sign, verify } from '../../runtime/http/signature.ts';
import type { InfraConfig } from '../../runtime/wire.ts';
import { type AppProcess, killAll, spawnProcess, startProcess, until } from './support/process.ts';

const keys: NonNullable<InfraConfig['auth']> = [
  { type: 'key', id: 2, key: { $env: 'NEW_KEY' } },
  { type: 'key', id: 1, key: 'old key' },
];
const env = { NEW_KEY: 'new key', FAIRLEAD_TOKEN: 's3cret' };
const common: InfraConfig = {
  metadata: { app_id: 'shop', env_name: 'pr-1', env_type: 'ephemeral', cloud: 'aws', base_url: 'https://shop.test' },
  secrets: { Token: { $env: 'FAIRLEAD_TOKEN' }, Missing: { $env: 'NOT_SET' } },
  auth: keys,
  fairlead: { version: 1, release: 'sha256:abc' },
};

const run = (name: string, config: InfraConfig = common) =>
  startProcess('./services.ts', config, { ...env, PROCESS: name });
const discover = (apps: Record<string, AppProcess>): InfraConfig => ({
  ...common,
  service_discovery: Object.fromEntries(Object.entries(apps).map(([name, { url }]) => [name, { base_url: url }])),
});

afterAll(killAll);

async function ask(
  app: AppProcess,
  method: string,
  path: string,
  options: { body?: string; headers?: Record<string, string> } = {},
) {
  const response = await fetch(app.url + path, { method, ...options });
  const text = await response.text();
  return { status: response.status, body: text === '' ? '' : JSON.parse(text), headers: response.headers };
}

interface Topology {
  door: AppProcess;
  math: AppProcess;
  all: AppProcess[];
}

const topologies: Record<string, () => Promise<Topology>> = {
  async 'all-in-one'() {
    const app = await run('app');
    return { door: app, math: app, all: [app] };
  },
  async 'per-service'() {
    const math = await run('math');
    const front = await run('front', discover({ math }));
    const door = await run('gateway', discover({ front, math }));
    return { door, math, all: [math, front, door] };
  },
};

describe.each(Object.keys(topologies))('%s', (name) => {
  let topology: Topology;
  let door: AppProcess;

  beforeAll(async () => {
    topology = await (topologies[name] as () => Promise<Topology>)();
    door = topology.door;
  });

  const divide = async (a: number, b: unknown) =>
    (await ask(door, 'POST', '/divide', { body: JSON.stringify({ a, b }) })).body.outcome;

  test('a call passes declared values and nothing else', async () => {
    const value = { quotient: 2, at: '1970-01-01T00:00:00.000Z', type: 'true ' };
    expect(await divide(4, 2)).toEqual({ value, isDate: true });
  });

  test('an answer with a long head arrives', async () => {
    const asked = request(`${door.url}/length`, { method: 'POST', maxHeaderSize: 64 * 1024 });
    asked.end('{"a": "long head"}');
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    expect(response.resume().headers['x-next']).toHaveLength(40_000);
  });

  test('a body over the limit is refused in the words of the contract, however it is sent', async () => {
    const chunk = Buffer.alloc(1024 * 1024, 'a');
    for (let turn = 0; turn < 5; turn++) {
      const body = (async function* () {
        for (let sent = 0; sent < 12; sent++) yield chunk;
      })();
      const response = await fetch(`${door.url}/divide`, { method: 'POST', body, duplex: 'half' } as RequestInit);
      expect([response.status, ((await response.json()) as { message: string }).message]).toEqual([
        400,
        'unable to read request body: length limit exceeded',
      ]);
    }
  });

  describe('the answer reaches a client that writes all it has before it reads', () => {
    const send = async (connection: string): Promise<Socket> => {
      const socket = connect(Number(new URL(door.url).port), '127.0.0.1');
      const chunk = Buffer.alloc(1024 * 1024, 'a');
      const head = [
        'POST /divide HTTP/1.1',
        'host: x',
        `connection: ${connection}`,
        `content-length: ${12 * chunk.length}`,
      ];
      socket.write(`${head.join('\r\n')}\r\n\r\n`);
      for (let sent = 0; sent < 12; sent++) await promisify<Buffer, void>(socket.write).call(socket, chunk);
      return socket;
    };
    const refused = /^HTTP\/1\.1 400 Bad Request\r\n(.+\r\n)+\r\n.+length limit exceeded/;

    test('and then asks again', async () => {
      const socket = await send('keep-alive');
      expect(String(await once(socket, 'data'))).toMatch(refused);
      socket.write('GET /__encore/healthz HTTP/1.1\r\nhost: x\r\n\r\n');
      expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1\.1 200 OK/);
      socket.destroy();
    });

    test('and wants no more', async () => {
      expect(await text(await send('close'))).toMatch(refused);
    });
  });

  test.each([
    [0, { code: 'invalid_argument', message: 'division by zero: b is 0', details: { a: 4 } }],
    [-1, { code: 'internal', message: 'no negative numbers', details: null }],
    [-2, { code: 'internal', message: 'out of order', details: null }],
    [
      'x',
      {
        code: 'invalid_argument',
        message: 'unable to decode request: b: expected a number, got a string',
        details: null,
      },
    ],
  ])('the failure of a call reaches the caller: b = %s', async (b, error) => {
    expect(await divide(4, b)).toEqual({ type: 'APIError', ...error });
  });

  test('the trace follows the call, and the lines of the log', async () => {
    const { body, headers } = await ask(door, 'GET', '/trace');
    const id = headers.get('x-encore-trace-id');
    expect(body).toEqual({ own: id, other: id });
    const lines = () => topology.all.flatMap(({ lines }) => lines);
    await until(() =>
      lines().find(
        (l) =>
          l.message === 'asked for the trace' && l.trace_id === id && l.service === 'front' && l.endpoint === 'trace',
      ),
    );
    await until(() =>
      lines().find(
        (l) =>
          l.message === 'request completed' &&
          l.trace_id === id &&
          l.path === '/trace' &&
          l.status === 200 &&
          l.code === 'ok',
      ),
    );
  });

  test('facts about the environment, and secrets, which are masked as text', async () => {
    const { body } = await ask(door, 'GET', '/meta');
    expect(body.secret).toBe('s3cret Secret(Token, ********)');
    expect(body.meta).toMatchObject({
      appId: 'shop',
      apiBaseUrl: 'https://shop.test',
      environment: { name: 'pr-1', type: 'ephemeral', cloud: 'aws' },
      deploy: { id: 'sha256:abc', hostedServices: { front: { name: 'front' } } },
    });
  });

  test('a missing secret fails where it is read', async () => {
    expect((await ask(door, 'GET', '/missing')).status).toBe(500);
    await until(() => topology.all.flatMap(({ lines }) => lines).find((l) => l.error === 'secret Missing is not set'));
  });

  test.each([
    ['POST', '/math.divide'],
    ['POST', '/math/trace'],
    ['POST', '/__fairlead/call/math/divide'],
    ['POST', '/__fairlead/cron/tidy%20job'],
  ])('what is private is not found from outside: %s %s', async (method, path) => {
    const { status, body } = await ask(door, method, path, {
      headers: { 'x-fairlead-signature': 'v1 1 1 internal x y' },
    });
    expect([status, body.message]).toEqual([404, 'endpoint not found']);
  });

  test.each([
    '//HOST/trace',
    '/\\\\HOST/trace',
    '\\\\HOST/trace',
    'http://HOST/trace',
    'HTTP://HOST/trace',
    'http:\\\\HOST/trace',
  ])('a target that could name another host is refused, and that host not asked: %s', async (target) => {
    const seen: unknown[] = [];
    const other = createServer((request, response) => {
      seen.push(request.headers);
      response.end();
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    try {
      const { port } = other.address() as AddressInfo;
      expect(await rawStatus(door, target.replace('HOST', `127.0.0.1:${port}`))).toBe(400);
      expect(seen).toEqual([]);
    } finally {
      other.close();
    }
  });

  test.each([
    '/%6Dath/trace',
    '/x/../math/trace',
    '/x/%2e%2e/math/trace',
    '/math%2Ftrace',
    '/%5F_fairlead/call/math/trace',
    '/__fairlead%2Fcall/math/trace',
    '/x/../__fairlead/call/math/trace',
    '/%zz',
  ])('no spelling of a path reaches what is private: %s', async (path) => {
    expect(await rawStatus(door, path, 'POST')).toBe(404);
  });

  test('a large body passes, with the address of who sent it and no reserved header', async () => {
    const body = JSON.stringify({ a: 'x'.repeat(3_000_000) });
    const answer = await ask(door, 'POST', '/length', {
      body,
      headers: { 'x-fairlead-caller': 'x', 'x-encore-meta-a': 'x', 'x-mine': 'x' },
    });
    expect(answer.body.length).toBe(3_000_000);
    expect(answer.body.seen).toContain('x-mine');
    expect(answer.body.seen).not.toContain('x-fairlead-caller');
    expect(answer.body.seen).not.toContain('x-encore-meta-a');
    if (name === 'per-service') expect(answer.body.xff).toBe('127.0.0.1');
  });

  test('a page may ask through the door', async () => {
    const from = { headers: { origin: 'https://a.test' } };
    const { headers } = await ask(door, 'GET', '/trace', from);
    expect(headers.get('access-control-allow-origin')).toBe('https://a.test');
    expect(headers.get('access-control-expose-headers')?.split(', ')).toContain('x-next');
    const preflight = await ask(door, 'OPTIONS', '/length', from);
    expect(preflight.headers.get('access-control-allow-headers')?.split(', ')).toContain('x-shop');
  });

  test('cron jobs run for who has a key', async () => {
    expect(await signed(topology.math, 'POST', '/__fairlead/cron/tidy%20job')).toMatchObject({ status: 200, body: '' });
    await topology.math.line((line) => line.message === 'tidied' && line.endpoint === 'tidy');
    expect(await signed(topology.math, 'POST', '/__fairlead/cron/broken%20job')).toMatchObject({
      status: 500,
      body: { code: 'not_found', message: 'nothing to tidy' },
    });
    expect(await signed(topology.math, 'POST', '/__fairlead/cron/none')).toMatchObject({ status: 404 });
  });

  test.each([
    ['a valid signature', {}, 200],
    ['one with the second key', { id: 1, key: 'old key' }, 200],
    ['one with another key', { key: 'guessed' }, 404],
    ['one with an unknown key', { id: 3 }, 404],
    ['one that is two minutes old', { time: Date.now() - 120_000 }, 404],
    ['one from the future', { time: Date.now() + 120_000 }, 404],
    ['one for another path', { signedPath: '/math.divide' }, 404],
    ['one for another method', { signedMethod: 'GET' }, 404],
    ['one for another body', { signedBody: 'other' }, 404],
    ['one that leaves the body open', { hash: 'stream' }, 404],
    ['one for a request from outside', { origin: 'external' }, 404],
  ])('a private endpoint answers %s: %j → %i', async (_, options, status) => {
    expect((await signed(topology.math, 'POST', '/math/trace', options)).status).toBe(status);
  });
});

/** Sends the target of the request as it is, which `fetch` would put right. */
async function rawStatus({ url }: AppProcess, path: string, method = 'GET'): Promise<number | undefined> {
  const asked = request(url, { path, method }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

interface SignOptions {
  id?: number;
  key?: string;
  time?: number;
  signedPath?: string;
  signedMethod?: string;
  signedBody?: string;
  hash?: string;
  origin?: string;
  /** @default none */
  body?: string;
}

function signed(app: AppProcess, method: string, path: string, options: SignOptions = {}) {
  const { id = 2, key = 'new key', time = Date.now(), origin = 'internal' } = options;
  const hash =
    options.hash ??
    createHash('sha256')
      .update(options.signedBody ?? '')
      .digest('hex');
  const text = [time, options.signedMethod ?? method, options.signedPath ?? path, origin, hash, ''].join('\n');
  const digest = createHmac('sha256', key).update(text).digest('hex');
  return ask(app, method, path, {
    headers: { 'x-fairlead-signature': `v2 ${id} ${time} ${origin} ${hash} ${digest}` },
    ...(options.body !== undefined && { body: options.body }),
  });
}

test('a process without a gateway answers nobody from outside, except for its health', async () => {
  const math = await run('math');
  expect(await ask(math, 'POST', '/math/trace')).toMatchObject({
    status: 404,
    body: { message: 'endpoint not found' },
  });
  expect(await ask(math, 'GET', '/__encore/healthz')).toMatchObject({ status: 200 });
});

test('a service that is down is unavailable, through the gateway and for callers', async () => {
  const math = await run('math');
  const front = await run('front', discover({ math }));
  const door = await run('gateway', discover({ front, math }));
  math.kill('SIGKILL');
  await math.ended;
  const { body } = await ask(door, 'POST', '/divide', { body: '{"a": 1, "b": 1}' });
  expect(body.outcome).toMatchObject({ code: 'unavailable' });
  front.kill('SIGKILL');
  await front.ended;
  expect(await ask(door, 'GET', '/trace')).toMatchObject({
    status: 503,
    body: {
      code: 'unavailable',
      message: 'a part of the application cannot be reached: try again later',
      details: null,
    },
  });
});

test('an answer that no HTTP can carry is told in the log, and not outside', async () => {
  const app = await run('app');
  const { status, body } = await ask(app, 'POST', '/length', { body: '{"a": "two lines"}' });
  expect([status, body.message]).toEqual([500, 'an internal error occurred']);
  const told = await app.line(({ message }) => message === 'request failed');
  expect(told).toMatchObject({ level: 'error', error: expect.stringContaining('x-next') });
});

test('a client that goes while it waits is no failure of the service', async () => {
  const math = await run('math');
  const front = await run('front', discover({ math }));
  const door = await run('gateway', discover({ front, math }));
  front.kill('SIGSTOP');
  await expect(fetch(`${door.url}/trace`, { signal: AbortSignal.timeout(300) })).rejects.toThrow();
  expect(await door.line(({ path }) => path === '/trace')).toMatchObject({ code: 'canceled', status: 499 });
  expect(door.lines.map(({ level }) => level)).not.toContain('warn');
});

test('a service that hangs is waited for as long as the configuration says', async () => {
  const math = await run('math');
  const config = discover({ math });
  const front = await run('front', { ...config, fairlead: { version: 1, call_timeout: 0.5 }, hosted_gateways: [] });
  const door = await run('gateway', discover({ front, math }));
  const outcome = async () => (await ask(door, 'POST', '/divide', { body: '{"a": 4, "b": 2}' })).body.outcome;
  expect(await outcome()).toMatchObject({ value: { quotient: 2 } });
  math.kill('SIGSTOP');
  const late = { code: 'deadline_exceeded', message: 'service math did not answer within 0.5 s' };
  expect(await outcome()).toMatchObject(late);
  expect(await outcome()).toMatchObject(late);
  math.kill('SIGCONT');
  await until(async () => (await outcome()).value?.quotient === 2);
});

const [older, newer] = [
  { type: 'key' as const, id: 1, key: 'old key' },
  { type: 'key' as const, id: 2, key: 'new key' },
];

/** Every process is in one of two steps while a rotation goes from one to the next. */
test.each([
  ['the older key is all that there is', [older], [older], true],
  ['the newer one is there besides', [older], [older, newer], true],
  ['and not yet everywhere', [older, newer], [older], true],
  ['the newer one signs', [newer, older], [older, newer], true],
  ['and not yet everywhere', [older, newer], [newer, older], true],
  ['the older one is gone', [newer], [newer, older], true],
  ['and not yet everywhere', [newer, older], [newer], true],
  ['it is signed with the older one still', [older], [newer], false],
  ['it is signed with the newer one too early', [newer, older], [older], false],
  ['the number is taken by another key', [{ ...newer, id: 1 }], [older], false],
])('keys are rotated: %s', (_, signer, verifier, accepted) => {
  const request = { method: 'POST', path: '/', origin: 'internal' as const, bodyHash: hashBody('') };
  expect(verify(sign(request, signer), request, verifier) !== undefined).toBe(accepted);
});

test('a signature is good for a minute', () => {
  const request = { method: 'POST', path: '/', origin: 'internal' as const, bodyHash: hashBody('') };
  const header = sign(request, [newer], 1_000_000);
  const after = (milliseconds: number) => verify(header, request, [newer], 1_000_000 + milliseconds) !== undefined;
  expect([-60_001, -60_000, 0, 60_000, 60_001].map(after)).toEqual([false, true, true, true, false]);
});

test('a process that signs with a key which is gone is a stranger to the others', async () => {
  const math = await run('math', { ...common, auth: [newer] });
  const front = (auth: typeof keys) => run('front', { ...discover({ math }), auth, hosted_gateways: [] });
  const outcome = async (app: AppProcess, key: typeof older) => {
    const body = '{"a":4,"b":2}';
    const answer = await signed(app, 'POST', '/__fairlead/call/front/divide', { ...key, signedBody: body, body });
    return (answer.body as { outcome: { code?: string; value?: { quotient: number } } }).outcome;
  };
  const [late, timely] = await Promise.all([front([older]), front([newer, older])]);
  expect(await outcome(timely, older)).toMatchObject({ value: { quotient: 2 } });
  expect(await outcome(late, older)).toMatchObject({ code: 'not_found' });
});

test('a kept connection that breaks: what may be done twice is asked again, what may not is not', async () => {
  const seen: string[] = [];
  const used = new Set<Socket>();
  const other = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    // As one that ends: it has taken the request, and nobody knows how far it has come.
    if (used.has(request.socket)) return void request.socket.destroy();
    used.add(request.socket);
    request.resume().once('end', () => response.end('{}'));
  }).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const base_url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  const config = { ...common, service_discovery: { front: { base_url }, math: { base_url } } };
  const [door, front] = await Promise.all([run('gateway', config), run('front', config)]);
  const twice = async (work: () => Promise<unknown>) => {
    seen.length = 0;
    const outcomes = [await work(), await work()];
    return [...outcomes, seen.length];
  };
  const status = (method: string, path: string, body?: string) => async () =>
    (await ask(door, method, path, body === undefined ? {} : { body })).status;
  expect(await twice(status('GET', '/trace'))).toEqual([200, 200, 3]);
  for (const socket of used) socket.destroy();
  expect(await twice(status('POST', '/divide', '{}'))).toEqual([200, 503, 2]);
  for (const socket of used) socket.destroy();
  const call = async () => {
    const body = '{"a":4,"b":2}';
    const answer = await signed(front, 'POST', '/__fairlead/call/front/divide', { signedBody: body, body });
    return (answer.body as { outcome: { code?: string } }).outcome.code;
  };
  expect((await twice(call)).slice(1)).toEqual(['unavailable', 2]);
  other.close().closeAllConnections();
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s lets the request at hand end', async (signal) => {
  const app = await run('app');
  const answer = ask(app, 'GET', '/slow');
  await app.line(({ message }) => message === 'slow began');
  app.kill(signal);
  await app.line(({ message }) => message === 'shutting down');
  await expect(fetch(`${app.url}/trace`)).rejects.toThrow();
  expect((await answer).status).toBe(200);
  expect(await app.ended).toBe(0);
});

test('on a developer’s machine a missing secret is empty', async () => {
  const app = await run('app', { metadata: { cloud: 'local', env_type: 'development' } });
  expect((await ask(app, 'GET', '/missing')).body).toEqual({ secret: '' });
});

test('all secrets may come in one variable', async () => {
  const config: InfraConfig = { ...common, secrets: { $env: 'ALL' } };
  const app = await startProcess('./services.ts', config, { ...env, ALL: '{"Token": "one"}' });
  expect((await ask(app, 'GET', '/meta')).body.secret).toMatch(/^one /);
});

test('the configuration may come as text', async () => {
  const text = JSON.stringify({ ...common, secrets: { Token: 'two' } });
  const app = await startProcess(
    './services.ts',
    {},
    { ...env, ENCORE_INFRA_CONFIG_PATH: '', FAIRLEAD_INFRA_CONFIG: text },
  );
  expect((await ask(app, 'GET', '/meta')).body.secret).toMatch(/^two /);
});

test.each([
  ['FL6002', { hosted_services: 'all' }, {}, /hosted_services: expected an array, got a string/],
  ['FL6002', { auth: [{ type: 'key', id: 1 }] }, {}, /missing field auth\[0\]\.key/],
  ['FL6002', { metadata: { env_type: 'qa' } }, {}, /metadata\.env_type: expected one of "development", "production"/],
  ['FL6002', { redis: { main: { host: 'h:6379' } } }, {}, /missing field redis\.main\.database_index/],
  ['FL6002', { pubsub: [{ type: 'aws_sns_sqs', topics: { jobs: {} } }] }, {}, /pubsub\[0\]\.topics\.jobs\.arn/],
  [
    'FL6002',
    {},
    { ENCORE_INFRA_CONFIG_PATH: '', FAIRLEAD_INFRA_CONFIG: '{' },
    /in FAIRLEAD_INFRA_CONFIG is not valid: it is not JSON/,
  ],
  [
    'FL6008',
    { pubsub: [{ type: 'azure_service_bus' }], object_storage: [{ type: 'azure_blob' }] },
    {},
    /no backend for: pubsub azure_service_bus, object_storage azure_blob$/,
  ],
  [
    'FL6003',
    {
      redis: {
        main: { host: 'h:1', database_index: 0, auth: { type: 'auth_string', auth_string: { $env: 'NOT_SET' } } },
      },
    },
    {},
    /password of cache main is taken from the environment variable NOT_SET/,
  ],
  ['FL6003', { auth: [{ type: 'key', id: 1, key: { $env: 'NOT_SET' } }] }, {}, /NOT_SET, which is not set/],
  ['FL6003', { auth: [{ type: 'key', id: 1, key: '' }] }, {}, /auth key 1 is empty/],
  ['FL6004', { hosted_services: ['other'] }, {}, /hosts other, which this bundle does not contain/],
  ['FL6005', {}, { HOST: '192.0.2.1' }, /cannot listen on 192\.0\.2\.1:0/],
  ['FL6001', {}, { ENCORE_INFRA_CONFIG_PATH: '/nowhere/infra.config.json' }, /cannot be read/],
])('%s: %j %j', async (code, config, more, message) => {
  const app = spawnProcess('./services.ts', config as InfraConfig, { ...env, ...more });
  expect(await app.ended).toBe(1);
  expect(app.lines).toMatchObject([
    { level: 'error', code, message: expect.stringMatching(message), help: expect.any(String) },
  ]);
});
