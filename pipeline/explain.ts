import type {
  Cause,
  Endpoint,
  Graph,
  Middleware,
  Operation,
  Position,
  ResourceReference,
  Service,
  Subscription,
} from '../analyzer/mod.ts';

/** What one service may touch and why, and how others reach it. */
export interface Explanation {
  service: string;
  position: Position;
  /** Whether requests come from outside: some endpoint is exposed. */
  public: boolean;
  endpoints: Endpoint[];
  middleware: Middleware[];
  subscriptions: Subscription[];
  /** Cron jobs that call one of its endpoints. */
  cronJobs: Graph['cronJobs'];
  /** Calls of its endpoints by other services, by caller, then endpoint. */
  callers: { service: string; endpoint: string; positions: Position[] }[];
  /** In the order of the Graph's uses. */
  permissions: ExplainedPermission[];
}

export interface ExplainedPermission {
  resource: ResourceReference;
  /** Each with every place that takes it. */
  operations: { operation: Operation; positions: Position[] }[];
  /** Of a database; absent when no table is known. */
  tables?: { name: string; operations: ('read' | 'write')[] }[];
}

export function explainService(graph: Graph, service: Service): Explanation {
  const { name, position, endpoints, middleware, subscriptions } = service;
  return {
    service: name,
    position,
    public: endpoints.some(({ exposed }) => exposed),
    endpoints,
    middleware,
    subscriptions,
    cronJobs: graph.cronJobs.filter(({ endpoint }) => endpoint.service === name),
    callers: graph.uses.flatMap(({ service: caller, resource, causes }) =>
      resource.kind === 'endpoint' && resource.service === name
        ? [{ service: caller, endpoint: resource.name, positions: causes.map((cause) => cause.position) }]
        : [],
    ),
    permissions: graph.uses
      .filter((use) => use.service === name)
      .map(({ resource, operations, causes, tables }) => ({
        resource,
        operations: operations.map((operation) => ({ operation, positions: positionsOf(causes, operation) })),
        ...(tables ? { tables } : {}),
      })),
  };
}

function positionsOf(causes: Cause[], operation: Operation): Position[] {
  return causes.filter((cause) => cause.operation === operation).map(({ position }) => position);
}

/** What a resource goes by: `orders` of a database, `orders.create` of an endpoint, `sessions/sessions/:key` of a keyspace. */
export function resourceName(resource: ResourceReference): string {
  if (resource.kind === 'endpoint') return `${resource.service}.${resource.name}`;
  return resource.kind === 'keyspace' ? `${resource.cache}/${resource.name}` : resource.name;
}
