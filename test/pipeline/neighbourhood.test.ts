import { expect, test } from '@jest/globals';
import { neighbourhoodOf } from '../../pipeline/render/neighbourhood.ts';
import * as built from '../support/graph.ts';

const { position } = built;

const graph = built.graph({
  services: [
    built.service('orders', {
      endpoints: [built.endpoint('create', { request: { schema: { $ref: '#/schemas/Order' }, encodings: [] } })],
      subscriptions: [built.subscription('paid', 'payment')],
    }),
    built.service('billing', { endpoints: [built.endpoint('charge'), built.endpoint('refund')] }),
    built.service('mail', { subscriptions: [built.subscription('mail', 'created'), built.subscription('x', 'other')] }),
    built.service('shopfront', { endpoints: [built.endpoint('home', { exposed: true })] }),
    built.service('elsewhere', { endpoints: [built.endpoint('far')] }),
  ],
  topics: [built.topic('created'), built.topic('payment'), built.topic('other')],
  databases: [built.database('orders', 'a', []), built.database('elsewhere', 'b', [])],
  cronJobs: [
    {
      name: 'tidy',
      when: { every: 60_000 },
      endpoint: { service: 'orders', endpoint: 'create' },
      service: 'orders',
      position,
    },
    {
      name: 'other',
      when: { every: 60_000 },
      endpoint: { service: 'elsewhere', endpoint: 'far' },
      service: 'elsewhere',
      position,
    },
  ],
  uses: [
    built.use('billing', { kind: 'topic', name: 'payment' }, ['publish']),
    built.use('elsewhere', { kind: 'database', name: 'elsewhere' }, ['read']),
    built.use('elsewhere', { kind: 'topic', name: 'other' }, ['publish']),
    built.use('orders', { kind: 'database', name: 'orders' }, ['read']),
    built.use('orders', { kind: 'endpoint', service: 'billing', name: 'charge' }, ['call']),
    built.use('orders', { kind: 'topic', name: 'created' }, ['publish']),
    built.use('shopfront', { kind: 'endpoint', service: 'orders', name: 'create' }, ['call']),
    built.use('shopfront', { kind: 'endpoint', service: 'elsewhere', name: 'far' }, ['call']),
  ],
  schemas: {
    Order: { type: 'object', properties: { line: { $ref: '#/schemas/Line' } } },
    Line: { type: 'object' },
    Far: { type: 'object' },
  },
});

test('a service, its resources, callers, callees, and the other ends of its topics', () => {
  const part = neighbourhoodOf(graph, 'orders');
  expect(part.services.map(({ name }) => name)).toEqual(['orders', 'billing', 'mail', 'shopfront']);
  expect(part.databases.map(({ name }) => name)).toEqual(['orders']);
  expect(part.topics.map(({ name }) => name)).toEqual(['created', 'payment']);
  expect(part.cronJobs.map(({ name }) => name)).toEqual(['tidy']);
  expect(part.uses.map(({ service, resource }) => `${service} ${resource.kind} ${resource.name}`)).toEqual([
    'billing topic payment',
    'orders database orders',
    'orders endpoint charge',
    'orders topic created',
    'shopfront endpoint create',
  ]);
});

test('of others only what connects them, and only schemas that are left in use', () => {
  const part = neighbourhoodOf(graph, 'orders');
  const others = part.services
    .slice(1)
    .map(({ endpoints, subscriptions }) => [endpoints.map(({ name }) => name), subscriptions.map(({ name }) => name)]);
  expect(others).toEqual([
    [['charge'], []],
    [[], ['mail']],
    [[], []],
  ]);
  expect(Object.keys(part.schemas)).toEqual(['Order', 'Line']);
});
