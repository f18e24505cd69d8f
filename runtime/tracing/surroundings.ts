import type { Attributes } from '@opentelemetry/api';
import { splitHost } from '../postgres/connect.ts';
import type { InfraConfig, Manifest } from '../wire.ts';

/** What spans say of where a process sends what it sends, out of its configuration: never a name or a password of a user. */
export interface Surroundings {
  /** Parameters of the query string that the auth handler takes. */
  secretParameters: ReadonlySet<string>;
  databaseOf(database: string): Attributes;
  /** What the process of another service is asked. */
  request(service: string, method: string, path: string): Attributes;
  /** What messages are sent to, by the names of OpenTelemetry. */
  topicSystem(topic: string): string;
  /** What messages are taken from. */
  queueSystem(topic: string): string;
}

type Backend = NonNullable<InfraConfig['pubsub']>[number]['type'] | 'broker';

const topicSystems: Record<Backend, string> = {
  aws_sns_sqs: 'aws.sns',
  gcp_pubsub: 'gcp.pubsub',
  nsq: 'nsq',
  broker: 'postgresql',
};

export function surroundingsOf(
  { sql_servers = [], service_discovery = {}, pubsub = [] }: InfraConfig,
  { authHandler }: Manifest,
): Surroundings {
  const databases = new Map(
    sql_servers.flatMap(({ host, databases }) =>
      Object.entries(databases).map(([name, config]) => [name, databaseAttributes(host, config.name ?? name)]),
    ),
  );
  const backendOf = (topic: string): Backend =>
    pubsub.find(({ topics }) => Object.hasOwn(topics, topic))?.type ?? 'broker';
  const fields = authHandler?.request.encodings.flatMap((encoding) => encoding.fields) ?? [];
  return {
    secretParameters: new Set(fields.filter((field) => field.in === 'query').map(({ wire }) => wire)),
    databaseOf: (database) => databases.get(database) ?? {},
    request: (service, method, path) => ({
      'http.request.method': method,
      ...(Object.hasOwn(service_discovery, service) && addressAttributes(service_discovery[service]!.base_url, path)),
    }),
    topicSystem: (topic) => topicSystems[backendOf(topic)],
    queueSystem: (topic) => (backendOf(topic) === 'aws_sns_sqs' ? 'aws.sqs' : topicSystems[backendOf(topic)]),
  };
}

function databaseAttributes(host: string, name: string): Attributes {
  const server = splitHost(host);
  return { 'db.namespace': name, 'server.address': server.host, 'server.port': server.port };
}

function addressAttributes(url: string, path: string): Attributes {
  const { hostname, port, protocol } = new URL(url);
  return {
    'server.address': hostname,
    'server.port': Number(port || (protocol === 'https:' ? 443 : 80)),
    'url.full': `${url.replace(/\/$/, '')}${path}`,
  };
}
