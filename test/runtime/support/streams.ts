// A process of an application with streams, hosting what PROCESS says: `app`, `gateway`, `chat` or `front`.
import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from '../../../analyzer/graph.ts';
import { createManifest } from '../../../images/bundle/manifest.ts';
import { processesOf } from '../../../pipeline/processes.ts';
import {
  APIError,
  middleware,
  type StreamIn,
  type StreamInOut,
  type StreamOut,
  type StreamOutWithResponse,
} from '../../../runtime/api/mod.ts';
import { authHandler } from '../../../runtime/auth/mod.ts';
import { getAuthData } from '../../../runtime/internal/auth.ts';
import { call } from '../../../runtime/internal/clients.ts';
import { start } from '../../../runtime/internal/start.ts';
import log from '../../../runtime/log/mod.ts';
import { currentRequest } from '../../../runtime/mod.ts';
import { Service } from '../../../runtime/service/mod.ts';
import * as graphs from '../../support/graph.ts';
import { date, graphOf, message, number, text } from './graph.ts';

interface Note {
  text: string;
  at?: Date;
}

const note = message({ text, at: date }, { optional: ['at'] }).schema;
const seen = { type: 'object', properties: { seen: {} }, required: ['seen'] };
const counted = message({ n: number }).schema;
const get = ['GET' as const];

function stream(name: string, part: Partial<Endpoint>): Partial<Endpoint> {
  return { name, kind: 'stream', methods: [...get], exposed: true, path: `/${name}`, bodyLimit: null, ...part };
}

const how = message({ how: text }, { places: { how: 'query' }, methods: [...get] });

const streams: Partial<Endpoint>[] = [
  stream('echo', { stream: { in: note, out: note } }),
  stream('rooms', {
    path: '/rooms/:room',
    request: message(
      { room: text, limit: number, token: text },
      { optional: ['token'], places: { room: 'path', limit: 'query', token: 'header X-Token' }, methods: [...get] },
    ),
    stream: { in: note, out: seen },
  }),
  stream('sum', { stream: { in: counted }, response: message({ total: number }) }),
  stream('count', {
    request: message({ to: number }, { places: { to: 'query' }, methods: [...get] }),
    stream: { out: counted },
  }),
  stream('flood', { stream: { out: note } }),
  stream('lazy', { stream: { in: note, out: note } }),
  stream('hidden', { exposed: false, stream: { out: counted } }),
  stream('secret', { auth: true, stream: { out: seen } }),
  stream('who', { stream: { out: seen } }),
  stream('fails', { request: how, stream: { out: counted } }),
  stream('wrapped', { tags: ['wrapped'], stream: { in: note, out: note } }),
  stream('waits', { stream: { in: note } }),
];

const authRequest = message(
  { authorization: text, sid: text },
  {
    optional: ['authorization', 'sid'],
    places: { authorization: 'header Authorization', sid: 'cookie sid' },
    methods: [...get],
  },
);
const graph = graphOf(
  {
    chat: { endpoints: [...streams, { name: 'plain', methods: [...get], exposed: true, path: '/plain' }] },
    front: {
      endpoints: [
        {
          name: 'tries',
          exposed: true,
          path: '/tries',
          request: message({ what: text }),
          response: message({ outcome: {} }),
        },
      ],
    },
  },
  {
    gateway: graphs.gateway({ authenticates: true, service: 'chat' }),
    authHandler: graphs.authHandler({
      service: 'chat',
      request: authRequest,
      data: message({ userID: text }).schema,
    }),
    uses: streams.map(({ name }) =>
      graphs.use('front', { kind: 'endpoint', service: 'chat', name: name ?? '' }, ['call']),
    ),
  },
);

/** What a stream waits for that a request of another kind brings. */
const cues = new EventEmitter();

