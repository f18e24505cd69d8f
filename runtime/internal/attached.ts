import type { CallOpts } from '../api/api.ts';
import { infra, resolveEnv } from '../infra/config.ts';
import log from '../log/mod.ts';
import { crypto } from '../node.ts';
import { brokerSchema } from '../postgres/broker-schema.ts';
import { openClient, splitHost } from '../postgres/connect.ts';
import { Service } from '../service/mod.ts';
import type { BrokerConfig, Manifest } from '../wire.ts';
import { callEndpoint } from './calls.ts';
import { createHost, type Handler, type Host, type Hosted, hostedEndpoint } from './host.ts';
import { modulesOf, type ServiceModules } from './modules.ts';

/** Endpoints by `service.endpoint`, each with the modules that it is from. */
const loaded = new Map<string, { from: ServiceModules; hosted: Hosted }>();

/**
 * Calls an endpoint in this process the way a process of the application would: its modules are loaded at the first call.
 * @throws APIError of the endpoint
 */
export async function callAttached(
  manifest: Manifest,
  service: string,
  endpoint: string,
  params: unknown,
  opts?: CallOpts,
): Promise<unknown> {
  await load(manifest, service, endpoint);
  return callEndpoint(hostOf(manifest), service, endpoint, params, opts);
}

/** Everything that was loaded, hosted here. There is no server, so that nothing comes in from outside. */
function hostOf(manifest: Manifest): Host {
  const host = createHost({ ...manifest, services: [], gateways: [] }, {});
  return {
    ...host,
    manifest,
    services: manifest.services.map(({ name }) => name),
    endpoints: new Map([...loaded].map(([name, { hosted }]) => [name, hosted])),
  };
}

async function load(manifest: Manifest, service: string, endpoint: string): Promise<void> {
  const name = `${service}.${endpoint}`;
  const modules = modulesOf(service);
  const declared = manifest.services
    .find((one) => one.name === service)
    ?.endpoints.find((one) => one.name === endpoint);
  // A name that is not there is refused by the call.
  if (!declared || (modules && loaded.get(name)?.from === modules)) return;
  const find = modules && Object.hasOwn(modules.endpoints, endpoint) ? modules.endpoints[endpoint] : undefined;
  if (!modules || !find)
    throw new Error(`${name} is not known to encore.gen, which is out of date: run fairlead generate`);
  const services = await servicesOf(service, modules);
  const module = (await find()) as Record<string, Handler | undefined>;
  // Looked up at each call: a test may have put something else in its place.
  const handler: Handler = (...args) => module[endpoint]?.(...args);
  const [, hosted] = hostedEndpoint(service, declared, { [name]: handler }, services);
  loaded.set(name, { from: modules, hosted });
}

/** What `encore.service.ts` declares, whose middleware wraps the endpoints. */
async function servicesOf(service: string, modules: ServiceModules): Promise<Record<string, Service>> {
  const { default: declared } = ((await modules.service?.()) ?? {}) as { default?: unknown };
  return declared instanceof Service ? { [service]: declared } : {};
}

const consumed = new Set<string>();

/** Starts to handle the messages of a subscription that was declared in this process. */
export async function consume(manifest: Manifest, topic: string, name: string): Promise<void> {
  const key = `${topic}/${name}`;
  const found = manifest.services.flatMap(({ name: service, subscriptions }) =>
    subscriptions.flatMap((one) => (one.topic === topic && one.name === name ? [{ service, subscription: one }] : [])),
  )[0];
  // One that only a test declares has no queue.
  if (!found || consumed.has(key) || !infra().fairlead?.broker) return;
  consumed.add(key);
  try {
    const { consumeSubscription } = await import('../pubsub/consume.ts');
    await consumeSubscription(manifest, found.service, found.subscription);
  } catch (error) {
    log.error(error, 'the subscription receives nothing', { subscription: name, topic });
  }
}

/** Makes queues that no other process publishes to or reads: test files that run at once must not take each other's messages. */
export async function makeQueues(broker: BrokerConfig): Promise<BrokerConfig> {
  const schema = `test_${crypto.randomUUID().replaceAll('-', '')}`;
  const topics = Object.fromEntries(
    Object.entries(broker.topics).map(([topic, { queues }]) => [
      topic,
      { queues: queues.map((queue, index) => ({ ...queue, channel: `${schema}_${index}_${hash(topic)}` })) },
    ]),
  );
  const own = { ...broker, schema, topics };
  const { database, username: user, host } = broker;
  const password = resolveEnv(broker.password, 'the password of the broker');
  const client = await openClient({ ...splitHost(host), database, user, password, ssl: false });
  await client.connect();
  try {
    for (const statement of brokerSchema(own)) await client.query(statement);
  } finally {
    await client.end();
  }
  return own;
}

/** Short: PostgreSQL takes no longer name of a channel than 63 bytes. */
function hash(text: string): string {
  return crypto.createHash('sha256').update(text).digest('hex').slice(0, 8);
}
