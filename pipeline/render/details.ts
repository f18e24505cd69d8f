import type { Endpoint, Graph, Keyspace, Position, Service, Use } from '../../analyzer/mod.ts';
import { explainService, resourceName } from '../explain.ts';
import { count, gatewayId, scheduleOf } from './view.ts';

/** What there is to know of each node of a view, by its id, as lists of lines. */
export type Details = Record<string, Section[]>;

export interface Section {
  title: string;
  rows: Detail[];
}

export interface Detail {
  /** Set before the text: a method, an operation. */
  tag?: string;
  text: string;
  note?: string;
  /** `file:line`. */
  place?: string;
}

/** Details without empty sections. */
export function detailsOf(graph: Graph): Details {
  const all: [id: string, Section[]][] = [
    [gatewayId, gatewaySections(graph)],
    ...graph.services.map((service) => [`service:${service.name}`, serviceSections(graph, service)] as const),
    ...graph.databases.map((one) => [`database:${one.name}`, databaseSections(graph, one)] as const),
    ...graph.topics.map((one) => [`topic:${one.name}`, topicSections(graph, one)] as const),
    ...graph.buckets.map((one) => [`bucket:${one.name}`, bucketSections(graph, one)] as const),
    ...graph.caches.map((one) => [`cache:${one.name}`, cacheSections(graph, one)] as const),
    ...graph.cronJobs.map((one) => [`cron:${one.name}`, cronSections(one)] as const),
  ].map(([id, sections]) => [id as string, sections as Section[]]);
  return Object.fromEntries(all.map(([id, sections]) => [id, sections.filter(({ rows }) => rows.length > 0)]));
}

function serviceSections(graph: Graph, service: Service): Section[] {
  const { endpoints, subscriptions, cronJobs, callers, permissions, middleware, position } = explainService(
    graph,
    service,
  );
  return [
    declared(position),
    { title: 'Endpoints', rows: endpoints.map(endpointDetail) },
    {
      title: 'Subscriptions',
      rows: subscriptions.map(({ name, topic, position }) => ({
        text: name,
        note: `to ${topic}`,
        place: placeOf(position),
      })),
    },
    { title: 'Cron jobs', rows: cronJobs.map(cronDetail) },
    {
      title: 'May',
      rows: permissions.flatMap(({ resource, operations, tables }) => [
        ...operations.map(
          ({ operation, positions: [first] }): Detail => ({
            tag: operation,
            text: `${resource.kind} ${resourceName(resource)}`,
            ...(first ? { place: placeOf(first) } : {}),
          }),
        ),
        ...(tables ?? []).map((table): Detail => ({ text: `table ${table.name}`, note: table.operations.join(', ') })),
      ]),
    },
    {
      title: 'Called by',
      rows: callers.map(({ service: caller, endpoint, positions: [first] }) => ({
        text: caller,
        note: endpoint,
        ...(first ? { place: placeOf(first) } : {}),
      })),
    },
    {
      title: 'Middleware',
      rows: middleware.map(({ name, position }) => ({ text: name ?? 'in place', place: placeOf(position) })),
    },
  ];
}

function endpointDetail({ name, kind, methods, path, exposed, auth, position }: Endpoint): Detail {
  return {
    tag: kind === 'stream' ? 'WS' : methods.join(' '),
    text: path,
    note: [name, exposed ? 'public' : 'private', ...(auth ? ['auth'] : []), ...(kind === 'typed' ? [] : [kind])].join(
      ', ',
    ),
    place: placeOf(position),
  };
}

function gatewaySections({ gateway, authHandler, services }: Graph): Section[] {
  return [
    ...(gateway ? [declared(gateway.position)] : []),
    {
      title: 'Auth handler',
      rows: authHandler
        ? [{ text: authHandler.name, note: `of ${authHandler.service}`, place: placeOf(authHandler.position) }]
        : [],
    },
    ...services.map(({ name, endpoints }) => ({
      title: name,
      rows: endpoints.filter(({ exposed }) => exposed).map(endpointDetail),
    })),
  ];
}

