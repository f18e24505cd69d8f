import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  foundationStackName,
  globalName,
  logicalId,
  type PhysicalKind,
  physicalName,
  stackName,
} from '../../cdk/names.ts';

/** What each service takes for a name, from its reference; and what a name of ours is, which must never change: data goes by it. */
const kinds: Record<PhysicalKind, [grammar: RegExp, fixed: string]> = {
  stack: [/^[a-zA-Z][a-zA-Z0-9-]{0,127}$/, 'shop-pr-1-order-created-249ea5f9'],
  topic: [/^[\w-]{1,256}$/, 'shop-pr-1-order-created-09d00e48'],
  fifoTopic: [/^(?=.{1,256}$)[\w-]+\.fifo$/, 'shop-pr-1-order-created-d9118d98.fifo'],
  queue: [/^[\w-]{1,80}$/, 'shop-pr-1-order-created-abcc6e82'],
  fifoQueue: [/^(?=.{1,80}$)[\w-]+\.fifo$/, 'shop-pr-1-order-created-981325ba.fifo'],
  role: [/^[\w+=,.@-]{1,64}$/, 'shop-pr-1-order-created-e0ed2f51'],
  policy: [/^[\w+=,.@-]{1,128}$/, 'shop-pr-1-order-created-d652684a'],
  cluster: [/^[\w-]{1,255}$/, 'shop-pr-1-order-created-ee709ac1'],
  service: [/^[\w-]{1,255}$/, 'shop-pr-1-order-created-dc46b88b'],
  family: [/^[\w-]{1,255}$/, 'shop-pr-1-order-created-cbfb6a44'],
  loadBalancer: [/^(?!internal-)(?!-)[a-zA-Z0-9-]{1,32}(?<!-)$/, 'shop-pr-1-order-created-e0d75d5a'],
  targetGroup: [/^(?!-)[a-zA-Z0-9-]{1,32}(?<!-)$/, 'shop-pr-1-order-created-b3c60305'],
  securityGroup: [/^(?!sg-)[a-zA-Z0-9 ._:/()#,@[\]+=&;{}!$*-]{1,255}$/, 'shop-pr-1-order-created-a39055c1'],
  logGroup: [/^(?!aws\/)[.\-_/#A-Za-z0-9]{1,512}$/, '/fairlead/shop/pr-1/order-created-3a99e3a5'],
  bucket: [
    /^(?=.{3,63}$)(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9][a-z0-9-]*[a-z0-9](?<!-s3alias|--ol-s3|--x-s3|--table-s3)$/,
    'shop-pr-1-order-created-e4c65857',
  ],
  originAccess: [/^[\w-]{1,64}$/, 'shop-pr-1-order-created-063ff6a2'],
  server: [/^(?=.{1,63}$)[a-z](-?[a-z0-9])*$/, 'shop-pr-1-order-created-08b4a52b'],
  subnetGroup: [/^(?!default$)(?=.{1,255}$)[a-z][a-z0-9-]*$/, 'shop-pr-1-order-created-7bfaf977'],
  parameterGroup: [/^(?=.{1,255}$)[a-z](-?[a-z0-9])*$/, 'shop-pr-1-order-created-97269816'],
  cacheServer: [/^(?=.{1,40}$)[a-z](-?[a-z0-9])*$/, 'shop-pr-1-order-created-9dcbb877'],
  cacheUser: [/^(?=.{1,40}$)[a-z](-?[a-z0-9])*$/, 'shop-pr-1-order-created-5364da69'],
  cacheUserGroup: [/^(?=.{1,40}$)[a-z](-?[a-z0-9])*$/, 'shop-pr-1-order-created-72c98605'],
  namespace: [/^(?=.{1,63}$)[a-z0-9](-?[a-z0-9])*$/, 'shop-pr-1-order-created-7a68814a'],
  host: [/^(?=.{1,63}$)[a-z](-?[a-z0-9])*$/, 'shop-pr-1-order-created-ee2e7452'],
  schedule: [/^[0-9a-zA-Z_.-]{1,64}$/, 'shop-pr-1-order-created-2a7de4c6'],
  scheduleGroup: [/^[0-9a-zA-Z_.-]{1,64}$/, 'shop-pr-1-order-created-9474415a'],
  // Secrets Manager adds a hyphen and six characters to the ARN: a name that ends so could be taken for another's ARN.
  secret: [/^(?=.{1,512}$)[\w/+=.@-]+(?<!-[a-zA-Z0-9]{6})$/, 'fairlead/shop/pr-1/order-created-c365df51'],
  api: [/^.{1,128}$/, 'shop-pr-1-order-created-0ee162ef'],
  vpcLink: [/^.{1,128}$/, 'shop-pr-1-order-created-0a92c421'],
  alarm: [/^.{1,255}$/, 'shop-pr-1-order-created-784427de'],
  scalingPolicy: [/^[^\p{Cc}]{1,255}$/u, 'shop-pr-1-order-created-11c06b1c'],
  postgresDatabase: [/^(?=.{1,63}$)[a-z](_?[a-z0-9])*$/, 'shop_pr_1_order_created_d819a536'],
  postgresRole: [/^(?=.{1,63}$)[a-z](_?[a-z0-9])*$/, 'shop_pr_1_order_created_8fc25c6f'],
};

const each = Object.entries(kinds) as [PhysicalKind, [RegExp, string]][];

test.each(each)('a %s is called what it was always called', (kind, [grammar, fixed]) => {
  const name = physicalName(kind, 'shop', 'pr-1', 'order-created');
  expect(name).toBe(fixed);
  expect(name).toMatch(grammar);
});

const hostile = [
  [''],
  ['', ''],
  ['7up'],
  ['internal', 'api'],
  ['sg', 'x'],
  ['aws', 'x'],
  ['xn', 'x'],
  ['sthree', 'x'],
  ['amzn', 's3', 'demo'],
  ['default'],
  ['Ünïcødé', '日本語'],
  ['a'.repeat(300)],
  ['-'.repeat(300)],
  ['a-'.repeat(150)],
  ['A/B', 'c d', 'e_f', "'; DROP"],
  Array.from({ length: 300 }, () => 'x'),
];

test.each(each)('a %s is legal whatever it is made of', (kind, [grammar]) => {
  for (const parts of hostile) expect(physicalName(kind, ...parts)).toMatch(grammar);
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 300, unit: 'binary' }), { maxLength: 5 }), (parts) => {
      expect(physicalName(kind, ...parts)).toMatch(grammar);
    }),
    { numRuns: 200 },
  );
});

