import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Endpoint, Graph, JsonSchema, Service, Subscription, Topic } from '../../analyzer/graph.ts';
import * as built from '../support/graph.ts';

/** A directory with these files, gone at the end of the block that holds it. */
export async function directory(files: Record<string, string> = {}) {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'fairlead-images-')));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export function graph(parts: Partial<Graph>): Graph {
  return built.graph({ application: 'sample', ...parts });
}

export function service(name: string, endpoints: Endpoint[], subscriptions: Subscription[] = []): Service {
  return built.service(name, { declaration: 'implicit', endpoints, subscriptions });
}

export function endpoint(name: string, module: string, parts: Partial<Endpoint> = {}): Endpoint {
  return built.endpoint(name, { module, ...parts });
}

export function subscription(name: string, topic: string, module: string): Subscription {
  return built.subscription(name, topic, { module });
}

export function topic(name: string, message: JsonSchema = { type: 'object' }): Topic {
  return built.topic(name, { message });
}

/** `orders` places and publishes; `mail` subscribes and asks `orders`; `stock` stands apart. */
export const shop: Graph = graph({
  services: [
    service('mail', [], [subscription('confirm', 'placed', 'mail/mail.ts')]),
    service('orders', [
      endpoint('create', 'orders/orders.ts', {
        path: '/orders',
        exposed: true,
        request: {
          schema: { $ref: '#/schemas/NewOrder' },
          encodings: [{ methods: ['POST'], fields: [{ name: 'item', in: 'body', wire: 'item' }] }],
        },
      }),
      endpoint('get', 'orders/orders.ts', {
        methods: ['GET'],
        path: '/orders/:id',
        exposed: true,
        response: { schema: { $ref: '#/schemas/Order' }, encodings: [{ methods: ['GET'], fields: [] }] },
      }),
      endpoint('sweep', 'orders/sweep.ts'),
    ]),
    service('stock', [
      endpoint('count', 'stock/stock.ts', {
        methods: ['GET'],
        exposed: true,
        response: { schema: { $ref: '#/schemas/Stock' }, encodings: [] },
      }),
    ]),
  ],
  topics: [topic('placed', { $ref: '#/schemas/Placed' }), topic('restocked')],
  cronJobs: [
    {
      name: 'sweep',
      when: { every: 3_600_000 },
      endpoint: { service: 'orders', endpoint: 'sweep' },
      service: 'orders',
      position: built.position,
    },
  ],
  uses: [
    built.use('mail', { kind: 'endpoint', service: 'orders', name: 'get' }, ['call']),
    built.use('orders', { kind: 'topic', name: 'placed' }, ['publish']),
  ],
  schemas: {
    Item: { type: 'string' },
    NewOrder: { type: 'object', properties: { item: { $ref: '#/schemas/Item' } } },
    Order: { type: 'object', properties: { lines: { type: 'array', items: { $ref: '#/schemas/Item' } } } },
    Placed: { type: 'object', properties: { order: { type: 'number' } } },
    Stock: { type: 'object', properties: { within: { $ref: '#/schemas/Stock' } } },
  },
});
