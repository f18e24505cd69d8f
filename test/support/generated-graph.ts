import type { Position } from '../../analyzer/diagnostic.ts';
import type { Cache, Graph } from '../../analyzer/graph.ts';
import * as built from './graph.ts';

/** The same numbers from 0 to 1 for the same seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const domains = ['billing', 'catalog', 'delivery', 'identity', 'support'];
const parts = ['accounts', 'audit', 'events', 'imports', 'ledger', 'mail', 'prices', 'reports', 'search', 'stock'];

/**
 * An application as large ones are: services in domains, most with a database of their own and calls within their
 * domain, topics between domains, cron jobs, secrets, shared buckets and caches. The same arguments, the same Graph.
 * @param services at least 2
 */
export function generatedGraph(services = 40, seed = 7): Graph {
  const next = numbers(seed);
  const chance = (probability: number) => next() < probability;
  const pick = <T>(list: T[]): T => list[Math.floor(next() * list.length)]!;
  const names = serviceNames(services);
  const graph = emptyApplication(names);
  const use = (
    service: string,
    resource: Parameters<typeof built.use>[1],
    ...operations: Parameters<typeof built.use>[2]
  ) =>
    graph.uses.push(built.use(service, resource, operations, at(`${service}/${service}.ts`, 20 + graph.uses.length)));
  graph.services = names.map((name) =>
    built.service(name, {
      position: at(`${name}/encore.service.ts`),
      endpoints: Array.from({ length: 1 + Math.floor(next() * 7) }, (_, index) => endpoint(name, index, chance(0.22))),
    }),
  );
  for (const name of names) {
    const siblings = names.filter((other) => other !== name && other.split('-')[0] === name.split('-')[0]);
    if (chance(0.6)) {
      graph.databases.push(built.database(name, `${name}/migrations`, [], at(`${name}/db.ts`)));
      use(name, { kind: 'database', name }, 'read', 'write');
    }
    if (siblings.length > 0 && chance(0.6)) {
      use(name, { kind: 'endpoint', service: pick(siblings), name: 'endpoint0' }, 'call');
    }
    if (chance(0.25)) use(name, { kind: 'secret', name: pick(graph.secrets).name }, 'read');
    if (chance(0.12)) {
      const topic = `${name}-changed`;
      graph.topics.push(built.topic(topic, { position: at(`${name}/topic.ts`) }));
      use(name, { kind: 'topic', name: topic }, 'publish');
      for (const { name: reader, subscriptions } of graph.services.filter(() => chance(0.06))) {
        subscriptions.push(built.subscription(`${reader}-on-${topic}`, topic, { position: at(`${reader}/events.ts`) }));
      }
    }
    if (chance(0.1)) {
      graph.cronJobs.push({
        name: `${name}-nightly`,
        when: chance(0.5) ? { every: 3_600_000 } : { schedule: '0 4 * * *' },
        endpoint: { service: name, endpoint: 'endpoint0' },
        service: name,
        position: at(`${name}/cron.ts`),
      });
    }
  }
  use(pick(names), { kind: 'bucket', name: 'invoices' }, 'download', 'upload');
  use(names[0]!, { kind: 'bucket', name: 'pictures' }, 'public-url', 'upload');
  use(names[1]!, { kind: 'bucket', name: 'pictures' }, 'list');
  use(pick(names), { kind: 'keyspace', cache: 'sessions', name: 'sessions/:key0' }, 'read', 'write');
  use(names[0]!, { kind: 'keyspace', cache: 'prices', name: 'prices/:key0' }, 'write');
  use(names[1]!, { kind: 'keyspace', cache: 'prices', name: 'prices/:key0' }, 'read');
  return graph;
}

function serviceNames(length: number): string[] {
  const names = Array.from({ length }, (_, index) => {
    const round = Math.floor(index / domains.length);
    const name = `${domains[index % domains.length]}-${parts[round % parts.length]}`;
    return round < parts.length ? name : `${name}-${Math.floor(round / parts.length) + 1}`;
  });
  return names.sort();
}

function emptyApplication([first]: string[]): Graph {
  const bucket = { public: false, versioned: false, position: at('files/files.ts') };
  return built.graph({
    application: 'harbour',
    gateway: {
      name: 'public-api',
      authenticates: true,
      module: `${first}/gateway.ts`,
      service: first!,
      position: at(`${first}/gateway.ts`),
    },
    authHandler: {
      name: 'authenticate',
      module: `${first}/auth.ts`,
      service: first!,
      request: { schema: { type: 'object' }, encodings: [] },
      data: { type: 'object' },
      position: at(`${first}/auth.ts`),
    },
    buckets: [
      { ...bucket, name: 'invoices', versioned: true },
      { ...bucket, name: 'pictures', public: true },
    ],
    caches: [cache('prices', 1), cache('sessions', 3)],
    metrics: [{ name: 'orders_placed', type: 'counter', labels: [], position: at('metrics.ts') }],
    secrets: ['MailKey', 'SearchKey', 'SigningKey', 'StripeKey'].map((name) => ({ name, position: at('config.ts') })),
  });
}

function at(file: string, line = 1): Position {
  return { file, line, column: 1 };
}

function endpoint(service: string, index: number, exposed: boolean) {
  return built.endpoint(`endpoint${index}`, {
    module: `${service}/${service}.ts`,
    methods: [index % 2 === 0 ? 'GET' : 'POST'],
    path: `/${service}/${index}/:id`,
    exposed,
    auth: exposed,
    position: at(`${service}/${service}.ts`, 10 + index * 8),
  });
}

function cache(name: string, keyspaces: number): Cache {
  const position = at(`${name}/cache.ts`, 3);
  return {
    name,
    evictionPolicy: 'allkeys-lru',
    keyspaces: Array.from({ length: keyspaces }, (_, index) => ({
      type: 'struct' as const,
      pattern: `${name}/:key${index}`,
      key: { type: 'string' },
      value: { type: 'object' },
      position,
    })),
    position,
  };
}
