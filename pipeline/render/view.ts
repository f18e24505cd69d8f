import type { Graph, Position, ResourceReference, Service, Use } from '../../analyzer/mod.ts';

/**
 * What every picture of a Graph shows: things and the lines between them. Metrics, middleware and the single endpoints
 * are for tables and details.
 */
export interface View {
  application: string;
  /** The gateway first, then by kind, each kind in the order of the Graph. */
  nodes: ViewNode[];
  edges: ViewEdge[];
}

export type NodeKind = 'gateway' | 'service' | 'database' | 'topic' | 'bucket' | 'cache' | 'cron';

export const kindNames: Record<NodeKind | 'secret', string> = {
  gateway: 'gateway',
  service: 'service',
  database: 'database',
  topic: 'topic',
  bucket: 'bucket',
  cache: 'cache',
  cron: 'cron job',
  secret: 'secret',
};

export interface ViewNode {
  /** `<kind>:<name>`, unique. */
  id: string;
  kind: NodeKind;
  name: string;
  /** A few words about it; may be empty. */
  note: string;
  /** The service that alone has to do with it: a picture may show it on that service's card. */
  within?: string;
  /** Reached from outside: a service with exposed endpoints, a bucket that everybody may read. */
  public: boolean;
  /** Names of the secrets that a service reads. */
  secrets: string[];
  /** Absent for the gateway that is there without being declared. */
  position?: Position;
}

/**
 * `request`: the gateway passes requests on; `authenticate`: it asks the auth handler; `trigger`: a cron job calls;
 * `deliver`: a topic sends its messages to a subscription; `use`: of a database, a bucket or a cache.
 */
export type EdgeKind = 'request' | 'authenticate' | 'trigger' | 'call' | 'publish' | 'deliver' | 'use';

/** At most one per kind, from and to. */
export interface ViewEdge {
  /** `<kind> <from> <to>`, unique. */
  id: string;
  kind: EdgeKind;
  from: string;
  to: string;
  /** What it stands for: endpoints, operations, subscriptions. */
  details: string[];
}

export const gatewayId = 'gateway';

export function viewOf(graph: Graph): View {
  const edges = mergeEdges(allEdges(graph));
  const nodes = nodesOf(graph, edges);
  const known = new Set(nodes.map(({ id }) => id));
  return {
    application: graph.application,
    nodes,
    edges: edges.filter(({ from, to }) => from !== to && known.has(from) && known.has(to)),
  };
}

/** Public services up to which the gateway has a line to each; beyond, the mark of what is public says the same. */
const fewPublicServices = 6;

/** The edges without those that would only crowd a picture. */
export function calmEdges({ edges }: View): ViewEdge[] {
  const crowded = edges.filter(({ kind }) => kind === 'request').length > fewPublicServices;
  return crowded ? edges.filter(({ kind }) => kind !== 'request') : edges;
}

/** The edges that are drawn as lines between cards. The others are said by a place on the card of a service. */
export function linesOf(view: View): ViewEdge[] {
  const inside = new Set(view.nodes.filter(({ within }) => within !== undefined).map(({ id }) => id));
  return calmEdges(view).filter(({ from, to }) => !inside.has(from) && !inside.has(to));
}

/** `3 services, 2 databases, 1 topic`. */
export function summaryOf({ nodes }: View): string {
  const kinds = Map.groupBy(nodes, ({ kind }) => kind);
  return [...kinds]
    .filter(([kind]) => kind !== 'gateway')
    .map(([kind, { length }]) => count(length, kindNames[kind]))
    .join(', ');
}

/** A few words for an edge; empty where the two ends say it all. */
export function labelOf({ kind, details }: ViewEdge): string {
  if (kind === 'call') return details.length === 1 ? details[0]! : `${details.length} endpoints`;
  if (kind === 'authenticate') return 'auth';
  if (kind === 'use' || kind === 'deliver' || kind === 'trigger') return details.join(', ');
  return '';
}

const verbs: Record<EdgeKind, string> = {
  request: 'passes requests to',
  authenticate: 'authenticates by',
  trigger: 'calls',
  call: 'calls',
  publish: 'publishes to',
  deliver: 'delivers to',
  use: 'uses',
};

/** `orders calls stock: reserve, release`. */
export function sentenceOf({ kind, from, to, details }: ViewEdge): string {
  const name = (id: string) => id.slice(id.indexOf(':') + 1);
  return `${name(from)} ${verbs[kind]} ${name(to)}${details.length > 0 ? `: ${details.join(', ')}` : ''}`;
}