const chat = {
  async echo(stream: StreamInOut<Note, Note>) {
    for await (const { text, at } of stream) {
      if (text === 'close') await stream.close();
      else await stream.send({ text, ...(at && { at: new Date(at.getTime() + 1) }) });
    }
    log.info('echo ended');
    // What comes after the end of the client.
    await sleep(50);
    const outcomes = await Promise.all(
      [stream.send({ text: 'late' }), stream.recv()].map((work) =>
        work.then(
          () => 'done',
          ({ code }) => code,
        ),
      ),
    );
    log.info('echo tried', { outcomes });
  },
  async rooms(handshake: object, stream: StreamInOut<Note, { seen: unknown }>) {
    const request = currentRequest();
    const { pathParams = {}, headers = {} } = request?.type === 'api-call' ? request : {};
    await stream.send({ seen: { handshake, pathParams, forwarded: headers['x-forwarded-for'] !== undefined } });
    for await (const { text } of stream) await stream.send({ seen: text });
  },
  async sum(stream: StreamIn<{ n: number }>) {
    let total = 0;
    for await (const { n } of stream) {
      if (n < 0) throw APIError.outOfRange('no negative numbers', new Error('minus')).withDetails({ n });
      if (n === 0) break;
      total += n;
    }
    log.info('summed', { total });
    return { total, internal: 'not declared' };
  },
  async count({ to }: { to: number }, stream: StreamOut<{ n: number }>) {
    let sent = 0;
    try {
      for (let n = 1; n <= to; n++) {
        await stream.send({ n });
        sent = n;
      }
    } finally {
      log.info('counted', { sent });
    }
  },
  async flood(stream: StreamOut<Note>) {
    const text = 'x'.repeat(100_000);
    let sent = 0;
    const timer = setInterval(() => log.info('flooding', { sent, rss: process.memoryUsage().rss }), 100);
    try {
      for (; sent < 2000; sent++) await stream.send({ text });
    } finally {
      clearInterval(timer);
    }
  },
  async lazy(stream: StreamInOut<Note, Note>) {
    await stream.send({ text: 'ready' });
    await once(cues, 'plain');
    log.info('woke', { rss: process.memoryUsage().rss });
    let taken = 0;
    for await (const { text } of stream) {
      taken++;
      if (text === 'last') break;
    }
    await stream.send({ text: String(taken) });
  },
  async hidden(stream: StreamOut<{ n: number }>) {
    await stream.send({ n: 42 });
  },
  async secret(stream: StreamOut<{ seen: unknown }>) {
    await stream.send({ seen: getAuthData() });
  },
  async who(stream: StreamOut<{ seen: unknown }>) {
    await stream.send({ seen: getAuthData() });
  },
  async fails({ how }: { how: string }, stream: StreamOut<{ n: number }>) {
    await stream.send({ n: 1 });
    if (how === 'unexpected') throw new Error('password=hunter2');
    if (how === 'long') throw APIError.notFound(`no ${'ü'.repeat(300)}`).withDetails({ a: 1 });
    if (how === 'unavailable') throw APIError.unavailable('come back later');
    if (how === 'normal') return;
    throw APIError.failedPrecondition('not yet').withDetails({ wait: 5 });
  },
  async wrapped(stream: StreamInOut<Note, Note>) {
    const request = currentRequest();
    const data = request?.type === 'api-call' ? request.middlewareData : {};
    await stream.send({ text: `handler ${JSON.stringify(data)}` });
    if ((await stream.recv()).text === 'throw') throw APIError.aborted('as asked');
  },
  async waits(stream: StreamIn<Note>) {
    log.info('waiting');
    for await (const _ of stream);
    log.info('left');
    await sleep(300);
    log.info('tidied up');
  },
};

const wrap = middleware({ target: { isStream: true, tags: ['wrapped'] } }, async (request, next) => {
  const stream = request.stream as StreamInOut<Note, Note>;
  request.data.who = 'middleware';
  await stream.send({ text: 'before' });
  try {
    return await next(request);
  } finally {
    await stream.send({ text: 'after' });
  }
});

authHandler<{ authorization?: string; sid?: { value: string } }, { userID: string }>(async ({ authorization, sid }) => {
  if (authorization === 'Bearer broken') throw APIError.unavailable('the directory is down');
  const userID = authorization?.replace(/^\w+ /, '') ?? sid?.value;
  if (userID === 'nobody') throw APIError.unauthenticated('unknown');
  return userID ? { userID } : null;
});

type Out<Answer> = StreamOutWithResponse<{ n: number }, Answer>;

