import { codecFor, writeJson } from '../codec/mod.ts';
import { infra } from '../infra/config.ts';
import { application } from '../internal/application.ts';
import { isLost } from '../postgres/lost.ts';
import { currentTrace, type TraceData } from '../request.ts';
import { traceparent } from '../trace.ts';
import { spans } from '../tracing/spans.ts';
import { reaching } from '../unavailable.ts';
import type { BrokerConfig, PubsubBackend } from '../wire.ts';
import type { Outgoing, Provider } from './provider.ts';

type Kind = PubsubBackend['type'];
type Configured<K extends Kind> = Extract<PubsubBackend, { type: K }>[];

/** What opens the topics of each kind of backend, loaded when it is configured. */
const backends: { [K in Kind]?: (config: Configured<K>) => Promise<Provider> } = {
  aws_sns_sqs: async (config) => (await import('./aws.ts')).openTopics(config),
  gcp_pubsub: async (config) => (await import('./google.ts')).openTopics(config),
  nsq: async (config) => (await import('./nsq.ts')).openTopics(config),
};

/** The backends in use, each made at its first use. */
const open = new Map<'broker' | Kind, Promise<Provider>>();

/** Publishes on the backend that the configuration has the topic on. */
export async function publish(topic: string, message: object): Promise<string> {
  // Nobody could read anything else: it would become a dead letter of each subscription.
  if (typeof message !== 'object' || message === null || Array.isArray(message))
    throw new TypeError(
      `topic ${topic}: a message is an object, not ${Array.isArray(message) ? 'a list' : String(message)}`,
    );
  const outgoing = encode(topic, message);
  const provider = await providerOf(topic);
  const send = (trace: TraceData | undefined) =>
    provider.publish(topic, trace ? { ...outgoing, traceparent: traceparent(trace) } : outgoing);
  return reaching(`topic ${topic}`, () => spans()?.published(topic, send) ?? send(currentTrace()), isLost);
}

/** The backend of a topic: where `pubsub` lists it, else the broker. @throws Error when there is neither */
export function providerOf(topic: string): Promise<Provider> {
  const { pubsub = [], fairlead } = infra();
  const listed = pubsub.find(({ topics }) => Object.hasOwn(topics, topic));
  if (listed) return opened(listed.type, () => openBackend(listed.type, pubsub));
  const broker = fairlead?.broker;
  if (broker) return opened('broker', () => openPostgres(broker));
  if (pubsub.length > 0) throw new Error(`topic ${topic}: this topic is not configured for use by this process`);
  throw new Error('no broker is configured for this process, so it can neither publish nor subscribe');
}

export async function closePubsub(): Promise<void> {
  const providers = [...open.values()];
  open.clear();
  await Promise.all(providers.map(async (provider) => (await provider).close()));
}

function opened(name: 'broker' | Kind, make: () => Promise<Provider>): Promise<Provider> {
  const known = open.get(name);
  if (known) return known;
  const made = make();
  open.set(name, made);
  return made;
}

async function openPostgres(broker: BrokerConfig): Promise<Provider> {
  const { openBroker } = await import('./postgres.ts');
  return openBroker((await application()?.ownQueues?.(broker)) ?? broker);
}

async function openBackend<K extends Kind>(kind: K, all: PubsubBackend[]): Promise<Provider> {
  const backend = backends[kind];
  if (!backend) throw new Error(`there is no backend for pubsub ${kind}`);
  return backend(all.filter(({ type }) => type === kind) as Configured<K>);
}

function encode(topic: string, message: object): Outgoing {
  const manifest = application()?.manifest;
  const declared = manifest?.topics.find(({ name }) => name === topic);
  if (!manifest || !declared) throw new Error(`topic ${topic}: this topic is not configured for use by this process`);
  const value = codecFor(declared.message, manifest.schemas).encode(message);
  const fields = value as Record<string, unknown>;
  const { orderingAttribute, attributes = [] } = declared;
  return {
    body: writeJson(value),
    ...(orderingAttribute && { orderingKey: String(fields[orderingAttribute]) }),
    ...(attributes.length > 0 && { attributes: textsOf(fields, attributes) }),
  };
}

/** Fields that are not there do not travel. */
function textsOf(fields: Record<string, unknown>, names: string[]): Record<string, string> {
  const there = names.filter((name) => fields[name] !== undefined && fields[name] !== null);
  return Object.fromEntries(there.map((name) => [name, String(fields[name])]));
}
