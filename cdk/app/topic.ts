import { mean } from '../draft.ts';
import { sns } from '../library.ts';
import { logicalId } from '../names.ts';
import { declared, type Scope } from './scope.ts';

/** ARNs by name. FIFO when messages are ordered or arrive exactly once. */
export function topics(scope: Scope): Record<string, string> {
  return Object.fromEntries(scope.input.plan.topics.map(({ name }) => [name, topic(scope, name)]));
}

/** Whether a topic and its queues are FIFO. */
export function isFifo({ input }: Scope, name: string): boolean {
  const found = input.plan.release.content.graph.topics.find((one) => one.name === name);
  return found?.orderingAttribute !== undefined || found?.deliveryGuarantee === 'exactly-once';
}

function topic(scope: Scope, name: string): string {
  const meaning = { subject: `topic ${name}`, ...declared(scope, 'topic', name) };
  const fifo = isFifo(scope, name);
  const made = mean(
    scope,
    new sns.CfnTopic(scope.scope, logicalId('Topic', name), {
      topicName: scope.name(fifo ? 'fifoTopic' : 'topic', name),
      kmsMasterKeyId: 'alias/aws/sns',
      ...(fifo && { fifoTopic: true, contentBasedDeduplication: false }),
    }),
    meaning,
  );
  mean(
    scope,
    new sns.CfnTopicPolicy(scope.scope, logicalId('TopicPolicy', name), {
      topics: [made.ref],
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'EncryptedOnly',
            Effect: 'Deny',
            Principal: '*',
            Action: 'sns:Publish',
            Resource: made.ref,
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    }),
    { ...meaning, subject: `who may publish to ${name}` },
  );
  return made.ref;
}