/** `every 5 min`, `every 2 h`, `0 4 * * 1`. */
export function scheduleOf(when: { every: number } | { schedule: string }): string {
  if ('schedule' in when) return when.schedule;
  const minutes = when.every / 60_000;
  return minutes % 60 === 0 ? `every ${minutes / 60} h` : `every ${minutes} min`;
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function nodesOf(graph: Graph, edges: ViewEdge[]): ViewNode[] {
  const node = (
    kind: NodeKind,
    { name, position }: { name: string; position: Position },
    note: string,
    extra: Partial<ViewNode> = {},
  ): ViewNode => ({ id: `${kind}:${name}`, kind, name, note, public: false, secrets: [], position, ...extra });
  const held = (kind: NodeKind, name: string) => onlyUser(`${kind}:${name}`, edges);
  return [
    ...gatewayOf(graph),
    ...graph.services.map((service) =>
      node('service', service, endpointCount(service), {
        public: isPublic(service),
        secrets: secretsOf(service.name, graph.uses),
      }),
    ),
    ...graph.databases.map((one) =>
      node(
        'database',
        one,
        one.migrations ? count(one.migrations.files.length, 'migration') : 'no migrations',
        held('database', one.name),
      ),
    ),
    ...graph.topics.map((one) =>
      node(
        'topic',
        one,
        [
          one.deliveryGuarantee.replaceAll('-', ' '),
          ...(one.orderingAttribute ? [`by ${one.orderingAttribute}`] : []),
        ].join(', '),
      ),
    ),
    ...graph.buckets.map((one) =>
      node('bucket', one, [one.public ? 'public' : 'private', ...(one.versioned ? ['versioned'] : [])].join(', '), {
        public: one.public,
        ...held('bucket', one.name),
      }),
    ),
    ...graph.caches.map((one) => node('cache', one, count(one.keyspaces.length, 'keyspace'), held('cache', one.name))),
    ...graph.cronJobs.map((one) => node('cron', one, scheduleOf(one.when), held('cron', one.name))),
  ];
}

/** There is one as soon as something is exposed, declared or not. */
function gatewayOf({ gateway, authHandler, services }: Graph): ViewNode[] {
  if (!gateway && !services.some(isPublic)) return [];
  const authenticates = authHandler && (gateway?.authenticates ?? true);
  return [
    {
      id: gatewayId,
      kind: 'gateway',
      name: gateway?.name ?? 'gateway',
      note: authenticates ? `auth by ${authHandler.name}` : 'requests from outside',
      public: true,
      secrets: [],
      ...(gateway ? { position: gateway.position } : {}),
    },
  ];
}

function isPublic({ endpoints }: Service): boolean {
  return endpoints.some(({ exposed }) => exposed);
}

function endpointCount({ endpoints }: Service): string {
  const exposed = endpoints.filter((endpoint) => endpoint.exposed).length;
  if (endpoints.length === 0) return 'no endpoints';
  const access = exposed === 0 ? 'private' : exposed === endpoints.length ? 'public' : `${exposed} public`;
  return `${count(endpoints.length, 'endpoint')}, ${access}`;
}

function secretsOf(service: string, uses: Use[]): string[] {
  return uses.flatMap((use) => (use.service === service && use.resource.kind === 'secret' ? [use.resource.name] : []));
}

/** The one service at the other end of all of a node's edges. */
function onlyUser(id: string, edges: ViewEdge[]): { within?: string } {
  const others = new Set(edges.flatMap(({ from, to }) => (from === id ? [to] : to === id ? [from] : [])));
  const [only] = others;
  return others.size === 1 && only !== undefined ? { within: only } : {};
}

type Line = Omit<ViewEdge, 'id'>;

function allEdges(graph: Graph): Line[] {
  const { services, cronJobs, uses, authHandler, gateway } = graph;
  const service = (name: string) => `service:${name}`;
  return [
    ...services
      .filter(isPublic)
      .map(({ name }): Line => ({ kind: 'request', from: gatewayId, to: service(name), details: [] })),
    ...(authHandler && (gateway?.authenticates ?? true)
      ? [
          {
            kind: 'authenticate' as const,
            from: gatewayId,
            to: service(authHandler.service),
            details: [authHandler.name],
          },
        ]
      : []),
    ...cronJobs.map(
      ({ name, endpoint }): Line => ({
        kind: 'trigger',
        from: `cron:${name}`,
        to: service(endpoint.service),
        details: [endpoint.endpoint],
      }),
    ),
    ...uses.flatMap((use) => lineOf(use)),
    ...services.flatMap(({ name, subscriptions }) =>
      subscriptions.map(
        (one): Line => ({ kind: 'deliver', from: `topic:${one.topic}`, to: service(name), details: [one.name] }),
      ),
    ),
  ];
}

function lineOf({ service, resource, operations }: Use): Line[] {
  const from = `service:${service}`;
  const target = targetOf(resource);
  if (target === undefined) return [];
  if (resource.kind === 'endpoint') return [{ kind: 'call', from, to: target, details: [resource.name] }];
  if (resource.kind === 'topic') return [{ kind: 'publish', from, to: target, details: [] }];
  return [{ kind: 'use', from, to: target, details: [...operations] }];
}

/** The node of a resource; undefined for what pictures leave out. */
function targetOf(resource: ResourceReference): string | undefined {
  if (resource.kind === 'endpoint') return `service:${resource.service}`;
  if (resource.kind === 'keyspace') return `cache:${resource.cache}`;
  return resource.kind === 'secret' || resource.kind === 'metric' ? undefined : `${resource.kind}:${resource.name}`;
}

function mergeEdges(lines: Line[]): ViewEdge[] {
  const groups = Map.groupBy(lines, ({ kind, from, to }) => `${kind} ${from} ${to}`);
  return [...groups].map(([id, group]) => ({
    id,
    kind: group[0]!.kind,
    from: group[0]!.from,
    to: group[0]!.to,
    details: [...new Set(group.flatMap(({ details }) => details))],
  }));
}
