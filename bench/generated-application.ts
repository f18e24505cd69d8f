/** What each service declares. */
const endpointsPerService = 5;

/** The text of every file of an application, by path; the same for the same number of services. */
export function generatedApplication(services: number): Record<string, string> {
  const indices = Array.from({ length: services }, (_, index) => index);
  return {
    'package.json': JSON.stringify({ name: 'generated', type: 'module', private: true }),
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        target: 'es2024',
        lib: ['es2024'],
        module: 'preserve',
        moduleResolution: 'bundler',
        types: ['node'],
        strict: true,
        noUncheckedIndexedAccess: true,
        isolatedModules: true,
        skipLibCheck: true,
        noEmit: true,
        paths: { '~encore/*': ['./encore.gen/*'] },
      },
    }),
    'shared/types.ts': sharedTypes,
    ...Object.assign({}, ...indices.map((index) => service(index, services))),
  };
}

/** How many endpoints that are. */
export function endpointsOf(services: number): number {
  return services * endpointsPerService;
}

/** The endpoints of the service that no other calls. */
export function lastFile(services: number): string {
  return `${nameOf(services - 1)}/api.ts`;
}

function nameOf(index: number): string {
  return `s${String(index).padStart(3, '0')}`;
}

/** Every third service has a database, every fourth a topic, which the next one subscribes to; all but the first call the one before. */
function service(index: number, services: number): Record<string, string> {
  const name = nameOf(index);
  const database = index % 3 === 0;
  const topic = index % 4 === 0;
  const subscribed = index % 4 === 1 && index < services ? nameOf(index - 1) : undefined;
  return {
    [`${name}/encore.service.ts`]: `import { Service } from 'encore.dev/service';\n\nexport default new Service('${name}');\n`,
    [`${name}/model.ts`]: model(name),
    [`${name}/store.ts`]: database ? databaseStore(name) : memoryStore(name),
    [`${name}/api.ts`]: endpoints(name, index > 0 ? nameOf(index - 1) : undefined, topic),
    ...(database && { [`${name}/migrations/1_create.up.sql`]: migration(name) }),
    ...(topic && { [`${name}/events.ts`]: events(name) }),
    ...(subscribed !== undefined && { [`${name}/subscription.ts`]: subscription(name, subscribed) }),
  };
}

const sharedTypes = `/** What every service stores. */
export interface Entity {
  id: number;
  createdAt: Date;
  updatedAt: Date | null;
}

export interface Page<Item> {
  items: Item[];
  next?: string;
  total: number;
}

export type Draft<Of extends Entity> = Omit<Of, keyof Entity>;

export type Change<Of extends Entity> = Partial<Draft<Of>> & Pick<Of, 'id'>;

export interface Money {
  amount: number;
  currency: 'EUR' | 'USD' | 'CHF';
}

export interface Address {
  street: string;
  city: string;
  country: string;
  lines?: string[];
}

export type Result<Value> = { state: 'ok'; value: Value } | { state: 'failed'; reason: string };

export function pageOf<Item>(items: Item[], limit: number): Page<Item> {
  return { items: items.slice(0, limit), total: items.length, ...(items.length > limit && { next: String(limit) }) };
}
`;

function model(name: string): string {
  return `import type { Address, Entity, Money } from '../shared/types';

export type State = 'open' | 'paid' | 'sent' | 'closed';

/** A record of ${name}. */
export interface Item extends Entity {
  title: string;
  /** In words of the customer. */
  note?: string;
  state: State;
  price: Money;
  address: Address;
  tags: string[];
  attributes: Record<string, string>;
}

const order: readonly State[] = ['open', 'paid', 'sent', 'closed'];

export function following(state: State): State | undefined {
  return order[order.indexOf(state) + 1];
}

export function totalOf(items: readonly Item[]): number {
  return items.reduce((sum, { price }) => sum + price.amount, 0);
}

export function grouped(items: readonly Item[]): Map<State, Item[]> {
  const groups = new Map<State, Item[]>();
  for (const item of items) groups.set(item.state, [...(groups.get(item.state) ?? []), item]);
  return groups;
}
`;
}

function databaseStore(name: string): string {
  return `import { SQLDatabase } from 'encore.dev/storage/sqldb';
import type { Change, Draft } from '../shared/types';
import type { Item } from './model';

const db = new SQLDatabase('${name}', { migrations: './migrations' });

export async function insert({ title, state }: Draft<Item>): Promise<Item> {
  const item = await db.queryRow<Item>\`
    INSERT INTO ${name}_items (title, state) VALUES (\${title}, \${state})
    RETURNING id, title, state, created_at AS "createdAt"\`;
  if (!item) throw new Error('nothing was inserted');
  return item;
}

export async function find(id: number): Promise<Item | undefined> {
  return (await db.queryRow<Item>\`SELECT * FROM ${name}_items WHERE id = \${id}\`) ?? undefined;
}

export async function all(limit: number): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of db.query<Item>\`SELECT * FROM ${name}_items ORDER BY id LIMIT \${limit}\`) items.push(item);
  return items;
}

export async function change({ id, title }: Change<Item>): Promise<void> {
  await db.exec\`UPDATE ${name}_items SET title = coalesce(\${title ?? null}, title), updated_at = now() WHERE id = \${id}\`;
}

export async function remove(id: number): Promise<void> {
  await db.exec\`DELETE FROM ${name}_items WHERE id = \${id}\`;
}
`;
}

