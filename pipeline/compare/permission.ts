import type { Graph, Operation, ResourceReference, Use } from '../../analyzer/mod.ts';
import type { Item } from './items.ts';

export function permissionItems(graph: Graph): Item<Use>[] {
  return graph.uses.map((use) => {
    const resource = nameOf(use.resource);
    return {
      subject: `${use.service} → ${resource}`,
      value: use,
      position: use.causes[0]?.position,
      label: `service ${use.service}`,
      added: `service ${use.service} may now ${verbs(use.operations)} ${resource}`,
      removed: `service ${use.service} may no longer ${verbs(use.operations)} ${resource}`,
    };
  });
}

export function permissionDifferences(before: Use, after: Use): string[] {
  const gained = after.operations.filter((operation) => !before.operations.includes(operation));
  const lost = before.operations.filter((operation) => !after.operations.includes(operation));
  const resource = nameOf(after.resource);
  return [
    ...(gained.length > 0 ? [`may now ${verbs(gained)} ${resource}`] : []),
    ...(lost.length > 0 ? [`may no longer ${verbs(lost)} ${resource}`] : []),
    ...tableDifferences('may now', before, after),
    ...tableDifferences('may no longer', after, before),
  ];
}

/** What `more` does to tables and `less` does not: `may now write the table orders of database main`. */
function tableDifferences(may: string, less: Use, more: Use): string[] {
  return (['read', 'write'] as const).flatMap((operation) => {
    const known = tablesWith(operation, less);
    const tables = tablesWith(operation, more).filter((name) => !known.includes(name));
    if (tables.length === 0) return [];
    return [
      `${may} ${operation} the table${tables.length > 1 ? 's' : ''} ${tables.join(', ')} of ${nameOf(more.resource)}`,
    ];
  });
}

/** SQL allows any character in a quoted name. */
function tablesWith(operation: 'read' | 'write', { tables = [] }: Use): string[] {
  const names = tables.flatMap(({ name, operations }) => (operations.includes(operation) ? [name] : []));
  return names.map((name) => name.replace(/\p{Cc}/gu, ' '));
}

function nameOf(resource: ResourceReference): string {
  if (resource.kind === 'endpoint') return `endpoint ${resource.service}.${resource.name}`;
  if (resource.kind === 'keyspace') return `keyspace ${resource.name} of cache ${resource.cache}`;
  return `${resource.kind} ${resource.name}`;
}

const verb: Record<Operation, string> = {
  attributes: 'read the attributes of objects in',
  call: 'call',
  connect: 'connect directly to',
  download: 'download from',
  list: 'list',
  publish: 'publish to',
  'public-url': 'give public URLs of',
  query: 'query',
  read: 'read',
  record: 'record',
  remove: 'remove from',
  'sign-download': 'sign downloads from',
  'sign-upload': 'sign uploads to',
  upload: 'upload to',
  write: 'write to',
};

function verbs(operations: Operation[]): string {
  return operations.map((operation) => verb[operation]).join(' and ');
}
