import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Kept, KeptFacts } from '../../analyzer/cache.ts';
import { analyze } from '../../analyzer/mod.ts';
import { staleFiles } from '../../analyzer/needs.ts';
import { Report } from '../../analyzer/report.ts';
import { sections } from './application.ts';

const application = sections(`-- package.json --
{ "name": "app", "type": "module" }
-- tsconfig.json --
{ "compilerOptions": { "strict": true, "module": "preserve", "target": "es2024", "types": [] } }
-- lib/types.ts --
export interface Page { limit: number; }
export type Id = string;
-- lib/store.ts --
import { db } from '../orders/db';
import type { Id } from './types';
export const find = (id: Id) => db.queryRow<{ id: Id }>\`SELECT id FROM orders WHERE id = \${id}\`;
export const drop = (id: Id) => db.exec\`DELETE FROM orders WHERE id = \${id}\`;
-- orders/db.ts --
import { SQLDatabase } from 'encore.dev/storage/sqldb';
export const db = new SQLDatabase('orders', { migrations: './migrations' });
-- orders/migrations/1_init.up.sql --
CREATE TABLE orders (id text PRIMARY KEY);
-- orders/widgets.ts --
import type { Base } from 'base';
import { api } from 'encore.dev/api';
import { secret } from 'encore.dev/config';
export const shared = secret('Shared');
export const widget = api({}, async (): Promise<{ base: Base; widget: Widget }> => {
  throw new Error(shared());
});
-- orders/api.ts --
import { api } from 'encore.dev/api';
import { find } from '../lib/store';
import type { Page } from '../lib/types';
export const get = api({ method: 'GET', path: '/orders/:id' }, async ({ id }: { id: string }) => {
  return { order: await find(id) };
});
export const list = api({ method: 'GET', path: '/orders' }, async (page: Page) => ({ limit: page.limit }));
-- billing/api.ts --
import { api } from 'encore.dev/api';
import { orders } from '~encore/clients';
import { created } from './topics';
export const bill = api({}, async ({ id }: { id: string }) => {
  const { order } = await orders.get({ id });
  await created.publish({ id });
  return { order, at: new Date() };
});
-- billing/topics.ts --
import { Topic } from 'encore.dev/pubsub';
export const created = new Topic<{ id: string }>('created', { deliveryGuarantee: 'at-least-once' });
-- node_modules/base/package.json --
{ "name": "base", "version": "1.0.0", "types": "index.d.ts" }
-- node_modules/base/index.d.ts --
export interface Base { id: number }
-- node_modules/plugin/package.json --
{ "name": "plugin", "version": "1.0.0", "types": "index.d.ts" }
-- node_modules/plugin/index.d.ts --
import 'base';
declare module 'base' { interface Base { plugged: boolean } }
declare global { interface Widget { extra?: string } }
export {};
-- globals.d.ts --
interface Widget { id: number }
-- mail/mail.ts --
import { secret } from 'encore.dev/config';
import { Subscription } from 'encore.dev/pubsub';
import { created } from '../billing/topics';
import 'plugin';
export const shared = secret('Shared');
new Subscription(created, 'mail', { handler: async () => {} });
`);

