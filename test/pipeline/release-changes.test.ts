import { expect, test } from '@jest/globals';
import type { Digest } from '../../pipeline/mod.ts';
import { releaseChanges } from '../../pipeline/release-changes.ts';
import { release } from '../support/release.ts';
import { migrations, sampleGraph, service } from './sample-graph.ts';

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const source = { hash: digest('0') };
const graph = sampleGraph({ services: [service('orders')], databases: [migrations('orders', 'init')] });
const before = release(graph, { 'all-in-one/app': digest('a'), 'per-service/mail': digest('b') }, source, {
  inputs: { 'orders/orders.ts': digest('1'), 'mail/mail.ts': digest('2') },
  unreproducible: ['all-in-one/app'],
});

test('equal contents have no differences', () => {
  expect(releaseChanges(before.content, structuredClone(before.content))).toEqual({ graph: [], parts: [] });
});

test('what becomes different is said in the words of the Graph, then part by part', () => {
  const after = release(
    sampleGraph({ services: [service('orders')], databases: [migrations('orders', 'init', 'drop!')] }),
    { 'all-in-one/app': digest('c'), 'per-service/orders': digest('d') },
    source,
    {
      tool: '0.1.0',
      inputs: { 'orders/orders.ts': digest('3'), 'orders/new.ts': digest('4') },
      migrate: 'all-in-one/app',
      base: { image: 'registry.example/node:24', digest: digest('e') },
    },
  );
  const { graph: changes, parts } = releaseChanges(before.content, after.content);
  expect(changes.map(({ action, kind, danger }) => ({ action, kind, danger }))).toEqual([
    { action: 'add', kind: 'migration', danger: expect.stringContaining('drop drops a column') },
  ]);
  expect(parts.map(({ action, sentence }) => `${action}: ${sentence}`)).toEqual([
    'change: image all-in-one/app aaaaaaaaaaaa becomes cccccccccccc',
    'remove: image per-service/mail',
    'add: image per-service/orders',
    'change: image all-in-one/app can now be built again with the same digest',
    'add: migrating image all-in-one/app',
    'add: base image registry.example/node:24 (eeeeeeeeeeee)',
    'change: tool Fairlead 0.0.0 becomes Fairlead 0.1.0',
    'remove: file mail/mail.ts',
    'add: file orders/new.ts',
    'change: file orders/orders.ts has other text',
  ]);
  const back = releaseChanges(after.content, before.content).parts.map(({ action, kind }) => `${action} ${kind}`);
  expect(back).toContain('remove base image');
  expect(back).toContain('remove migrating image');
});
