import { infra } from '../infra/config.ts';
import type { GooglePush, ManifestSubscription } from '../wire.ts';
import type { Consumer, Delivery } from './provider.ts';

/** A subscription whose messages Google sends to this process. */
export interface PushReceiver {
  config: GooglePush;
  subscription: ManifestSubscription;
  deliver(message: Delivery): Promise<void>;
}

const receivers = new Map<string, PushReceiver>();

/** Takes in what is sent for a subscription until it is stopped; requests that were begun are waited for with the others. */
export function receivePushes(
  config: GooglePush,
  subscription: ManifestSubscription,
  deliver: PushReceiver['deliver'],
): Consumer {
  if (receivers.has(config.id)) throw new Error(`two subscriptions have the push id ${config.id}`);
  receivers.set(config.id, { config, subscription, deliver });
  return { stop: async () => void receivers.delete(config.id) };
}

/** Whether Google sends the messages of a subscription, so that any worker may get one. */
export function isPushed({ topic, name }: ManifestSubscription): boolean {
  const backend = infra().pubsub?.find(({ topics }) => Object.hasOwn(topics, topic));
  if (backend?.type !== 'gcp_pubsub') return false;
  const { subscriptions } = backend.topics[topic]!;
  return Object.hasOwn(subscriptions, name) && subscriptions[name]!.push_config !== undefined;
}

/** Undefined for an id that no subscription of this process has. */
export function pushReceiver(id: string): PushReceiver | undefined {
  return receivers.get(id);
}
