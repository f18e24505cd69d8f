import type { Cache, Graph, Keyspace } from '../../analyzer/mod.ts';
import { type Item, plainItem } from './items.ts';
import { schemaChange } from './schemas.ts';

export function cacheDifferences(before: Cache, after: Cache): string[] {
  if (before.evictionPolicy === after.evictionPolicy) return [];
  return [`evicts by ${after.evictionPolicy} instead of ${before.evictionPolicy}`];
}

export function keyspaceItems(graph: Graph): Item<Keyspace>[] {
  return graph.caches.flatMap(({ name, keyspaces }) =>
    keyspaces.map((keyspace) =>
      plainItem('keyspace', `${name} → ${keyspace.pattern}`, keyspace, keyspace.position, ` (${keyspace.type})`),
    ),
  );
}

export function keyspaceDifferences(before: Keyspace, old: Graph, after: Keyspace, now: Graph): string[] {
  const [a, b] = [expiryOf(before), expiryOf(after)];
  return [
    ...(before.type === after.type ? [] : [`holds ${after.type} instead of ${before.type}`]),
    ...schemaChange('key', before.key, old, after.key, now),
    ...schemaChange('value', before.value, old, after.value, now),
    ...(a === b ? [] : [`expires ${b} instead of ${a}`]),
  ];
}

function expiryOf({ defaultExpiry = 'never' }: Keyspace): string {
  if (typeof defaultExpiry === 'object') {
    return 'after' in defaultExpiry ? `after ${defaultExpiry.after} ms` : `daily at ${defaultExpiry.dailyAt}`;
  }
  return { never: 'never', keep: 'as before', code: 'as the code says' }[defaultExpiry];
}