/** What a caller within the application sees. */
const tries: Record<string, () => Promise<unknown>> = {
  async inOut() {
    const stream = await call<StreamInOut<Note, Note>>('chat', 'echo', undefined);
    await stream.send({ text: 'a', at: new Date(0), other: 'dropped' } as Note);
    const first = await stream.recv();
    for (const text of ['b', 'c', 'close']) await stream.send({ text });
    const rest: string[] = [];
    for await (const { text } of stream) rest.push(text);
    return { first, isDate: first.at instanceof Date, rest, after: await stream.send({ text: 'd' }).catch(codeOf) };
  },
  async closed() {
    const stream = await call<StreamInOut<Note, Note>>('chat', 'echo', undefined);
    await stream.close();
    return { send: await stream.send({ text: 'd' }).catch(codeOf), recv: await stream.recv().catch(codeOf) };
  },
  async handshake() {
    const params = { room: 'a/b ü', limit: 3, token: 't' };
    const stream = await call<StreamInOut<Note, unknown>>('chat', 'rooms', params);
    const first = await stream.recv();
    await stream.close();
    return first;
  },
  badHandshake: () => call('chat', 'rooms', { room: 'a', limit: 'many' }),
  async sum() {
    const stream = await call<Out<{ total: number }>>('chat', 'sum', undefined);
    for (const n of [1, 2, 3]) await stream.send({ n });
    await stream.close();
    return [await stream.response(), await stream.response(), await stream.send({ n: 1 }).catch(codeOf)];
  },
  async sumEnded() {
    const stream = await call<Out<{ total: number }>>('chat', 'sum', undefined);
    for (const n of [4, 0]) await stream.send({ n });
    return stream.response();
  },
  async sumFails() {
    const stream = await call<Out<{ total: number }>>('chat', 'sum', undefined);
    for (const n of [1, -1]) await stream.send({ n });
    return stream.response();
  },
  async nothing() {
    const stream = await call<Out<void>>('chat', 'waits', undefined);
    await stream.close();
    return { answer: (await stream.response()) ?? 'nothing' };
  },
  async count() {
    const stream = await call<StreamIn<{ n: number }>>('chat', 'count', { to: 1000 });
    let total = 0;
    for await (const { n } of stream) total += n;
    return total;
  },
  async some() {
    const stream = await call<StreamIn<{ n: number }>>('chat', 'count', { to: 1e9 });
    const taken: number[] = [];
    for await (const { n } of stream) if (taken.push(n) === 3) break;
    return { taken, after: await stream.recv().catch(codeOf) };
  },
  async fails() {
    const stream = await call<StreamIn<{ n: number }>>('chat', 'fails', { how: 'other' });
    await stream.recv();
    return stream.recv();
  },
  async failsInternally() {
    const stream = await call<StreamIn<{ n: number }>>('chat', 'fails', { how: 'unexpected' });
    await stream.recv();
    return stream.recv();
  },
  async failsInLoop() {
    const stream = await call<StreamIn<{ n: number }>>('chat', 'fails', { how: 'other' });
    const taken: number[] = [];
    for await (const { n } of stream) taken.push(n);
    return { taken, after: await stream.recv().catch(codeOf) };
  },
  async hidden() {
    return (await call<StreamIn<{ n: number }>>('chat', 'hidden', undefined)).recv();
  },
  async secret() {
    return (await call<StreamIn<unknown>>('chat', 'secret', undefined)).recv();
  },
  async override() {
    const opts = { authData: { userID: 'other' } };
    return (await call<StreamIn<unknown>>('chat', 'secret', undefined, opts as object)).recv();
  },
};

function codeOf({ code }: APIError): string {
  return code;
}

async function tryIt({ what }: { what: string }): Promise<{ outcome: unknown }> {
  try {
    return { outcome: await tries[what]?.() };
  } catch (error) {
    const { code, message, details } = error as APIError;
    return { outcome: { type: (error as APIError).constructor.name, code, message, details: details ?? null } };
  }
}

const handlers = {
  ...Object.fromEntries(Object.entries(chat).map(([name, handler]) => [`chat.${name}`, handler])),
  'chat.plain': async () => void cues.emit('plain'),
  'front.tries': tryIt,
};

const { PROCESS = 'app' } = process.env;
const found = processesOf(graph, PROCESS === 'app' ? 'all-in-one' : 'per-service').find(({ name }) => name === PROCESS);
if (!found) throw new Error(`no process ${PROCESS}`);
await start({
  manifest: createManifest(graph, found),
  handlers,
  services: { chat: new Service('chat', { middlewares: [wrap] }) },
});
