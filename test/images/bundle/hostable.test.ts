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
        service('orders', {
          endpoints: [
            endpoint('create', { exposed: true, auth: true }),
            endpoint('site', { kind: 'assets' }),
            endpoint('chat', { kind: 'stream' }),
            endpoint('hook', { kind: 'raw' }),
          ],
          middleware: [{ name: 'log', target: {}, position }],
        }),
      ],
      gateway: gateway({ authenticates: true }),
      authHandler: authHandler(),
      topics: [topic('placed')],
      buckets: [bucket('files')],
      caches: [cache('sessions', [keyspace('s/:key')])],
      metrics: [metric('orders')],
      secrets: [{ name: 'Key', position }],
    }),
  ).toEqual([]);
});

test.each<[string, Graph['settings']]>([['build.worker_pooling', { workerPooling: true }]])(
  'the setting %s cannot be hosted yet',
  (name, settings) => {
    expect(refusals({ settings })).toEqual([`encore.app:1 setting \`${name}\` cannot be hosted yet`]);
  },
);
