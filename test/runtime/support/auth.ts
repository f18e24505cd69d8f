// A process of an application with an auth handler and middleware: `app`, or `gateway`, `users`, `web` and `data`.
import { setTimeout as sleep } from 'node:timers/promises';
import { createManifest } from '../../../images/bundle/manifest.ts';
import { processesOf } from '../../../pipeline/processes.ts';
import { APIError, HandlerResponse, type Middleware, middleware } from '../../../runtime/api/mod.ts';
import { authHandler } from '../../../runtime/auth/mod.ts';
import { getAuthData } from '../../../runtime/internal/auth.ts';
import { call } from '../../../runtime/internal/clients.ts';
import { start } from '../../../runtime/internal/start.ts';
import log from '../../../runtime/log/mod.ts';
import { currentRequest } from '../../../runtime/mod.ts';
import { Service } from '../../../runtime/service/mod.ts';
import { gateway, authHandler as handlerPart, use } from '../../support/graph.ts';
import { date, graphOf, message, number, text } from './graph.ts';

interface User {
  userID: string;
  since: Date;
  by: string;
}

interface Credentials {
  authorization?: string;
  session?: { value: number };
  token?: string;
}

const get = { methods: ['GET' as const], exposed: true };
const seen = message({ user: {}, more: {} }, { optional: ['user', 'more'] });
const wrapped = (name: string) => ({ name, exposed: true, path: `/${name}`, tags: ['wrapped', name] });

const graph = graphOf(
  {
    users: { endpoints: [{ name: 'ping' }] },
    web: {
      endpoints: [
        { name: 'open', ...get, path: '/open', response: seen },
        { name: 'guarded', ...get, path: '/guarded', auth: true, response: seen },
        { name: 'raw', ...get, path: '/raw', kind: 'raw', auth: true },
        { name: 'deep', ...get, path: '/deep', response: seen },
        { name: 'private', ...get, path: '/private', response: seen },
        { name: 'override', ...get, path: '/override', response: seen },
        { name: 'callsRaw', ...get, path: '/calls-raw', response: seen },
        { name: 'waits', path: '/waits', response: seen },
        { name: 'floating', ...get, path: '/floating', response: seen },
        { name: 'thrown', ...get, path: '/thrown', response: seen },
        { name: 'slow', ...get, path: '/slow', response: seen },
        {
          ...wrapped('order'),
          request: message({ say: text }),
          response: message(
            { said: {}, extra: {}, location: text },
            { optional: ['extra'], places: { location: 'header Location' } },
          ),
        },
        { ...wrapped('early'), response: message({ said: text }) },
        { ...wrapped('refused') },
        { ...wrapped('wrong') },
        { ...wrapped('empty'), response: message({ said: text }) },
      ],
    },
    data: {
      endpoints: [
        { name: 'who', response: message({ user: {}, isDate: {}, wrapped: {} }, { optional: ['wrapped'] }) },
        { name: 'guarded', auth: true, response: seen },
        { name: 'slow', request: message({ wait: number }) },
      ],
    },
  },
  {
    gateway: gateway({ authenticates: true }),
    authHandler: handlerPart({
      service: 'users',
      name: 'auth',
      module: 'users.ts',
      request: message(
        { authorization: text, session: number, token: text },
        {
          optional: ['authorization', 'session', 'token'],
          places: { authorization: 'header Authorization', session: 'cookie sid', token: 'query token' },
        },
      ),
      data: {
        type: 'object',
        properties: { userID: text, since: date, by: text },
        required: ['userID', 'since', 'by'],
      },
    }),
    uses: ['who', 'guarded', 'slow'].map((name) => use('web', { kind: 'endpoint', service: 'data', name }, ['call'])),
  },
);

const answers: Record<string, () => User | null> = {
  nobody: () => null,
  noid: () => ({ userID: '' }) as User,
  bad: () => {
    throw APIError.unauthenticated('bad token').withDetails({ expired: true });
  },
  forbidden: () => {
    throw APIError.permissionDenied('banned');
  },
  crash: () => {
    throw new Error('password=hunter2');
  },
};

async function auth({ authorization, session, token }: Credentials): Promise<User | null> {
  const request = currentRequest();
  const about = request?.type === 'api-call' ? { asked: request.path, agent: request.headers['user-agent'] } : {};
  log.info('who is it?', about);
  const [name = '', by] = authorization
    ? [authorization, 'header']
    : session
      ? [`user ${session.value}`, 'cookie']
      : [token, 'query'];
  return answers[name] ? answers[name]() : { userID: name, since: new Date(Date.UTC(2026)), by: by ?? '' };
}