/** One edit each: of one file, by replacing a text, or the whole file (`null` removes it). */
const edits: readonly [file: string, from: string | null, to: string | null][] = [
  ['lib/types.ts', 'limit: number', 'limit: string'],
  ['lib/types.ts', 'limit: string', 'limit: number; offset?: number'],
  ['lib/types.ts', 'Id = string', 'Id = number'],
  ['lib/types.ts', 'Id = number', 'Id = string'],
  ['lib/types.ts', 'export interface', '/** One page. */\nexport interface'],
  ['lib/types.ts', 'export interface', 'declare global { interface Page { cursor: string } }\nexport interface'],
  ['lib/store.ts', 'SELECT id', 'SELECT id, id'],
  ['lib/store.ts', 'DELETE FROM orders', 'DELETE FROM items'],
  ['lib/store.ts', 'SELECT', 'SELEKT'],
  ['lib/store.ts', 'SELEKT', 'SELECT'],
  ['orders/api.ts', "import { find } from '../lib/store'", "import { find, drop } from '../lib/store'"],
  ['orders/api.ts', 'return { order', 'await drop(id); return { order'],
  ['orders/api.ts', 'limit: page.limit', 'limit: page.limit, page'],
  ['orders/api.ts', "path: '/orders'", "path: '/all-orders'"],
  ['orders/api.ts', 'export const list', 'export const all'],
  ['orders/api.ts', 'export const all', 'export const list'],
  ['orders/api.ts', 'export const get', 'export const fetch'],
  ['orders/api.ts', 'export const fetch', 'export const get'],
  ['orders/db.ts', "'orders'", "'shop'"],
  ['orders/db.ts', "'shop'", "'orders'"],
  ['orders/db.ts', 'export', '\n\nexport'],
  ['orders/migrations/1_init.up.sql', 'PRIMARY KEY', 'PRIMARY KEY, total int'],
  ['orders/migrations/2_more.up.sql', null, 'ALTER TABLE orders ADD COLUMN note text;\n'],
  ['orders/migrations/2_more.up.sql', null, null],
  ['billing/api.ts', 'new Date()', '1'],
  ['billing/api.ts', 'at: 1', 'at: new Date()'],
  ['billing/topics.ts', '{ id: string }', '{ id: string; total: bigint }'],
  ['billing/topics.ts', "'created'", "'made'"],
  ['mail/mail.ts', "'mail'", "'letters'"],
  ['mail/mail.ts', "import 'plugin';", ''],
  ['orders/widgets.ts', 'base: Base', 'first: Base'],
  ['billing/topics.ts', 'export', "import 'plugin';\nexport"],
  ['billing/topics.ts', 'export', 'declare global { interface Widget { late: string } }\nexport'],
  ['globals.d.ts', 'id: number', 'id: string'],
  ['mail/extra.ts', null, "import { api } from 'encore.dev/api';\nexport const extra = api({}, () => {});\n"],
  ['mail/extra.ts', null, null],
  ['lib/types/index.ts', null, 'export interface Page { shadow: true }\n'],
  ['tools/package.json', null, '{ "name": "tools" }'],
  ['tools/api.ts', null, "import { api } from 'encore.dev/api';\nexport const tool = api({}, () => {});\n"],
  ['tools/more.ts', null, "import './api';\nexport const more = 1;\n"],
  ['tools/api.ts', "import { api } from 'encore.dev/api';\nexport const tool = api({}, () => {});", 'export {};'],
  ['package.json', '"app"', '"other"'],
  ['tsconfig.json', '"strict": true', '"strict": false'],
];

let [root, cache] = ['', ''];

beforeEach(() => {
  [root, cache] = [mkdtempSync(join(tmpdir(), 'fairlead-kept-')), mkdtempSync(join(tmpdir(), 'fairlead-cache-'))];
  for (const [path, text] of Object.entries(application)) write(path, text);
});

afterEach(() => {
  for (const directory of [root, cache]) rmSync(directory, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function edit([file, from, to]: (typeof edits)[number]): void {
  const path = join(root, file);
  if (to === null) rmSync(path, { force: true });
  else if (from === null) write(file, to);
  else if (existsSync(path))
    write(
      file,
      readFileSync(path, 'utf8').replace(from, () => to),
    );
}

test('what is kept never gives another result than an analysis anew', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...edits), { minLength: 4, maxLength: 9 }), async (sequence) => {
      rmSync(root, { recursive: true, force: true });
      for (const [path, text] of Object.entries(application)) write(path, text);
      await analyze({ root, cache });
      for (const one of sequence) {
        edit(one);
        const kept = JSON.stringify(await analyze({ root, cache }));
        expect(kept).toBe(JSON.stringify(await analyze({ root })));
        expect(JSON.stringify(await analyze({ root, cache }))).toBe(kept);
      }
    }),
    // Others in each run of CI. CACHE_RUNS=200 digs deeper; a failure prints its seed.
    { numRuns: Number(process.env.CACHE_RUNS ?? 4), ...(process.env.CI ? {} : { seed: 20261121 }) },
  );
});

test('every single edit is seen', async () => {
  await analyze({ root, cache });
  for (const one of edits) {
    edit(one);
    expect(JSON.stringify(await analyze({ root, cache }))).toBe(JSON.stringify(await analyze({ root })));
  }
});

