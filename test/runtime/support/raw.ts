// A process of an application whose endpoints are raw, handed to what applications hand them to: `app`, or `gateway` and `web`.
import { EventEmitter, once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApolloServer, HeaderMap } from '@apollo/server';
import busboy from 'busboy';
import express from 'express';
import { createManifest } from '../../../images/bundle/manifest.ts';
import { processesOf } from '../../../pipeline/processes.ts';
import { APIError, api, middleware, type RawHandler } from '../../../runtime/api/mod.ts';
import { start } from '../../../runtime/internal/start.ts';
import log from '../../../runtime/log/mod.ts';
import { currentRequest } from '../../../runtime/mod.ts';
import { Service } from '../../../runtime/service/mod.ts';
import { graphOf } from './graph.ts';

const every = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE'] as const;

const about = () => {
  const request = currentRequest();
  return request?.type === 'api-call' ? { endpoint: request.api.endpoint, params: request.pathParams } : {};
};

const app = express();
app.use('/express/large', express.json({ limit: '10mb' }));
app.use('/express', express.json());
app.get('/express/hello/:name', (request, response) => {
  response.cookie('a', '1').cookie('b', '2', { httpOnly: true });
  response.json({ name: request.params.name, query: request.query, ip: request.ip, secure: request.secure });
});
app.post(['/express/echo', '/express/large'], (request, response) => {
  // The body was parsed in the meantime: this runs in an event of the request.
  response.status(201).json({ body: request.body, ...about() });
});
app.get('/express/fails', async () => {
  throw new Error('express says so');
});
app.use((error: Error & { status?: number }, _request: unknown, response: express.Response, _next: unknown) => {
  response.status(error.status ?? 500).json({ failed: error.message });
});

const apollo = new ApolloServer({
  typeDefs: 'type Query { hello(name: String!): String! }',
  resolvers: { Query: { hello: (_: unknown, { name }: { name: string }) => `hello ${name} by ${about().endpoint}` } },
});
await apollo.start();

/** As web frameworks turn a request of Node into one of the Fetch standard, and back. */
function toNodeHandler(handle: (request: Request) => Promise<Response>): RawHandler {
  return async (request, response) => {
    const headers = new Headers();
    for (const [name, values] of Object.entries(request.headersDistinct)) {
      for (const value of values ?? []) headers.append(name, value);
    }
    const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
    const answer = await handle(
      new Request(`http://${request.headers.host}${request.url}`, {
        method: request.method ?? 'GET',
        headers,
        ...(hasBody && { body: request as unknown as ReadableStream, duplex: 'half' }),
      } as RequestInit),
    );
    response.statusCode = answer.status;
    for (const [name, value] of answer.headers) response.appendHeader(name, value);
    for await (const chunk of answer.body ?? []) response.write(chunk);
    response.end();
  };
}

const endpoints: Record<
  string,
  { path: string; methods?: readonly string[]; bodyLimit?: number | null; tags?: string[] }
> = {
  express: { path: '/express/*path', methods: every },
  graphql: { path: '/graphql' },
  upload: { path: '/upload' },
  auth: { path: '/auth/*rest', methods: every },
  events: { path: '/events', methods: ['GET'] },
  pours: { path: '/pours/:how', methods: ['GET'] },
  next: { path: '/next' },
  params: { path: '/params/:id/:rest', methods: every },
  headers: { path: '/headers', methods: ['GET'] },
  forwarded: { path: '/forwarded', methods: ['GET'] },
  fallback: { path: '/!path', methods: every },
  early: { path: '/early', methods: ['GET'] },
  late: { path: '/late', methods: ['GET'] },
  small: { path: '/small', bodyLimit: 20 },
  unlimited: { path: '/unlimited', bodyLimit: null },
  ignores: { path: '/ignores', bodyLimit: 20 },
  heeds: { path: '/heeds/:how', bodyLimit: 20 },
  wrapped: { path: '/wrapped', methods: ['GET'], tags: ['wrapped'] },
  barred: { path: '/barred', methods: ['GET'], tags: ['barred'] },
};

/** Tells the stream of events to go on. */
const turns = new EventEmitter();

const length = async (request: AsyncIterable<Buffer>) => {
  let length = 0;
  for await (const chunk of request) length += chunk.length;
  return length;
};

