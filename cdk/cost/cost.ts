import type { RunningCost } from '../../pipeline/mod.ts';
import type { Template } from '../model.ts';
import { priced } from './priced.ts';
import { asOf, hoursPerMonth, nearest, type Prices, regions } from './prices.ts';

export interface CostInput {
  region: string;
  /** What environments of a class share; absent: it is not counted. */
  foundation?: Template;
  /** Of the environment alone; absent: there is none. */
  environment?: Template;
  /** By logical id, how many tasks of a service of ECS really run. @default what the template says */
  tasks?: Record<string, number>;
}

/**
 * What stacks cost in a month while nobody uses them. Items of the Foundation begin with `shared: `. What is paid by use (requests,
 * messages, objects, logs, traffic) is not in it, as `source` says.
 */
export function costOf({ region, foundation, environment, tasks = {} }: CostInput): RunningCost {
  const { prices, note } = pricesOf(region);
  const items = [
    ...itemsOf(environment, prices, tasks),
    ...itemsOf(foundation, prices, tasks).map(({ what, monthly }) => ({ what: `shared: ${what}`, monthly })),
  ];
  return { monthly: sum(items), own: ownShare({ items }), items, source: sourceOf(note) };
}

/** What of it is the environment's own, in US dollars a month: what goes when the environment does. */
export function ownShare({ items }: Pick<RunningCost, 'items'>): number {
  return sum(items.filter(({ what }) => !what.startsWith('shared: ')));
}

type Item = RunningCost['items'][number];

/** One item for each kind of thing, the dearest first. */
function itemsOf(template: Template | undefined, prices: Prices, tasks: Record<string, number>): Item[] {
  const found = template ? priced(template, prices, tasks) : [];
  return [...Map.groupBy(found, ({ what }) => what)]
    .map(([what, alike]) => {
      const count = alike.reduce((total, one) => total + one.count, 0);
      const each = alike[0]!.each;
      const unknown = each === undefined ? ' (price not known)' : '';
      return { what: `${count === 1 ? '' : `${count} × `}${what}${unknown}`, monthly: cents(count * (each ?? 0)) };
    })
    .sort((a, b) => b.monthly - a.monthly || (a.what < b.what ? -1 : 1));
}

function pricesOf(region: string): { prices: Prices; note: string } {
  const known = regions[region];
  const name = known ? region : nearest.find(([prefix]) => region.startsWith(prefix))![1];
  const prices = known ?? regions[name]!;
  const servers =
    prices.serverFactor === 1
      ? ''
      : `; servers of databases and caches are taken as ${prices.serverFactor} times those of us-east-1`;
  return { prices, note: known ? `of ${region}${servers}` : `of ${name}, the nearest to ${region} at hand${servers}` };
}

function sourceOf(note: string): string {
  return `Published on-demand prices ${note}, as known in ${asOf}, ${hoursPerMonth} hours a month; requests, messages, stored objects, backups, logs and traffic are paid by use and not in it.`;
}

function sum(items: Item[]): number {
  return cents(items.reduce((total, { monthly }) => total + monthly, 0));
}

function cents(dollars: number): number {
  return Math.round(dollars * 100) / 100;
}
