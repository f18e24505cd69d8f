import { expect, test } from '@jest/globals';
import { renderMermaid } from '../../pipeline/mod.ts';
import * as built from '../support/graph.ts';

const { position } = built;

const shop = built.graph({
  services: [
    built.service('analytics', { subscriptions: [built.subscription('daily', 'order-created')] }),
    built.service('orders', { endpoints: [built.endpoint('create', { exposed: true })] }),
  ],
  databases: [built.database('orders', 'orders/migrations', [])],
  topics: [built.topic('order-created')],
  buckets: [{ name: 'receipts', public: true, versioned: false, position }],
  caches: [{ name: 'prices', evictionPolicy: 'allkeys-lru', keyspaces: [], position }],
  cronJobs: [
    {
      name: 'tidy',
      when: { every: 60_000 },
      endpoint: { service: 'orders', endpoint: 'create' },
      service: 'orders',
      position,
    },
  ],
  secrets: [{ name: 'MailKey', position }],
  uses: [
    built.use('analytics', { kind: 'endpoint', service: 'orders', name: 'create' }, ['call']),
    built.use('analytics', { kind: 'secret', name: 'MailKey' }, ['read']),
    built.use('orders', { kind: 'database', name: 'orders' }, ['read', 'write']),
    built.use('orders', { kind: 'topic', name: 'order-created' }, ['publish']),
    built.use('orders', { kind: 'bucket', name: 'receipts' }, ['upload']),
    built.use('orders', { kind: 'keyspace', cache: 'prices', name: 'prices/:id' }, ['read']),
  ],
});

test('the Graph as Mermaid', () => {
  expect(renderMermaid(shop)).toBe(`flowchart LR
  gateway0(("gateway"))
  service1["analytics<br/>secret: MailKey"]
  service2["orders"]
  database3[("orders")]
  topic4{{"order-created"}}
  bucket5[\\"receipts<br/>public"/]
  cache6[["prices"]]
  cron7(["tidy<br/>every 1 min"])
  gateway0 --> service2
  cron7 -- "create" --> service2
  service1 -- "create" --> service2
  service2 -- "read, write" --> database3
  service2 --> topic4
  service2 -- "upload" --> bucket5
  service2 -- "read" --> cache6
  topic4 -- "daily" --> service1`);
});

test('no name can break out of Mermaid', () => {
  const name = 'a"]; click service0 "javascript:x" --> <b>`\n```%%{init}%%';
  const [, node] = renderMermaid(built.graph({ services: [built.service(name)] })).split('\n');
  expect(node).toMatch(/^ {2}service0\["[\w .,/:;#-]*"\]$/);
});

test('the gateway asks the service of its auth handler', () => {
  const graph = built.graph({
    gateway: { name: 'front', authenticates: true, module: 'a.ts', service: 'users', position },
    authHandler: {
      name: 'check',
      module: 'a.ts',
      service: 'users',
      request: { schema: { type: 'object' }, encodings: [] },
      data: { type: 'object' },
      position,
    },
    services: [built.service('users')],
  });
  expect(renderMermaid(graph)).toBe(
    'flowchart LR\n  gateway0(("front"))\n  service1["users"]\n  gateway0 -- "auth" --> service1',
  );
});
