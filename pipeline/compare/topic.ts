import type { Graph, Subscription, Topic } from '../../analyzer/mod.ts';
import { type Item, listDifferences, plainItem } from './items.ts';
import { schemaChange } from './schemas.ts';

export function topicDifferences(before: Topic, old: Graph, after: Topic, now: Graph): string[] {
  const found: string[] = [];
  if (before.deliveryGuarantee !== after.deliveryGuarantee) found.push(`delivers ${after.deliveryGuarantee}`);
  if (before.orderingAttribute !== after.orderingAttribute) {
    found.push(after.orderingAttribute ? `is ordered by ${after.orderingAttribute}` : 'is no longer ordered');
  }
  return [
    ...found,
    ...listDifferences('attribute', before.attributes, after.attributes),
    ...schemaChange('message', before.message, old, after.message, now),
  ];
}

export function subscriptionItems(graph: Graph): Item<Subscription>[] {
  return graph.services.flatMap(({ name: service, subscriptions }) =>
    subscriptions.map((subscription) => {
      const { topic, name, position } = subscription;
      const who = name === service ? service : `${service} (${name})`;
      return {
        ...plainItem('subscription', `${topic} → ${name}`, subscription, position),
        added: `topic ${topic} gains the subscriber ${who}`,
        removed: `topic ${topic} loses the subscriber ${who}`,
      };
    }),
  );
}

export function subscriptionDifferences(before: Subscription, after: Subscription): string[] {
  const found: string[] = [];
  const say = (words: string, a?: number, b?: number) => {
    if (a !== b) found.push(`changes its ${words} from ${a ?? 'the default'} to ${b ?? 'the default'}`);
  };
  say('ack deadline (ms)', before.ackDeadline, after.ackDeadline);
  say('message retention (ms)', before.messageRetention, after.messageRetention);
  say('concurrency', before.maxConcurrency, after.maxConcurrency);
  say('retries', before.retry.maxRetries, after.retry.maxRetries);
  say('shortest back-off (ms)', before.retry.minBackoff, after.retry.minBackoff);
  say('longest back-off (ms)', before.retry.maxBackoff, after.retry.maxBackoff);
  return found;
}
