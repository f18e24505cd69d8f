import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { analyze, generateClients } from '../../analyzer/mod.ts';

const root = resolve('examples/shop');
const { graph, diagnostics } = await analyze({ root });
if (!graph) throw new Error('the shop has no graph');

test.each([
  ['7', 'typescript/bin/tsc'],
  ['6', 'typescript6/bin/tsc'],
])('the shop type-checks with TypeScript %s as it is', async (version, tsc) => {
  const run = (...args: string[]) => promisify(execFile)(process.execPath, [resolve('node_modules', tsc), ...args]);
  expect((await run('--version')).stdout).toMatch(new RegExp(`^Version ${version}\\.`));
  await run('-p', root, '--noEmit');
});

describe('the analysis of the shop', () => {
  test('finds nothing wrong', () => {
    expect(diagnostics).toEqual([]);
  });

  test('finds three services, two databases, a topic with two subscribers, a cron job and a secret', () => {
    expect(graph.application).toBe('shop');
    expect(graph.services.map(({ name, declaration }) => [name, declaration])).toEqual([
      ['analytics', 'implicit'],
      ['notifications', 'implicit'],
      ['orders', 'explicit'],
    ]);
    expect(graph.databases.map(({ name }) => name)).toEqual(['analytics', 'orders']);
    expect(graph.topics.map(({ name }) => name)).toEqual(['order-created']);
    expect(graph.services.flatMap(({ subscriptions }) => subscriptions.map(({ name }) => name))).toEqual([
      'record-sale',
      'confirm-order',
    ]);
    expect(graph.cronJobs.map(({ name, endpoint }) => [name, endpoint])).toEqual([
      ['roll-up-sales', { service: 'analytics', endpoint: 'rollUp' }],
    ]);
    expect(graph.secrets.map(({ name }) => name)).toEqual(['MailApiKey']);
  });

  test('gives each service what its code uses, and no more', () => {
    const uses = graph.uses.map(({ service, resource, operations }) => {
      const name = 'service' in resource ? `${resource.service}.${resource.name}` : resource.name;
      return `${service} ${operations.join(' ')} ${resource.kind} ${name}`;
    });
    expect(uses.sort()).toEqual([
      'analytics read write database analytics',
      'notifications call endpoint orders.confirm',
      'notifications call endpoint orders.get',
      'notifications read secret MailApiKey',
      'orders publish topic order-created',
      'orders read write database orders',
    ]);
  });

  test('gives the same bytes twice', async () => {
    expect(JSON.stringify((await analyze({ root })).graph)).toBe(JSON.stringify(graph));
  });

  test('generates the clients that are committed; else run fairlead generate', () => {
    for (const { path, text } of generateClients(graph, { modules: true }))
      expect(readFileSync(join(root, path), 'utf8')).toBe(text);
  });
});