const handlers: Record<keyof typeof endpoints, RawHandler> = {
  express: api.raw({}, app),
  async graphql(request, response) {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const headers = new HeaderMap();
    for (const [name, value] of Object.entries(request.headers))
      if (value) headers.set(name, [value].flat().join(', '));
    const answer = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        headers,
        method: request.method ?? 'POST',
        body: JSON.parse(Buffer.concat(chunks).toString()),
        search: '',
      },
      context: async () => ({}),
    });
    for (const [name, value] of answer.headers) response.setHeader(name, value);
    response.statusCode = answer.status ?? 200;
    if (answer.body.kind === 'complete') response.write(answer.body.string);
    else for await (const part of answer.body.asyncIterator) response.write(part);
    response.end();
  },
  upload(request, response) {
    const parts: Record<string, unknown> = {};
    const form = busboy({ headers: request.headers });
    form.on('file', (name, file, { filename, mimeType }) => {
      let size = 0;
      file.on('data', (chunk: Buffer) => {
        size += chunk.length;
      });
      file.on('end', () => {
        parts[name] = { filename, mimeType, size };
      });
    });
    form.on('field', (name, value) => {
      parts[name] = value;
    });
    form.on('close', () => response.end(JSON.stringify({ parts, ...about() })));
    request.pipe(form);
  },
  auth: toNodeHandler(async (request) => {
    const headers = new Headers({ 'content-type': 'text/plain' });
    headers.append('set-cookie', 'session=1; HttpOnly');
    headers.append('set-cookie', 'csrf=2');
    const text = `${request.method} ${new URL(request.url).pathname} ${await request.text()}`;
    return new Response(text, { status: 202, headers });
  }),
  async events(request, response) {
    request.once('close', () => log.info('nobody listens any more'));
    response.writeHead(200, { 'content-type': 'text/event-stream', vary: 'accept' });
    response.flushHeaders();
    for (let turn = 0; turn < 3; turn++) {
      await once(turns, 'next');
      response.write(`data: ${turn}\n\n`);
    }
    await once(turns, 'next');
    response.end();
  },
  pours({ url }, response) {
    let count = 0;
    const endless = new Readable({
      read() {
        count += 1;
        if (count > 10 && url?.endsWith('broken')) this.destroy();
        else setTimeout(() => this.push(Buffer.alloc(1000)), 5);
      },
    });
    return pipeline(endless, response);
  },
  next(_request, response) {
    response.end(String(turns.emit('next')));
  },
  params(request, response) {
    response.setHeader('x-method', request.method ?? '');
    response.end(JSON.stringify({ ...about(), url: request.url }));
  },
  forwarded({ headers, headersDistinct, rawHeaders }, response) {
    const raw: [string, string][] = [];
    for (let at = 0; at < rawHeaders.length; at += 2) raw.push([rawHeaders[at]!.toLowerCase(), rawHeaders[at + 1]!]);
    const plain = Object.entries(headers);
    const distinct = Object.entries(headersDistinct).map(([name, values]) => [name, values?.join()]);
    const told = [plain, distinct, raw].map((list) => list.filter(([name]) => name?.startsWith('x-forwarded-')).sort());
    response.end(JSON.stringify(told));
  },
  headers(request, response) {
    const raw = request.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
    const plain = Object.keys(request.headers);
    response.end(JSON.stringify({ plain, distinct: Object.keys(request.headersDistinct), raw }));
  },
  fallback(_request, response) {
    response.end(JSON.stringify(about()));
  },
  early(request, response) {
    response.setHeader('content-length', '5');
    response.setHeader('set-cookie', 'secret=1');
    response.statusMessage = 'Fine';
    if (request.url?.endsWith('api')) throw APIError.notFound('none here');
    throw new Error('password=hunter2');
  },
  async late(_request, response) {
    response.write('half of');
    await sleep(20);
    throw new Error('too late for an answer');
  },
  async small(request, response) {
    response.end(String(await length(request)));
  },
  async unlimited(request, response) {
    response.end(String(await length(request)));
  },
  heeds(request, response) {
    response.setHeader('x-how', 'by events');
    if (request.url?.endsWith('/late')) response.write('so far');
    request.on('data', () => {}).on('end', () => response.end('all of it'));
  },
  ignores(_request, response) {
    response.end('not read');
  },
  wrapped(_request, response) {
    const request = currentRequest();
    response.end(JSON.stringify(request?.type === 'api-call' && request.middlewareData));
  },
  barred(_request, response) {
    response.end('reached');
  },
};

const web = new Service('web', {
  middlewares: [
    middleware({ target: { isRaw: false } }, async () => {
      throw new Error('there is no such endpoint');
    }),
    middleware({ target: { isRaw: true, tags: ['wrapped'] } }, async (request, next) => {
      request.data.url = request.rawRequest?.url;
      request.rawResponse?.setHeader('x-wrapped', request.requestMeta?.type ?? '');
      const response = await next(request);
      response.header.set('x-no-effect', '1');
      response.status = 418;
      return response;
    }),
    middleware({ target: { tags: ['barred'] } }, async () => {
      throw APIError.permissionDenied('not today');
    }),
  ],
});

const graph = graphOf({
  web: {
    endpoints: Object.entries(endpoints).map(([name, part]) => ({
      name,
      kind: 'raw',
      exposed: true,
      ...(part as { path: string }),
    })),
  },
});
const { PROCESS = 'app' } = process.env;
const found = processesOf(graph, PROCESS === 'app' ? 'all-in-one' : 'per-service').find(({ name }) => name === PROCESS);
if (!found) throw new Error(`no process ${PROCESS}`);
const hosted = found.services.includes('web');
await start({
  manifest: createManifest(graph, found),
  handlers: hosted
    ? Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [`web.${name}`, handler as never]))
    : {},
  services: hosted ? { web } : {},
});
