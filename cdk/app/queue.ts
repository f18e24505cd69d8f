import type { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { mean } from '../draft.ts';
import { sqs } from '../library.ts';
import type { Meaning } from '../model.ts';
import type { Scope } from './scope.ts';

interface QueueOptions {
  /** As `queueName`. */
  name: string;
  fifo?: boolean;
  /** Seconds. */
  visibility?: number;
  /** Seconds. */
  retention: number;
  deadLetters?: { arn: string; maxReceiveCount: number };
  /** ARN of the only queue whose dead letters it takes. */
  deadLettersOf?: string;
  /** The one topic that may send, where it is not for somebody with a role. */
  topicArn?: string;
  meaning: Meaning;
}

/** An encrypted queue with its policy: TLS only, and nobody but who is named. */
export function queue(scope: Scope, id: string, options: QueueOptions): CfnQueue {
  const { name, fifo, visibility, retention, deadLetters, deadLettersOf, topicArn, meaning } = options;
  const made = mean(
    scope,
    new sqs.CfnQueue(scope.scope, id, {
      queueName: name,
      sqsManagedSseEnabled: true,
      messageRetentionPeriod: retention,
      receiveMessageWaitTimeSeconds: 20,
      ...(fifo && { fifoQueue: true }),
      ...(visibility !== undefined && { visibilityTimeout: visibility }),
      ...(deadLetters && {
        redrivePolicy: { deadLetterTargetArn: deadLetters.arn, maxReceiveCount: deadLetters.maxReceiveCount },
      }),
      ...(deadLettersOf !== undefined && {
        redriveAllowPolicy: { redrivePermission: 'byQueue', sourceQueueArns: [deadLettersOf] },
      }),
    }),
    meaning,
  );
  mean(
    scope,
    new sqs.CfnQueuePolicy(scope.scope, `${id}Policy`, {
      queues: [made.ref],
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          ...(topicArn === undefined
            ? []
            : [
                {
                  Sid: 'Topic',
                  Effect: 'Allow',
                  Principal: { Service: 'sns.amazonaws.com' },
                  Action: 'sqs:SendMessage',
                  Resource: made.attrArn,
                  Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
                },
              ]),
          {
            Sid: 'EncryptedOnly',
            Effect: 'Deny',
            Principal: '*',
            Action: 'sqs:*',
            Resource: made.attrArn,
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    }),
    { ...meaning, subject: `who may send to the ${meaning.subject}` },
  );
  return made;
}

/** Known before the queue is there, so that two queues can name each other. */
export function queueArn({ input: { account } }: Scope, name: string): string {
  return `arn:${account.partition}:sqs:${account.region}:${account.id}:${name}`;
}
