import type { Middleware, MiddlewareOptions } from '../api/middleware.ts';
import { infra } from '../infra/config.ts';
import { StartError } from '../infra/error.ts';
import type { Service } from '../service/mod.ts';
import type { AuthKey, InfraConfig, Manifest, ManifestEndpoint } from '../wire.ts';

/** The function behind an endpoint. */
export type Handler = (params: never) => unknown;

/** An endpoint that runs in this process. */
export interface Hosted {
  service: string;
  endpoint: ManifestEndpoint;
  /** Absent for files. */
  handler?: Handler;
  /** Those that the endpoint is a target of, the outermost first. */
  middleware: readonly Middleware[];
}

/** What this process is, out of its bundle and its configuration. */
export interface Host {
  manifest: Manifest;
  config: InfraConfig;
  services: string[];
  /** Whether requests from outside are taken. */
  gateway: boolean;
  /** By `service.endpoint`. */
  endpoints: ReadonlyMap<string, Hosted>;
  /** Endpoints of other processes that are called from here, by `service.endpoint`. */
  remote: ReadonlyMap<string, ManifestEndpoint>;
  /** Whether the process is about to end. */
  draining: boolean;
}

/** @throws StartError when the configuration asks for what the bundle does not have */
export function createHost(
  manifest: Manifest,
  handlers: Record<string, Handler>,
  declared: Record<string, Service> = {},
): Host {
  const config = infra();
  const services = config.hosted_services ?? manifest.services.map(({ name }) => name);
  const gateways = config.hosted_gateways ?? manifest.gateways;
  const known = [...manifest.services.map(({ name }) => name), ...manifest.gateways];
  const unknown = [...services, ...gateways].filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new StartError(
      'FL6004',
      `the configuration hosts ${unknown.join(', ')}, which this bundle does not contain`,
      `Start the bundle that contains it, or host what is here: ${known.join(', ') || 'nothing'}.`,
    );
  }
  const hosted = manifest.services.filter(({ name }) => services.includes(name));
  return {
    manifest,
    config,
    services,
    gateway: gateways.length > 0,
    endpoints: new Map(
      hosted.flatMap(({ name, endpoints }) => endpoints.map((e) => hostedEndpoint(name, e, handlers, declared))),
    ),
    remote: new Map(
      manifest.remote.flatMap(({ name, endpoints }) => endpoints.map((e) => [`${name}.${e.name}`, e] as const)),
    ),
    draining: false,
  };
}

/** The keys for calls to and from a service. */
export function keysOf({ auth, service_discovery }: InfraConfig, service?: string): AuthKey[] | undefined {
  const own = service === undefined ? undefined : service_discovery?.[service]?.auth;
  return own ?? auth;
}

export function hostedEndpoint(
  service: string,
  endpoint: ManifestEndpoint,
  handlers: Record<string, Handler>,
  declared: Record<string, Service>,
): [string, Hosted] {
  const name = `${service}.${endpoint.name}`;
  const middlewares = Object.hasOwn(declared, service) ? (declared[service]?.config.middlewares ?? []) : [];
  const middleware = middlewares.filter(({ options }) => isTarget(endpoint, options));
  if (endpoint.kind === 'assets') return [name, { service, endpoint, middleware }];
  const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined;
  if (typeof handler !== 'function') throw new Error(`the entry hands over no handler for ${name}`);
  return [name, { service, endpoint, handler, middleware }];
}

/** Every condition that is given has to hold. */
function isTarget(endpoint: ManifestEndpoint, { target = {} }: MiddlewareOptions): boolean {
  const { expose, auth, isRaw, isStream, tags } = target;
  const same = (wanted: boolean | undefined, is: boolean) => wanted === undefined || wanted === is;
  return (
    same(expose, endpoint.exposed) &&
    same(auth, endpoint.auth) &&
    same(isRaw, endpoint.kind === 'raw') &&
    same(isStream, endpoint.kind === 'stream') &&
    (tags === undefined || tags.some((tag) => endpoint.tags.includes(tag)))
  );
}
