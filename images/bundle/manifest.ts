import type { Assets } from '../../analyzer/mod.ts';
import type {
  Endpoint,
  Graph,
  JsonSchema,
  Message,
  Process,
  Service,
  Subscription,
  Topic,
} from '../../pipeline/mod.ts';
import type {
  Manifest,
  ManifestAssets,
  ManifestAuthHandler,
  ManifestEndpoint,
  ManifestMessage,
  ManifestService,
  ManifestSubscription,
  ManifestTopic,
} from '../../runtime/wire.ts';
import type { Primitive } from './runtime-layer.ts';

/** What a process has to know of the application, and nothing else: a change elsewhere leaves it byte for byte the same. */
export function createManifest(graph: Graph, process: Process): Manifest {
  const hosts = (service: string) => process.services.includes(service);
  const services = graph.services.filter(({ name }) => hosts(name)).map(manifestService);
  const cronJobs = graph.cronJobs
    .filter(({ endpoint }) => hosts(endpoint.service))
    .map(({ name, endpoint }) => ({ name, service: endpoint.service, endpoint: endpoint.endpoint }));
  const remote = calledElsewhere(graph, process);
  const topics = usedTopics(graph, process);
  const authHandler = usedAuthHandler(graph, process);
  const authData = graph.authHandler?.data;
  return {
    version: 1,
    application: graph.application,
    services,
    remote,
    routes: process.gateway ? exposedElsewhere(graph, process) : [],
    gateways: process.gateway ? ['api-gateway'] : [],
    ...(authHandler && { authHandler }),
    ...(authData && { authData }),
    topics,
    cronJobs,
    schemas: reachableSchemas([services, remote, topics, authHandler, authData], graph.schemas),
  };
}

/** Of concern to the gateway, which asks it, and to the process of its service, which answers. */
function usedAuthHandler({ gateway, authHandler }: Graph, process: Process): ManifestAuthHandler | undefined {
  if (!gateway?.authenticates || !authHandler) return undefined;
  const { service, name, request } = authHandler;
  const concerned = process.gateway || process.services.includes(service);
  return concerned ? { service, name, request: manifestMessage(request) } : undefined;
}

/** What a process uses that the runtime has a part of its own for. */
export function primitivesOf(graph: Graph, process: Process): Primitive[] {
  const { topics, cronJobs, services, remote, routes } = createManifest(graph, process);
  const reached = [...[...services, ...remote].flatMap(({ endpoints }) => endpoints), ...routes];
  const uses = (kind: 'bucket' | 'keyspace') =>
    graph.uses.some(({ service, resource }) => resource.kind === kind && process.services.includes(service));
  return [
    ...(topics.length > 0 ? (['topics'] as const) : []),
    ...(cronJobs.length > 0 ? (['cronJobs'] as const) : []),
    ...(uses('bucket') ? (['buckets'] as const) : []),
    ...(process.gateway && hasObjectUrls(graph) ? (['objectUrls'] as const) : []),
    ...(uses('keyspace') ? (['caches'] as const) : []),
    ...(graph.metrics.length > 0 ? (['metrics'] as const) : []),
    ...(assetSources(graph, process).length > 0 ? (['assets'] as const) : []),
    ...(reached.some(({ kind }) => kind === 'stream') ? (['streams'] as const) : []),
  ];
}

/** Whether anybody outside reads or writes objects by URL. */
function hasObjectUrls({ buckets, uses }: Graph): boolean {
  return (
    buckets.some((bucket) => bucket.public) ||
    uses.some(({ causes }) =>
      causes.some(({ operation }) => operation === 'sign-upload' || operation === 'sign-download'),
    )
  );
}

/** The directories and files that the endpoints of a process serve, as the Graph names them. */
export function assetSources({ services }: Graph, process: Process): string[] {
  const assets = services
    .filter(({ name }) => process.services.includes(name))
    .flatMap(({ endpoints }) => endpoints.flatMap((endpoint) => endpoint.assets ?? []));
  return [...new Set(assets.flatMap(({ directory, notFound }) => [directory, ...(notFound ? [notFound.file] : [])]))];
}

/** The endpoints that the services of a process call, as `service.endpoint`. */
export function calledEndpoints(graph: Graph, process: Process): Set<string> {
  return new Set(
    graph.uses
      .filter(({ service }) => process.services.includes(service))
      .flatMap(({ resource }) => (resource.kind === 'endpoint' ? [`${resource.service}.${resource.name}`] : [])),
  );
}

