import { expect, test } from '@jest/globals';
import { fileName, physicalName } from '../../local/names.ts';

test.each([
  [['database', 'shop', 'pr-1', 'orders'], /^shop_pr_1_orders_[0-9a-f]{8}$/],
  [['role', 'Shop', 'pr-1', 'Orders.API'], /^shop_pr_1_orders_api_[0-9a-f]{8}$/],
  [['owner', '1shop', 'x'], /^_1shop_x_[0-9a-f]{8}$/],
  [['schema', '日本', '"; DROP'], /^drop_[0-9a-f]{8}$/],
  [['queue', '日本', '—'], /^__[0-9a-f]{8}$/],
  [['database', 'a'.repeat(100), 'b'], /^a{54}_[0-9a-f]{8}$/],
  [['queue', 'a'.repeat(100), 'b'], /^a{41}_[0-9a-f]{8}$/],
  [['database', '1'.repeat(100), 'b'], /^_1{53}_[0-9a-f]{8}$/],
] as const)('%j becomes a legal identifier', ([kind, ...parts], expected) => {
  const name = physicalName(kind, ...parts);
  expect(name).toMatch(expected);
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
  expect(physicalName(kind, ...parts)).toBe(name);
});

test.each([
  [
    ['database', 'a_b', 'c', 'd'],
    ['database', 'a', 'b_c', 'd'],
  ],
  [
    ['database', 'a', 'pr-1', 'd'],
    ['database', 'a', 'pr_1', 'd'],
  ],
  [
    ['role', 'a', 'b'],
    ['owner', 'a', 'b'],
  ],
  [
    ['database', 'x'.repeat(80), 'a'],
    ['database', 'x'.repeat(80), 'b'],
  ],
  [
    ['queue', 'A'],
    ['queue', 'a'],
  ],
] as const)('%j and %j stay apart', ([kind, ...parts], [otherKind, ...otherParts]) => {
  expect(physicalName(kind, ...parts)).not.toBe(physicalName(otherKind, ...otherParts));
});

test.each([
  ['shop', /^shop$/],
  ['pr-72', /^pr-72$/],
  ['../../etc', /^etc\.[0-9a-f]{8}$/],
  ['Shop', /^shop\.[0-9a-f]{8}$/],
  ['@scope/app', /^scope_app\.[0-9a-f]{8}$/],
  ['..', /^\.[0-9a-f]{8}$/],
  ['a'.repeat(300), /^a{60}\.[0-9a-f]{8}$/],
])('%s becomes a harmless file name', (name, expected) => {
  expect(fileName(name)).toMatch(expected);
});
