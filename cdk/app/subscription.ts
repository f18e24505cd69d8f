import type { Position, Subscription } from '../../pipeline/mod.ts';
import { mean } from '../draft.ts';
import { sns } from '../library.ts';
import { logicalId } from '../names.ts';
import { queue, queueArn } from './queue.ts';
import type { Scope } from './scope.ts';
import { isFifo } from './topic.ts';

/** What a subscription became. */
export interface SubscriptionQueue {
  topic: string;
  subscription: string;
  /** The service that consumes it. */
  service: string;
  url: string;
  arn: string;
  deadLetterQueue: string;
  position?: Position;
}

const longestVisibility = 12 * 3600;
const longestRetention = 14 * 86_400;

/** A queue for each subscription, and beside it one for what could not be handled. */
export function subscriptions(scope: Scope, topics: Record<string, string>): SubscriptionQueue[] {
  const { plan } = scope.input;
  return plan.topics.flatMap((topic) =>
    topic.subscriptions.map(({ name, service }) => {
      const found = plan.release.content.graph.services
        .find((one) => one.name === service)
        ?.subscriptions.find((one) => one.topic === topic.name && one.name === name);
      if (!found) throw new Error(`the plan has the subscription ${name}, and the Graph does not`);
      return subscription(scope, found, service, topics[topic.name]!);
    }),
  );
}

function subscription(
  scope: Scope,
  { topic, name, ackDeadline, messageRetention, retry, position }: Subscription,
  service: string,
  topicArn: string,
): SubscriptionQueue {
  const fifo = isFifo(scope, topic);
  const kind = fifo ? 'fifoQueue' : 'queue';
  const [source, dead] = [scope.name(kind, topic, name), scope.name(kind, topic, name, 'dead letters')];
  const whose = `${topic} → ${name}`;
  const deadLetters = queue(scope, logicalId('DeadLetters', topic, name), {
    name: dead,
    fifo,
    retention: longestRetention,
    deadLettersOf: queueArn(scope, source),
    meaning: { subject: `dead letters of ${whose}`, position },
  });
  const made = queue(scope, logicalId('Queue', topic, name), {
    name: source,
    fifo,
    visibility: seconds(ackDeadline, 0, longestVisibility),
    retention: seconds(messageRetention, 60, longestRetention),
    deadLetters: { arn: deadLetters.attrArn, maxReceiveCount: Math.min(retry.maxRetries + 1, 1000) },
    topicArn,
    meaning: { subject: `queue of ${whose}`, position },
  });
  mean(
    scope,
    new sns.CfnSubscription(scope.scope, logicalId('Subscription', topic, name), {
      topicArn,
      protocol: 'sqs',
      endpoint: made.attrArn,
      // The envelope carries who sent it, and its attributes.
      rawMessageDelivery: false,
    }),
    { subject: `subscription ${whose}`, position },
  );
  return {
    topic,
    subscription: name,
    service,
    url: made.ref,
    arn: made.attrArn,
    deadLetterQueue: deadLetters.attrQueueName,
    position,
  };
}

function seconds(milliseconds: number, least: number, most: number): number {
  return Math.min(Math.max(Math.ceil(milliseconds / 1000), least), most);
}
