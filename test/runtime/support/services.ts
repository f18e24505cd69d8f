// A process of an application of two services, hosting what PROCESS says: `app`, `gateway`, `front` or `math`.
import { createManifest } from '../../../images/bundle/manifest.ts';
import { processesOf } from '../../../pipeline/processes.ts';
import { APIError } from '../../../runtime/api/mod.ts';
import { secret } from '../../../runtime/config/mod.ts';
import { call } from '../../../runtime/internal/clients.ts';
import { start } from '../../../runtime/internal/start.ts';
import log from '../../../runtime/log/mod.ts';
import { appMeta, currentRequest } from '../../../runtime/mod.ts';
import { use } from '../../support/graph.ts';
import { date, graphOf, message, number, position, text } from './graph.ts';

const get = { methods: ['GET' as const], exposed: true };
const graph = graphOf(
  {
    front: {
      endpoints: [
        {
          name: 'divide',
          exposed: true,
          path: '/divide',
          request: message({ a: number, b: {} }),
          response: message({ outcome: {} }),
        },
        { name: 'trace', ...get, path: '/trace', response: message({ own: text, other: text }) },
        { name: 'meta', ...get, path: '/meta', response: message({ meta: {}, secret: text }) },
        { name: 'missing', ...get, path: '/missing', response: message({ secret: text }) },
        { name: 'slow', ...get, path: '/slow' },
        {
          name: 'length',
          exposed: true,
          path: '/length',
          bodyLimit: null,
          request: message({ a: text, shop: text }, { optional: ['shop'], places: { shop: 'header X-Shop' } }),
          response: message(
            { length: number, xff: text, seen: {}, next: text },
            { optional: ['xff', 'next'], places: { next: 'header X-Next' } },
          ),
        },
      ],
    },
    math: {
      endpoints: [
        {
          name: 'divide',
          request: message({ a: number, b: number, at: date }),
          response: message({ quotient: number, at: date, type: text }),
        },
        { name: 'trace', response: message({ id: text }), path: '/math/trace' },
        { name: 'tidy' },
        { name: 'broken' },
      ],
    },
  },
  {
    uses: ['divide', 'trace'].map((name) => use('front', { kind: 'endpoint', service: 'math', name }, ['call'])),
    cronJobs: ['tidy', 'broken'].map((endpoint) => ({
      name: `${endpoint} job`,
      when: { every: 3_600_000 },
      endpoint: { service: 'math', endpoint },
      service: 'math',
      position,
    })),
  },
);

const token = secret('Token');
const missing = secret('Missing');

const handlers = {
  'front.divide': async ({ a, b }: { a: number; b: number }) => {
    try {
      const value = await call<Record<string, unknown>>('math', 'divide', { a, b, at: new Date(0), other: 'dropped' });
      return { outcome: { value, isDate: value.at instanceof Date } };
    } catch (error) {
      const { code, message, details } = error as APIError;
      return { outcome: { type: (error as APIError).constructor.name, code, message, details: details ?? null } };
    }
  },
  'front.trace': async () => {
    log.info('asked for the trace');
    return { own: currentRequest()?.trace?.traceId, other: (await call<{ id: string }>('math', 'trace')).id };
  },
  'front.meta': () => ({ meta: appMeta(), secret: `${token()} ${token}` }),
  'front.missing': () => ({ secret: missing() }),
  'front.slow': async () => {
    log.info('slow began');
    await new Promise((resolve) => setTimeout(resolve, 500));
  },
  'front.length': ({ a }: { a: string }) => {
    const request = currentRequest();
    const headers = request?.type === 'api-call' ? request.headers : {};
    return {
      length: a.length,
      xff: headers['x-forwarded-for'],
      ...(a === 'two lines' && { next: 'one\ntwo' }),
      ...(a === 'long head' && { next: 'x'.repeat(40_000) }),
      seen: Object.keys(headers).filter((name) => name.startsWith('x-')),
    };
  },
  'math.divide': async ({ a, b, at, ...rest }: { a: number; b: number; at: Date }) => {
    if (b === 0) throw APIError.invalidArgument('division by zero', new Error('b is 0')).withDetails({ a });
    if (b === -1) throw new Error('no negative numbers');
    if (b === -2) throw APIError.internal('out of order');
    return { quotient: a / b, at, type: `${at instanceof Date} ${Object.keys(rest)}`, hidden: 1 };
  },
  'math.trace': async () => ({ id: currentRequest()?.trace?.traceId }),
  'math.tidy': async () => log.info('tidied'),
  'math.broken': async () => {
    throw APIError.notFound('nothing to tidy');
  },
};

const { PROCESS = 'app' } = process.env;
const found = processesOf(graph, PROCESS === 'app' ? 'all-in-one' : 'per-service').find(({ name }) => name === PROCESS);
if (!found) throw new Error(`no process ${PROCESS}`);
await start({ manifest: createManifest(graph, found), handlers });
