import { expect, test } from '@jest/globals';
import { renderForesight, renderForesightMarkdown, tally } from '../../cli/render-foresight.ts';
import type { Foresight } from '../../pipeline/mod.ts';

const source = 'Published prices, as known in some month.';
const none: Foresight = {
  resources: [],
  permissions: [],
  cost: { before: { monthly: 0, items: [], source }, after: { monthly: 0, items: [], source } },
  limits: [{ what: 'resources of fairlead-shop-pr-1', used: 30, most: 500 }],
  migrations: [],
};

const at = (file: string, line: number) => ({ file, line, column: 1 });
const foresight: Foresight = {
  resources: [
    {
      action: 'destroy',
      part: 'environment',
      subject: 'bucket invoices',
      resource: 'AWS::S3::Bucket Invoices',
      details: [],
      data: true,
    },
    {
      action: 'change',
      part: 'environment',
      subject: 'queue of order-created → analytics',
      resource: 'AWS::SQS::Queue Queue1',
      details: ['visibility timeout 30 → 60 s'],
      data: false,
      position: at('analytics/events.ts', 4),
    },
    {
      action: 'add',
      part: 'foundation',
      subject: 'cache server',
      resource: 'AWS::ElastiCache::ReplicationGroup Cache',
      details: [],
      data: false,
    },
  ],
  permissions: [
    { action: 'remove', who: 'analytics', what: 'sns:Publish on topic old' },
    { action: 'add', who: 'orders', what: 'sns:Publish on topic order-created', position: at('orders/create.ts', 12) },
  ],
  cost: {
    before: { monthly: 10, items: [], source },
    after: {
      monthly: 17.5,
      items: [
        { what: 'task of 0.25 vCPU and 0.5 GiB', monthly: 9 },
        { what: 'shared: load balancer', monthly: 8.5 },
      ],
      source,
    },
  },
  limits: [
    { what: 'resources of fairlead-shop-pr-1', used: 30, most: 500 },
    { what: 'bytes of the template of fairlead-shop-pr-1', used: 50_000, most: 51_200 },
  ],
  migrations: [
    { database: 'orders', file: 'orders/migrations/2.up.sql', safety: 'destructive', reason: 'drops `title`' },
  ],
};

const plain = (_: string, text: string) => text;

test('for a terminal', () => {
  expect(
    renderForesight(foresight, plain),
  ).toBe(`1 resource destroyed, 1 changed, 1 added; data of 1 would be lost; 1 permission gained, 1 permission taken away.

Of the environment
  - bucket invoices (destroyed: its data is lost) AWS::S3::Bucket Invoices
  ~ queue of order-created → analytics AWS::SQS::Queue Queue1  analytics/events.ts:4
      visibility timeout 30 → 60 s

Of what environments share
  + cache server AWS::ElastiCache::ReplicationGroup Cache

Permissions
  - analytics: sns:Publish on topic old
  + orders: sns:Publish on topic order-created  orders/create.ts:12

Migrations
  destructive orders/migrations/2.up.sql: drops \`title\`

Near a limit
  bytes of the template of fairlead-shop-pr-1: 50000 of 51200

Cost
  task of 0.25 vCPU and 0.5 GiB  9.00 USD
  shared: load balancer          8.50 USD
  all together, a month          17.50 USD
  7.50 USD more than now
  Published prices, as known in some month.`);
});

test('for a comment: what goes and who may do what comes first, the rest is folded', () => {
  const text = renderForesightMarkdown(foresight, { repository: 'https://github.com/ada/shop', commit: 'c0ffee' });
  const order = [
    'destroyed',
    'its data is lost',
    '**Permissions**',
    'gains',
    '<details>',
    'visibility timeout',
    '**Migrations**',
    '50000 of 51200',
    '**Cost** · 17.50 USD a month, 7.50 USD more than now',
  ];
  const places = order.map((words) => text.indexOf(words));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places).not.toContain(-1);
  expect(text).toContain('https://github.com/ada/shop/blob/c0ffee/orders/create.ts#L12');
  expect(text).not.toContain('30 of 500');
});

test('nothing is said to be nothing', () => {
  expect(tally(none)).toBe('Nothing changes in AWS');
  expect(renderForesight(none, plain)).toMatch(/^Nothing changes in AWS\.\n\nCost\n/);
  expect(renderForesightMarkdown(none)).toBe('**AWS** · Nothing changes in AWS\n\n**Cost** · 0.00 USD a month, as now');
});

test('names cannot steer a terminal nor write Markdown', () => {
  const [resource] = foresight.resources;
  const evil = { ...foresight, resources: [{ ...resource!, subject: '\u001b[2J<img src=x> @ada' }] };
  expect(renderForesight(evil, plain)).not.toContain('\u001b');
  const markdown = renderForesightMarkdown(evil);
  expect([/(?<!\\)<img/.test(markdown), markdown.includes('@ada')]).toEqual([false, false]);
});

test('a long list says how many it leaves out, and stays far below what a comment holds', () => {
  const [, change] = foresight.resources;
  const many = {
    ...foresight,
    resources: Array.from({ length: 900 }, (_, n) => ({ ...change!, subject: `queue ${n}` })),
  };
  const text = renderForesightMarkdown(many);
  expect(text).toContain('and 860 more');
  expect(text.length).toBeLessThan(30_000);
});
