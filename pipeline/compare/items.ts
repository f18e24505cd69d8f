import type { Graph, Position } from '../../analyzer/mod.ts';
import type { Change } from '../plan.ts';

type Kind = Change['kind'];

/** Something of a Graph under the name that tells it from others of its kind. */
export interface Item<T> {
  subject: string;
  value: T;
  position: Position | undefined;
  added: string;
  removed: string;
  /** What a sentence about a difference begins with. */
  label: string;
}

/** What is lost with the last trace of a kind in the code. */
const losses: Partial<Record<Kind, string>> = {
  bucket: 'no code reaches its objects any longer',
  database: 'no code reaches its data any longer',
  topic: 'messages on their way are lost',
  subscription: 'messages on their way to it are lost',
};

export function compare<T>(
  kind: Kind,
  before: Item<T>[],
  after: Item<T>[],
  differences: (before: T, after: T) => string[] = () => [],
): Change[] {
  const old = new Map(before.map((item) => [item.subject, item.value]));
  const now = new Set(after.map(({ subject }) => subject));
  const gone = before.filter(({ subject }) => !now.has(subject));
  const changes = [
    ...after.flatMap(({ subject, value, added, label, position }): Change[] => {
      const place = position ? { position } : {};
      const former = old.get(subject);
      if (former === undefined) return [{ action: 'add', kind, subject, sentence: added, ...place }];
      const found = differences(former, value);
      if (found.length === 0) return [];
      return [{ action: 'change', kind, subject, sentence: `${label} ${found.join('; ')}`, ...place }];
    }),
    ...gone.map(({ subject, removed }): Change => {
      const danger = losses[kind];
      return { action: 'remove', kind, subject, sentence: removed, ...(danger ? { danger } : {}) };
    }),
  ];
  return changes.sort((a, b) => (a.subject < b.subject ? -1 : 1));
}

/** An item for each of a list of a Graph, by its name. */
export function namedItems<T extends { name: string; position: Position }>(
  kind: Kind,
  list: (graph: Graph) => T[],
): (graph: Graph) => Item<T>[] {
  return (graph) => list(graph).map((value) => plainItem(kind, value.name, value, value.position));
}

export function plainItem<T>(kind: Kind, subject: string, value: T, position: Position, detail = ''): Item<T> {
  const label = `${kind} ${subject}${detail}`;
  return { subject, value, position, label, added: `${label} is added`, removed: `${label} is removed` };
}

/** `gains the tag a`, `loses the tags b, c`: what differs between two lists, in whatever order. */
export function listDifferences(noun: string, before: readonly string[], after: readonly string[]): string[] {
  const say = (verb: string, names: string[]) =>
    names.length > 0 ? [`${verb} the ${noun}${names.length > 1 ? 's' : ''} ${names.join(', ')}`] : [];
  return [
    ...say(
      'gains',
      after.filter((name) => !before.includes(name)),
    ),
    ...say(
      'loses',
      before.filter((name) => !after.includes(name)),
    ),
  ];
}