const who = () => ({ user: getAuthData() });
const caught = (work: Promise<unknown>) =>
  work.catch(({ code, message }: APIError) => ({ code, message: message.replace(/:.*/, '') }));

const handlers: Record<string, (params: never) => unknown> = {
  'users.ping': () => undefined,
  'web.open': who,
  'web.guarded': who,
  'web.raw': ((_request: unknown, response: { end(text: string): void }) =>
    response.end(JSON.stringify(who()))) as never,
  'web.deep': async () => ({ ...who(), more: await call('data', 'who') }),
  'web.private': async () => ({ more: await caught(call('data', 'guarded')) }),
  'web.override': async () => {
    const authData = { userID: 'robot', since: new Date(0), by: 'override', dropped: true };
    return {
      ...who(),
      more: [
        await call('data', 'who', undefined, { authData } as object),
        await call('data', 'guarded', undefined, { authData } as object),
        await call('data', 'who'),
      ],
    };
  },
  'web.callsRaw': async () => ({ more: await caught(call('web', 'raw')) }),
  'web.waits': async () => ({ more: await caught(call('data', 'slow', { wait: 3000 })) }),
  'web.floating': () => {
    void Promise.reject(new Error('left alone'));
    return { more: 'answered' };
  },
  'web.thrown': async () => {
    setTimeout(() => {
      throw new Error('thrown into the air');
    }, 10);
    await sleep(10_000);
  },
  'web.slow': async () => {
    log.info('slow began');
    await sleep(300);
    return { more: 'slow' };
  },
  'web.order': ({ say }: { say: string }) => {
    const request = currentRequest();
    const data = request?.type === 'api-call' ? request.middlewareData : undefined;
    return { said: [say, data?.passed], location: '/endpoint' };
  },
  'web.early': () => {
    throw new Error('reached');
  },
  'web.refused': () => {
    throw new Error('reached');
  },
  'web.wrong': () => undefined,
  'web.empty': () => ({ said: 'something' }),
  'data.who': () => {
    const user = getAuthData() as User | null;
    return { user, isDate: user?.since instanceof Date };
  },
  'data.guarded': who,
  'data.slow': ({ wait }: { wait: number }) => sleep(wait),
};

const pass = (name: string): Middleware =>
  middleware({ target: { tags: ['order'] } }, async (request, next) => {
    const { requestMeta } = request;
    const payload = requestMeta?.type === 'api-call' ? requestMeta.parsedPayload : undefined;
    request.data.passed = [...(request.data.passed ?? []), `${name} sees ${payload?.say}`];
    const response = await next(request);
    response.payload.extra = [...(response.payload.extra ?? []), name];
    response.header.add('x-passed', name);
    return response;
  });

const services = {
  web: new Service('web', {
    middlewares: [
      pass('outer'),
      pass('inner'),
      middleware({ target: { tags: ['order'] } }, async (request, next) => {
        const response = await next(request);
        response.header.set('Location', '/middleware');
        response.header.add('set-cookie', ['a=1', 'b=2']);
        response.status = 202;
        return response;
      }),
      middleware({ target: { tags: ['early'] } }, async () => {
        const response = new HandlerResponse({ said: 'early', undeclared: true });
        response.status = 203;
        response.header.set('content-type', 'application/problem+json');
        return response;
      }),
      middleware({ target: { tags: ['refused'] } }, async () => {
        throw APIError.resourceExhausted('slow down').withDetails({ seconds: 5 });
      }),
      middleware({ target: { tags: ['wrong'] } }, async () => undefined as never),
      middleware({ target: { tags: ['empty'] } }, async (request, next) => {
        const response = await next(request);
        response.status = 204;
        return response;
      }),
    ],
  }),
  data: new Service('data', {
    middlewares: [
      middleware(async (request, next) => {
        const response = await next(request);
        if (response.payload?.user) response.payload.wrapped = request.requestMeta?.type;
        response.status = 500;
        return response;
      }),
    ],
  }),
};

const { PROCESS = 'app' } = process.env;
const found = processesOf(graph, PROCESS === 'app' ? 'all-in-one' : 'per-service').find(({ name }) => name === PROCESS);
if (!found) throw new Error(`no process ${PROCESS}`);
const hosted = new Set(found.services);
if (hosted.has('users')) authHandler<Credentials, User>(auth);
const ofHosted = <T>(named: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(named).filter(([name]) => hosted.has(name.split('.')[0] ?? '')));
await start({ manifest: createManifest(graph, found), handlers: ofHosted(handlers), services: ofHosted(services) });
