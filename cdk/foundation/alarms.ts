import type { CfnTopic } from 'aws-cdk-lib/aws-sns';
import { type Draft, mean } from '../draft.ts';
import { sns } from '../library.ts';
import type { FoundationInput } from '../model.ts';
import { logicalId, physicalName } from '../names.ts';
import { isTopic } from './hearers.ts';

/** The topic that people hear of alarms by; undefined when nobody does. Unencrypted, since CloudWatch has no key of SNS. */
export function alarmTopic(draft: Draft, { account, class: type, settings }: FoundationInput): CfnTopic | undefined {
  const { foundation, alarms } = settings;
  const addresses = [...new Set(alarms.filter((one) => !isTopic(one)))].sort();
  if (addresses.length === 0) return undefined;
  const subject = 'topic of alarms';
  const topic = mean(
    draft,
    new sns.CfnTopic(draft.scope, 'AlarmTopic', { topicName: physicalName('topic', foundation, type, 'alarms') }),
    { subject },
  );
  mean(
    draft,
    new sns.CfnTopicPolicy(draft.scope, 'AlarmTopicPolicy', {
      topics: [topic.ref],
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'Alarms',
            Effect: 'Allow',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Action: 'sns:Publish',
            Resource: topic.ref,
            Condition: { StringEquals: { 'aws:SourceAccount': account.id } },
          },
          {
            Sid: 'EncryptedOnly',
            Effect: 'Deny',
            Principal: '*',
            Action: 'sns:Publish',
            Resource: topic.ref,
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    }),
    { subject },
  );
  for (const endpoint of addresses) {
    mean(
      draft,
      new sns.CfnSubscription(draft.scope, logicalId('AlarmSubscription', endpoint), {
        topicArn: topic.ref,
        protocol: 'email',
        endpoint,
      }),
      { subject: `alarms to ${endpoint}` },
    );
  }
  return topic;
}
