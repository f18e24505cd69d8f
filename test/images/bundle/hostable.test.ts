import { expect, test } from '@jest/globals';
import type { Graph } from '../../../analyzer/graph.ts';
import { hostable } from '../../../images/bundle/hostable.ts';
import {
  authHandler,
  bucket,
  cache,
  endpoint,
  gateway,
  graph,
  keyspace,
  metric,
  position,
  service,
  topic,
} from '../../support/graph.ts';

const at = (file: string, line: number, column = 1) => ({ file, line, column });
const refusals = (parts: Partial<Graph>) =>
  hostable(graph(parts)).map(({ message, position }) => `${position?.file}:${position?.line} ${message}`);

test('what can be hosted is let through', () => {
  expect(
    refusals({
      settings: {
        cors: { allowHeaders: ['*'] },
        logLevel: 'debug',
        workerPooling: false,
        hooks: {},
        docker: { bundleSource: false, processPerService: false },
      },
      services: [
        service('orders', { endpoints: [endpoint('create', { exposed: true }), endpoint('site', { kind: 'assets' }), endpoint('chat', { kind: 'stream' })] }),
      ],
      topics: [topic('placed')],
      buckets: [bucket('files')],
      caches: [cache('sessions', [keyspace('s/:key')])],
      secrets: [{ name: 'Key', position }],
    }),
  ).toEqual([]);
});

test.each<[string, Partial<Graph>]>([
  ['raw endpoint `web.e`', { services: [service('web', { endpoints: [endpoint('e', { kind: 'raw' })] })] }],
  [
    'authentication of the endpoint `web.e`',
    { services: [service('web', { endpoints: [endpoint('e', { auth: true })] })] },
  ],
  ['gateway `gateway`', { gateway: gateway() }],
  ['auth handler `auth`', { authHandler: authHandler() }],
  ['middleware `web.log`', { services: [service('web', { middleware: [{ name: 'log', target: {}, position }] })] }],
  ['middleware `web`', { services: [service('web', { middleware: [{ target: {}, position }] })] }],
  ['metric `orders`', { metrics: [metric('orders')] }],
])('%s cannot be hosted yet', (what, parts) => {
  expect(refusals(parts)).toEqual([`test.ts:1 ${what} cannot be hosted yet`]);
});

test.each<[string, Graph['settings']]>([['build.worker_pooling', { workerPooling: true }]])(
  'the setting %s cannot be hosted yet',
  (name, settings) => {
    expect(refusals({ settings })).toEqual([`encore.app:1 setting \`${name}\` cannot be hosted yet`]);
  },
);

test('everything is said at once, by place', () => {
  expect(
    refusals({
      settings: { workerPooling: true },
      services: [
        service('web', {
          endpoints: [
            endpoint('b', { kind: 'raw', auth: true, position: at('web/b.ts', 10) }),
          ],
        }),
      ],
      metrics: [metric('files', { position: at('a.ts', 3) })],
    }),
  ).toEqual([
    'a.ts:3 metric `files` cannot be hosted yet',
    'encore.app:1 setting `build.worker_pooling` cannot be hosted yet',
    'web/b.ts:10 raw endpoint `web.b` cannot be hosted yet',
    'web/b.ts:10 authentication of the endpoint `web.b` cannot be hosted yet',
  ]);
});