function memoryStore(name: string): string {
  return `import type { Change, Draft } from '../shared/types';
import type { Item } from './model';

/** Of ${name}, until the process ends. */
const items = new Map<number, Item>();

export async function insert(draft: Draft<Item>): Promise<Item> {
  const item: Item = { ...draft, id: items.size + 1, createdAt: new Date(), updatedAt: null };
  items.set(item.id, item);
  return item;
}

export async function find(id: number): Promise<Item | undefined> {
  return items.get(id);
}

export async function all(limit: number): Promise<Item[]> {
  return [...items.values()].slice(0, limit);
}

export async function change({ id, ...changed }: Change<Item>): Promise<void> {
  const item = items.get(id);
  if (item) items.set(id, { ...item, ...changed, updatedAt: new Date() });
}

export async function remove(id: number): Promise<void> {
  items.delete(id);
}
`;
}

function migration(name: string): string {
  return `CREATE TABLE ${name}_items (
  id bigserial PRIMARY KEY,
  title text NOT NULL,
  state text NOT NULL DEFAULT 'open',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz
);
CREATE INDEX ${name}_items_state ON ${name}_items (state);
`;
}

function events(name: string): string {
  return `import { Topic } from 'encore.dev/pubsub';
import type { Item, State } from './model';

export interface Changed {
  item: Pick<Item, 'id' | 'title'>;
  state: State;
  at: Date;
}

export const changed = new Topic<Changed>('${name}-changed', { deliveryGuarantee: 'at-least-once' });
`;
}

function subscription(name: string, publisher: string): string {
  return `import { Subscription } from 'encore.dev/pubsub';
import { changed } from '../${publisher}/events';
import { change } from './store';

const _ = new Subscription(changed, '${name}-follows', {
  handler: async ({ item }) => change({ id: item.id, title: item.title }),
});
`;
}

function endpoints(name: string, before: string | undefined, topic: boolean): string {
  const publish = (state: string) =>
    topic
      ? `\n    await changed.publish({ item: { id: item.id, title: item.title }, state: ${state}, at: new Date() });`
      : '';
  return `import { APIError, api, type Query } from 'encore.dev/api';
${before === undefined ? '' : `import { ${before} } from '~encore/clients';\n`}import { type Draft, type Page, pageOf, type Result } from '../shared/types';
${topic ? "import { changed } from './events';\n" : ''}import { following, grouped, type Item, type State, totalOf } from './model';
import * as store from './store';

/** Creates a record of ${name}. */
export const create = api(
  { method: 'POST', path: '/${name}', expose: true },
  async (draft: Draft<Item>): Promise<Item> => {
    if (draft.title === '') throw APIError.invalidArgument('the title is empty');
    const item = await store.insert(draft);${publish('item.state')}
    return item;
  },
);

export const get = api(
  { method: 'GET', path: '/${name}/:id', expose: true },
  async ({ id }: { id: number }): Promise<Item> => {
    const item = await store.find(id);
    if (!item) throw APIError.notFound(\`there is no record \${id}\`);
    return item;
  },
);

export const list = api(
  { method: 'GET', path: '/${name}', expose: true },
  async ({ limit }: { limit?: Query<number> }): Promise<Page<Item>> => pageOf(await store.all(1000), limit ?? 100),
);

/** Moves a record on${before === undefined ? '' : `, if ${before} knows it`}. */
export const advance = api(
  { method: 'PATCH', path: '/${name}/:id' },
  async ({ id }: { id: number }): Promise<Result<State>> => {
    const item = ${before === undefined ? 'await store.find(id)' : `await ${before}.get({ id })`};
    const state = item && following(item.state);
    if (!item || state === undefined) return { state: 'failed', reason: 'nothing follows' };
    await store.change({ id, state });${publish('state')}
    return { state: 'ok', value: state };
  },
);

export const summary = api({ path: '/${name}/summary' }, async () => {
  const items = await store.all(1000);
  const states = [...grouped(items)].map(([state, group]) => ({ state, count: group.length, total: totalOf(group) }));
  return { states, total: totalOf(items), removable: states.filter(({ state }) => state === 'closed').length > 0 };
});

export const purge = async () => {
  for (const { id, state } of await store.all(1000)) if (state === 'closed') await store.remove(id);
};
`;
}