function calledElsewhere(graph: Graph, process: Process): ManifestService[] {
  const called = calledEndpoints(graph, process);
  return graph.services
    .filter(({ name }) => !process.services.includes(name))
    .map(({ name, endpoints }) => ({
      name,
      endpoints: endpoints.filter((endpoint) => called.has(`${name}.${endpoint.name}`)).map(manifestEndpoint),
      subscriptions: [],
    }))
    .filter(({ endpoints }) => endpoints.length > 0);
}

function exposedElsewhere(graph: Graph, process: Process): Manifest['routes'] {
  return graph.services
    .filter(({ name }) => !process.services.includes(name))
    .flatMap(({ name, endpoints }) =>
      endpoints
        .filter(({ exposed }) => exposed)
        .map(({ name: endpoint, kind, auth, methods, path, sensitive, request, response }) => {
          const [requestHeaders, responseHeaders] = [headersOf(request), headersOf(response)];
          return {
            service: name,
            endpoint,
            kind,
            auth,
            methods,
            path,
            ...(sensitive && { sensitive }),
            ...(requestHeaders.length > 0 && { requestHeaders }),
            ...(responseHeaders.length > 0 && { responseHeaders }),
          };
        }),
    );
}

function headersOf(message: Message | undefined): string[] {
  const fields = message?.encodings.flatMap(({ fields }) => fields) ?? [];
  return [...new Set(fields.filter((field) => field.in === 'header').map(({ wire }) => wire))].sort();
}

function usedTopics(graph: Graph, process: Process): ManifestTopic[] {
  const hosted = graph.services.filter(({ name }) => process.services.includes(name));
  const used = new Set([
    ...hosted.flatMap(({ subscriptions }) => subscriptions.map(({ topic }) => topic)),
    ...graph.uses
      .filter(({ service, resource }) => resource.kind === 'topic' && process.services.includes(service))
      .map(({ resource }) => resource.name),
  ]);
  return graph.topics.filter(({ name }) => used.has(name)).map(manifestTopic);
}

/** The schemas that a value refers to, and those that they refer to in turn. */
function reachableSchemas(value: unknown, schemas: Record<string, JsonSchema>): Record<string, JsonSchema> {
  const reached = new Set<string>();
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    const key = '$ref' in part && typeof part.$ref === 'string' ? part.$ref.replace('#/schemas/', '') : undefined;
    if (key !== undefined && key in schemas && !reached.has(key)) {
      reached.add(key);
      visit(schemas[key]);
    }
    Object.values(part).forEach(visit);
  };
  visit(value);
  return Object.fromEntries(Object.entries(schemas).filter(([key]) => reached.has(key)));
}

function manifestService({ name, endpoints, subscriptions }: Service): ManifestService {
  return {
    name,
    endpoints: endpoints.map(manifestEndpoint),
    subscriptions: subscriptions.map(manifestSubscription),
  };
}

function manifestEndpoint(endpoint: Endpoint): ManifestEndpoint {
  const { name, kind, methods, path, exposed, auth, bodyLimit, tags, sensitive } = endpoint;
  const { request, response, stream, assets } = endpoint;
  return {
    name,
    kind,
    methods,
    path,
    exposed,
    auth,
    bodyLimit,
    tags,
    sensitive,
    ...(request && { request: manifestMessage(request) }),
    ...(response && { response: manifestMessage(response) }),
    ...(stream && { stream }),
    ...(assets && { assets: manifestAssets(assets) }),
  };
}

function manifestAssets({ directory, notFound, headers }: Assets): ManifestAssets {
  return {
    directory: assetPath(directory),
    ...(notFound && { notFound: { ...notFound, file: assetPath(notFound.file) } }),
    headers,
  };
}

/** Where the image of a process has a file or directory that it serves, relative to its program's directory. */
export function assetPath(source: string): string {
  return source === '.' ? 'assets' : `assets/${source}`;
}

function manifestMessage({ schema, encodings }: Message): ManifestMessage {
  return { schema, encodings };
}

function manifestSubscription(subscription: Subscription): ManifestSubscription {
  const { name, topic, ackDeadline, messageRetention, maxConcurrency, retry } = subscription;
  return {
    name,
    topic,
    ackDeadline,
    messageRetention,
    ...(maxConcurrency !== undefined && { maxConcurrency }),
    retry,
  };
}

function manifestTopic({ name, deliveryGuarantee, orderingAttribute, attributes, message }: Topic): ManifestTopic {
  return {
    name,
    deliveryGuarantee,
    ...(orderingAttribute !== undefined && { orderingAttribute }),
    ...(attributes.length > 0 && { attributes }),
    message,
  };
}