function databaseSections({ uses }: Graph, { name, migrations, position }: Graph['databases'][number]): Section[] {
  const own = usesOf(uses, (use) => use.resource.kind === 'database' && use.resource.name === name);
  const tables = own.flatMap(({ tables = [] }) => tables.map((table) => table.name));
  return [
    declared(position),
    { title: 'Used by', rows: own.map(userDetail) },
    { title: 'Tables', rows: [...new Set(tables)].sort().map((text) => ({ text })) },
    { title: 'Migrations', rows: migrations?.files.map(({ file }) => ({ text: file })) ?? [] },
  ];
}

function topicSections({ uses, services }: Graph, { name, position }: Graph['topics'][number]): Section[] {
  return [
    declared(position),
    {
      title: 'Published by',
      rows: usesOf(uses, ({ resource }) => resource.kind === 'topic' && resource.name === name).map(userDetail),
    },
    {
      title: 'Delivered to',
      rows: services.flatMap((service) =>
        service.subscriptions
          .filter(({ topic }) => topic === name)
          .map((one) => ({ text: service.name, note: one.name, place: placeOf(one.position) })),
      ),
    },
  ];
}

function bucketSections({ uses }: Graph, bucket: Graph['buckets'][number]): Section[] {
  const { name, position } = bucket;
  const own = usesOf(uses, ({ resource }) => resource.kind === 'bucket' && resource.name === name);
  const access = bucket.public ? 'everybody may read its objects' : 'private';
  return [
    declared(position),
    { title: 'Access', rows: [{ text: access, ...(bucket.versioned ? { note: 'versioned' } : {}) }] },
    { title: 'Used by', rows: own.map(userDetail) },
  ];
}

function cacheSections(
  { uses }: Graph,
  { name, evictionPolicy, keyspaces, position }: Graph['caches'][number],
): Section[] {
  const own = usesOf(uses, ({ resource }) => resource.kind === 'keyspace' && resource.cache === name);
  return [
    declared(position),
    { title: 'Eviction', rows: [{ text: evictionPolicy }] },
    {
      title: 'Keyspaces',
      rows: keyspaces.map((one) => ({
        tag: one.type,
        text: one.pattern,
        note: expiryOf(one),
        place: placeOf(one.position),
      })),
    },
    {
      title: 'Used by',
      rows: own.map((use) => ({ ...userDetail(use), note: `${use.operations.join(', ')} ${use.resource.name}` })),
    },
  ];
}

/** What a value of a keyspace expires after: `after 1 h`, `daily at 04:00`, `never`. */
export function expiryOf({ defaultExpiry = 'never' }: Pick<Keyspace, 'defaultExpiry'>): string {
  if (typeof defaultExpiry === 'object') {
    return 'after' in defaultExpiry ? `after ${duration(defaultExpiry.after)}` : `daily at ${defaultExpiry.dailyAt}`;
  }
  return { never: 'never expires', keep: 'keeps its expiry', code: 'expires as the code says' }[defaultExpiry];
}

function duration(milliseconds: number): string {
  if (milliseconds % 3_600_000 === 0) return count(milliseconds / 3_600_000, 'hour');
  return milliseconds % 60_000 === 0 ? `${milliseconds / 60_000} min` : `${milliseconds / 1000} s`;
}

function cronSections(job: Graph['cronJobs'][number]): Section[] {
  return [{ title: 'Cron job', rows: [cronDetail(job)] }];
}

function cronDetail({ name, when, endpoint, position }: Graph['cronJobs'][number]): Detail {
  return {
    text: name,
    note: `${scheduleOf(when)}, calls ${endpoint.service}.${endpoint.endpoint}`,
    place: placeOf(position),
  };
}

function usesOf(uses: Use[], fits: (use: Use) => boolean): Use[] {
  return uses.filter(fits);
}

function userDetail({ service, operations, causes: [first] }: Use): Detail {
  return { text: service, note: operations.join(', '), ...(first ? { place: placeOf(first.position) } : {}) };
}

function declared(position: Position): Section {
  return { title: 'Declared', rows: [{ text: placeOf(position) }] };
}

function placeOf({ file, line }: Position): string {
  return `${file}:${line}`;
}
