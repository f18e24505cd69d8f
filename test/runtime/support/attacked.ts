// A process of an application with an endpoint of each kind, which says at `/probe` what it holds.
import { subscribe } from 'node:diagnostics_channel';
import http, { type Server } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createManifest } from '../../../images/bundle/manifest.ts';
import type { RawHandler, StreamIn, StreamInOut, StreamOut } from '../../../runtime/api/mod.ts';
import { start } from '../../../runtime/internal/start.ts';
import { currentRequest } from '../../../runtime/mod.ts';
import { graphOf, message, text } from './graph.ts';

const get = { methods: ['GET' as const], exposed: true };
const seen = message({ seen: {} });
const note = message({ text }).schema;
const map = { type: 'object', additionalProperties: text } as const;

const graph = graphOf({
  web: {
    endpoints: [
      {
        name: 'echo',
        exposed: true,
        path: '/echo',
        request: message(
          { name: text, map, any: {}, tag: text, word: text, sid: text },
          {
            optional: ['name', 'map', 'any', 'tag', 'word', 'sid'],
            places: { tag: 'header X-Tag', word: 'query', sid: 'cookie' },
          },
        ),
        response: seen,
      },
      { name: 'nested', exposed: true, path: '/nested', request: message({ a: { $ref: '#/schemas/Nested' } }) },
      { name: 'part', ...get, path: '/part/:id', request: partRequest(), response: seen },
      { name: 'probe', ...get, path: '/probe', response: seen },
      { name: 'raw', exposed: true, kind: 'raw', path: '/raw' },
      {
        name: 'files',
        ...get,
        kind: 'assets',
        path: '/files/*path',
        assets: { directory: 'site', headers: {} } as never,
      },
      { name: 'talk', ...get, kind: 'stream', path: '/talk', stream: { in: note, out: note } },
      { name: 'pour', ...get, kind: 'stream', path: '/pour', stream: { out: note } },
      { name: 'ignore', ...get, kind: 'stream', path: '/ignore', stream: { in: note } },
    ],
  },
});
graph.schemas.Nested = { type: 'object', required: [], properties: { a: { $ref: '#/schemas/Nested' } } };

function partRequest() {
  return message({ id: text }, { places: { id: 'path' }, methods: ['GET'] });
}

const { LIMITS } = process.env;
if (LIMITS) {
  // The same limits, only sooner.
  const { createServer } = http;
  http.createServer = ((options: object, listener: never) =>
    createServer({ ...options, ...JSON.parse(LIMITS) }, listener)) as typeof createServer;
}

let server: Server | undefined;
subscribe('http.server.request.start', (message) => {
  ({ server } = message as { server: Server });
});

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const handlers = {
  'web.echo': (params: object) => {
    const { map } = params as { map?: Record<string, string> };
    return { seen: { ...params, keys: map && Object.keys(map), polluted: 'polluted' in {} } };
  },
  'web.nested': () => undefined,
  'web.part': ({ id }: { id: string }) => ({ seen: id }),
  'web.probe': () => {
    collect();
    // What the first one found to be garbage outside of the heap is free only now.
    collect();
    const { headersTimeout, requestTimeout, maxHeadersCount } = server ?? {};
    return {
      seen: {
        heap: process.memoryUsage().heapUsed,
        external: process.memoryUsage().external,
        sockets: process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length,
        polluted: Object.keys(Object.prototype),
        limits: { headersTimeout, requestTimeout, maxHeadersCount },
      },
    };
  },
  'web.raw': (async (request, response) => {
    let length = 0;
    for await (const chunk of request) length += chunk.length;
    const { headers, headersDistinct } = request;
    const meta = currentRequest();
    const same = meta?.type === 'api-call' && meta.headers === headers;
    response.end(JSON.stringify({ length, same, keys: Object.keys(headersDistinct), polluted: 'polluted' in {} }));
  }) satisfies RawHandler as never,
  'web.talk': async (stream: StreamInOut<{ text: string }, { text: string }>) => {
    for await (const one of stream) await stream.send(one);
  },
  'web.pour': async (stream: StreamOut<{ text: string }>) => {
    for (;;) await stream.send({ text: 'x'.repeat(10_000) });
  },
  'web.ignore': (_stream: StreamIn<{ text: string }>) => new Promise((resolve) => setTimeout(resolve, 3_000)),
};

await start({ manifest: createManifest(graph, { name: 'app', services: ['web'], gateway: true }), handlers });
