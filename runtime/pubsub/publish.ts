import { codecFor } from '../codec/mod.ts';
import { infra } from '../infra/config.ts';
import { application } from '../internal/application.ts';
import { currentTrace } from '../request.ts';
import { traceparent } from '../trace.ts';
import type { Outgoing, Provider } from './provider.ts';

let provider: Promise<Provider> | undefined;

/** Publishes on the broker of the configuration. */
export async function publish(topic: string, message: object): Promise<string> {
  const trace = currentTrace();
  const outgoing = encode(topic, message);
  return (await pubsub()).publish(topic, trace ? { ...outgoing, traceparent: traceparent(trace) } : outgoing);
}

/** The provider of the configuration, made at its first use. */
export function pubsub(): Promise<Provider> {
  provider ??= open();
  return provider;
}

export async function closePubsub(): Promise<void> {
  const open = provider;
  provider = undefined;
  await (await open)?.close();
}

async function open(): Promise<Provider> {
  const broker = infra().fairlead?.broker;
  if (!broker) throw new Error('no broker is configured for this process, so it can neither publish nor subscribe');
  const { openBroker } = await import('./postgres.ts');
  return openBroker(broker);
}

function encode(topic: string, message: object): Outgoing {
  const manifest = application()?.manifest;
  const declared = manifest?.topics.find(({ name }) => name === topic);
  if (!manifest || !declared) throw new Error(`topic ${topic}: this topic is not configured for use by this process`);
  const value = codecFor(declared.message, manifest.schemas).encode(message);
  const body = JSON.stringify(value);
  if (!declared.orderingAttribute) return { body };
  return { body, orderingKey: String((value as Record<string, unknown>)[declared.orderingAttribute]) };
}
