import type { OperationsOf } from '../../pipeline/mod.ts';
import { allow, append, type Statement, type Value } from './statement.ts';

/** What the code of one process does with resources of AWS, by the Graph. Databases and caches are not here: it signs in to those itself. */
export interface TaskInput {
  /** ARNs of the topics that it publishes to. */
  topics: Value[];
  /** ARNs of the queues of its subscriptions. */
  queues: Value[];
  /** ARN of the queue that wakes its cron jobs; absent when it has none. */
  cronQueue?: Value;
  buckets: TaskBucket[];
}

export interface TaskBucket {
  /** As the application knows it. */
  name: string;
  arn: Value;
  /** Put before every key. @default nothing: the whole bucket is the environment's */
  keyPrefix?: string;
  /** Whether former versions of objects can be asked for. */
  versioned: boolean;
  /** Of all services that the process hosts. */
  operations: OperationsOf['bucket'][];
}

/** The actions of S3 on objects that an operation takes. Those on versions only where there are any. */
const objectActions: Record<OperationsOf['bucket'], { always: string[]; versioned: string[] }> = {
  list: { always: [], versioned: [] },
  // S3 has no narrower one for HEAD.
  attributes: { always: ['s3:GetObject'], versioned: ['s3:GetObjectVersion'] },
  download: { always: ['s3:GetObject'], versioned: ['s3:GetObjectVersion'] },
  'sign-download': { always: ['s3:GetObject'], versioned: ['s3:GetObjectVersion'] },
  // A large object comes in parts, which are taken away when the upload fails.
  upload: { always: ['s3:AbortMultipartUpload', 's3:PutObject'], versioned: [] },
  'sign-upload': { always: ['s3:PutObject'], versioned: [] },
  remove: { always: ['s3:DeleteObject'], versioned: ['s3:DeleteObjectVersion'] },
  'public-url': { always: [], versioned: [] },
};

/** Taking messages out of a queue, giving them back, and keeping them longer. */
export const consumeActions = ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:ReceiveMessage'];

/** What the role of a process is allowed: the edges of the Graph and nothing else. Empty when it touches nothing of AWS. */
export function taskStatements({ topics, queues, cronQueue, buckets }: TaskInput): Statement[] {
  const consumed = [...queues, ...(cronQueue === undefined ? [] : [cronQueue])];
  return [
    ...(topics.length > 0 ? [allow('Publish', ['sns:Publish'], topics)] : []),
    ...(consumed.length > 0 ? [allow('Consume', consumeActions, consumed)] : []),
    ...buckets.flatMap((bucket, index) => bucketStatements(bucket, index)),
  ];
}

function bucketStatements({ arn, keyPrefix = '', versioned, operations }: TaskBucket, index: number): Statement[] {
  const actions = operations.flatMap((operation) => {
    const { always, versioned: more } = objectActions[operation];
    return versioned ? [...always, ...more] : always;
  });
  return [
    ...(operations.includes('list')
      ? [
          allow(
            `List${index}`,
            ['s3:ListBucket'],
            [arn],
            keyPrefix === '' ? undefined : { StringLike: { 's3:prefix': `${keyPrefix}*` } },
          ),
        ]
      : []),
    ...(actions.length > 0 ? [allow(`Objects${index}`, actions, [append(arn, `/${keyPrefix}*`)])] : []),
  ];
}
