import type { Graph, Middleware } from '../../analyzer/mod.ts';
import type { Change } from '../plan.ts';
import { type Item, plainItem } from './items.ts';

/** What has no name, or one that came before, is told by its place. */
export function middlewareItems(graph: Graph): Item<Middleware>[] {
  return graph.services.flatMap(({ name: service, middleware }) =>
    namesOf(middleware).map((name, index) => {
      const value = middleware[index]!;
      const item = plainItem('middleware', `${service}.${name}`, value, value.position);
      return { ...item, added: `${item.added}: wraps ${targetOf(value)}` };
    }),
  );
}

export function middlewareDifferences(before: Middleware, after: Middleware): string[] {
  const [a, b] = [targetOf(before), targetOf(after)];
  return a === b ? [] : [`wraps ${b} instead of ${a}`];
}

/** Services whose middleware wraps in another order than before, apart from what came and went. */
export function middlewareOrder(old: Graph, now: Graph): Change[] {
  return now.services.flatMap(({ name: service, middleware, position }) => {
    const before = namesOf(old.services.find(({ name }) => name === service)?.middleware ?? []);
    const after = namesOf(middleware);
    const kept = after.filter((name) => before.includes(name));
    if (kept.join() === before.filter((name) => after.includes(name)).join()) return [];
    const sentence = `middleware of service ${service} wraps in another order: ${kept.join(', ')}`;
    return [
      {
        action: 'change',
        kind: 'middleware',
        subject: service,
        sentence,
        position: middleware[0]?.position ?? position,
      },
    ];
  });
}

function namesOf(middleware: readonly Middleware[]): string[] {
  return middleware.map(({ name }, index) => {
    const first = name !== undefined && middleware.findIndex((other) => other.name === name) === index;
    return first ? name : `${name ?? ''}#${index + 1}`;
  });
}

function targetOf({ target }: Middleware): string {
  const flag = (value: boolean | undefined, word: string) =>
    value === undefined ? [] : [value ? `are ${word}` : `are not ${word}`];
  const conditions = [
    ...flag(target.expose, 'exposed'),
    ...flag(target.auth, 'authenticated'),
    ...flag(target.isRaw, 'raw'),
    ...flag(target.isStream, 'streams'),
    ...(target.tags ? [`have one of the tags ${target.tags.join(', ')}`] : []),
  ];
  return conditions.length > 0 ? `endpoints that ${conditions.join(' and ')}` : 'every endpoint';
}