test('what was kept is not believed when it is damaged', async () => {
  const fresh = await analyze({ root, cache });
  const [name = ''] = readdirSync(cache);
  const text = readFileSync(join(cache, name), 'utf8');
  const [version] = JSON.parse(text) as [string];
  const shapes = [
    {},
    { trace: {} },
    { trace: { contents: null, listings: { a: 'b' }, probes: {}, realpaths: {} }, diagnostics: [] },
    { trace: { contents: {}, listings: {}, probes: {}, realpaths: {} }, diagnostics: [] },
  ];
  for (const damaged of [
    '',
    '{}',
    '[]',
    'null',
    text.slice(0, -10),
    text.replace(/^\["./, '["-'),
    ...shapes.map((shape) => JSON.stringify([version, shape])),
  ]) {
    writeFileSync(join(cache, name), damaged);
    expect(await analyze({ root, cache })).toEqual(fresh);
  }
});

test('a cache that cannot be written is done without', async () => {
  writeFileSync(join(cache, 'file'), '');
  expect(await analyze({ root, cache: join(cache, 'file', 'below') })).toEqual(await analyze({ root }));
});

test('what is generated of an analysis does not make the next one begin anew', async () => {
  const kept = () => readdirSync(cache).map((name) => [name, statSync(join(cache, name)).ino]);
  await analyze({ root, cache });
  const before = kept();
  mkdirSync(join(root, 'encore.gen/clients'), { recursive: true });
  writeFileSync(join(root, 'encore.gen/clients/index.ts'), 'export {};\n');
  await analyze({ root, cache });
  expect(kept()).toEqual(before);
});

test('only what depends on a changed file is read anew', async () => {
  const needs = (file: string, ...needs: string[]): [string, KeptFacts] => [
    file,
    { facts: { declarations: [], imports: [], code: {}, schemas: {} }, needs },
  ];
  const kept = Object.fromEntries([
    needs('lib/types.ts'),
    needs('lib/store.ts', 'lib/types.ts'),
    needs('orders/api.ts', 'lib/store.ts'),
    needs('mail/mail.ts', 'billing/topics.ts'),
    needs('billing/topics.ts'),
  ]);
  const stale = (...files: string[]) => {
    const found = staleFiles(
      kept,
      files.map((file) => join(root, file)),
      new Report(root),
    );
    return found && [...found].sort();
  };
  expect(stale('lib/types.ts')).toEqual(['lib/store.ts', 'lib/types.ts', 'orders/api.ts']);
  expect(stale('mail/mail.ts')).toEqual(['mail/mail.ts']);
  expect(stale('elsewhere.ts')).toBeUndefined();
  kept['lib/global.ts'] = { ...kept['lib/types.ts'], needs: ['*'] } as KeptFacts;
  expect(stale('mail/mail.ts')).toEqual(['mail/mail.ts']);
  expect(stale('lib/global.ts')).toBeUndefined();
});

test('an edit in one service leaves the facts of the others as they were kept', async () => {
  await analyze({ root, cache });
  const [name = ''] = readdirSync(cache);
  const path = join(cache, name);
  const [version, kept] = JSON.parse(readFileSync(path, 'utf8')) as [string, Kept];
  // What is kept of a file that need not be read again is believed: a mark in it comes back.
  for (const declaration of kept.files?.['mail/mail.ts']?.facts.declarations ?? []) declaration.position.column = 99;
  writeFileSync(path, JSON.stringify([version, kept]));
  edit(['orders/api.ts', 'limit: page.limit', 'limit: page.limit, page']);
  const { graph } = await analyze({ root, cache });
  expect(graph?.services.map(({ subscriptions }) => subscriptions.map(({ position }) => position.column))).toEqual([
    [],
    [99],
    [],
  ]);
});

test('a file that is saved while others are read anew is not lost', async () => {
  await analyze({ root, cache });
  edit(['orders/api.ts', 'limit: page.limit', 'limit: page.limit, page']);
  const running = analyze({ root, cache });
  edit(['billing/topics.ts', '{ id: string }', '{ id: string; total: bigint }']);
  await running;
  expect(await analyze({ root, cache })).toEqual(await analyze({ root }));
});

test('what nobody asked for in a month is removed', async () => {
  await analyze({ root, cache, keptAs: 'an application that is gone' });
  const [old = ''] = readdirSync(cache);
  const longAgo = new Date(Date.now() - 31 * 24 * 3600 * 1000);
  utimesSync(join(cache, old), longAgo, longAgo);
  writeFileSync(join(cache, 'of-another-tool.json'), '');
  utimesSync(join(cache, 'of-another-tool.json'), longAgo, longAgo);
  await analyze({ root, cache });
  const left = readdirSync(cache);
  expect(left).toHaveLength(2);
  expect(left).toContain('of-another-tool.json');
  expect(left).not.toContain(old);
});

test('sources that lie elsewhere each time are kept under one name', async () => {
  const fresh = await analyze({ root, cache, keptAs: 'v1' });
  const moved = mkdtempSync(join(tmpdir(), 'fairlead-moved-'));
  try {
    cpSync(root, moved, { recursive: true });
    const before = readFileSync(join(cache, readdirSync(cache)[0] ?? ''), 'utf8');
    expect(await analyze({ root: moved, cache, keptAs: 'v1' })).toEqual(fresh);
    expect(readFileSync(join(cache, readdirSync(cache)[0] ?? ''), 'utf8')).toBe(before);
  } finally {
    rmSync(moved, { recursive: true });
  }
});