test.each(each)('two of kind %s with different parts are called differently', (kind) => {
  const long = 'n'.repeat(300);
  const alike = [
    ['a', 'b'],
    ['a-b'],
    ['a_b'],
    ['A', 'b'],
    ['a', 'b', ''],
    ['a', '', 'b'],
    [`${long}1`],
    [`${long}2`],
    [long, '1'],
    [long, '2'],
    ['é'],
    ['è'],
  ];
  const names = alike.map((parts) => physicalName(kind, ...parts));
  expect(new Set(names).size).toBe(alike.length);
  const part = fc.string({ maxLength: 300 });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 4 }), fc.array(part, { maxLength: 4 }), (one, other) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(other));
      expect(physicalName(kind, ...one)).not.toBe(physicalName(kind, ...other));
    }),
    { numRuns: 200 },
  );
});

const account = { id: '123456789012', region: 'eu-central-1', partition: 'aws' };

test('a bucket has another name in another account and region, and always the same in one', () => {
  const name = globalName(account, 'bucket', 'shop', 'production', 'invoices');
  expect(name).toBe('shop-production-invoices-18fe1f29');
  expect(name).toMatch(kinds.bucket[0]);
  expect(globalName({ ...account, id: '210987654321' }, 'bucket', 'shop', 'production', 'invoices')).not.toBe(name);
  expect(globalName({ ...account, region: 'eu-west-1' }, 'bucket', 'shop', 'production', 'invoices')).not.toBe(name);
});

test('stacks are called after application and environment, with a hash where another could be called the same', () => {
  expect(stackName({ application: 'shop', name: 'pr-1' })).toBe('fairlead-shop-pr-1');
  expect(stackName({ application: 'shop', name: 'production' })).toBe('fairlead-shop-production');
  expect(stackName({ application: 'a-b', name: 'c' })).toBe('fairlead-a-b-c');
  expect(stackName({ application: 'a', name: 'b-c' })).toBe('fairlead-a-b-c-cb37d0d0');
  expect(foundationStackName('shop', 'production')).toBe('fairlead-shop-foundation-production-2674e102');
  const legal = fc.stringMatching(/^[a-z](-?[a-z0-9]){0,20}$/);
  fc.assert(
    fc.property(legal, legal, legal, legal, (application, name, otherApplication, otherName) => {
      fc.pre(application !== otherApplication || name !== otherName);
      expect(stackName({ application, name })).not.toBe(stackName({ application: otherApplication, name: otherName }));
      expect(stackName({ application, name })).toMatch(kinds.stack[0]);
    }),
  );
  expect(stackName({ application: 'n'.repeat(300), name: 'production' })).toMatch(kinds.stack[0]);
});

test('logical ids are legal, of a bounded length, and differ where names do', () => {
  expect(logicalId('Logs')).toBe('Logs');
  expect(logicalId('Queue', 'order-created', 'record-sale')).toBe('QueueOrderCreatedRecordSale9F14A295');
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), fc.string({ maxLength: 300 }), (one, other) => {
      expect(logicalId('Queue', one)).toMatch(/^[A-Za-z0-9]{1,255}$/);
      fc.pre(one !== other);
      expect(logicalId('Queue', one)).not.toBe(logicalId('Queue', other));
      expect(logicalId('Queue', one, other)).not.toBe(logicalId('Queue', `${one}${other}`));
    }),
  );
});
