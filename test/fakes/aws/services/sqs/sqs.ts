import { AwsError, type Call, type Principal, type Service, type World } from '../../model.ts';
import { arn } from '../keeper.ts';
import { type Message, type MessageAttribute, messageView } from './message.ts';
import { createMoves } from './moves.ts';
import { Queue, type Sending } from './queue.ts';
import { queueResources } from './resources.ts';

/** Amazon SQS: standard and FIFO queues, dead letters and their redrive. */
export interface Sqs extends Service {
  queues: ReadonlyMap<string, Queue>;
  queueAt(url: string): Queue;
  urlOf(queue: Queue): string;
  create(call: Pick<Call, 'account' | 'region'>, name: string, attributes: Record<string, string>): Queue;
  remove(queue: Queue): void;
  /**
   * What another service of AWS sends, which needs the leave of the queue's policy.
   * @param source ARN of who sends: a topic, a rule
   * @throws AwsError AccessDenied, QueueDoesNotExist
   */
  sendFrom(service: string, source: string, queueArn: string, sending: Omit<Sending, 'sender'>): void;
}

interface BatchEntry {
  Id: string;
}

interface SendInput {
  MessageBody: string;
  DelaySeconds?: number;
  MessageAttributes?: Record<string, MessageAttribute>;
  MessageGroupId?: string;
  MessageDeduplicationId?: string;
}

export function createSqs(world: World): Sqs {
  /** By ARN. */
  const queues = new Map<string, Queue>();
  /** When those that are gone went, by ARN. */
  const deleted = new Map<string, number>();
  const url = (queue: Queue) => `${world.url}/${queue.account}/${queue.name}`;

  function queueAt(queueUrl: string): Queue {
    const [name, account] = String(queueUrl).split('/').reverse();
    for (const queue of queues.values()) if (queue.name === name && queue.account === account) return queue;
    throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
  }

  function create(call: Pick<Call, 'account' | 'region'>, name: string, attributes: Record<string, string>): Queue {
    if (!/^[\w-]{1,80}$|^[\w-]{1,75}\.fifo$/.test(name))
      throw new AwsError(
        'InvalidParameterValue',
        'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
      );
    const queueArn = arn('sqs', call, name);
    const there = queues.get(queueArn);
    if (there) {
      const differs = Object.entries(attributes).some(([key, value]) => there.attributes[key] !== value);
      if (!differs) return there;
      throw new AwsError(
        'QueueNameExists',
        `A queue already exists with the same name and a different value for attribute ${Object.keys(attributes)[0]}`,
      );
    }
    // API Reference, `DeleteQueue`: "you must wait at least 60 seconds before creating a queue with the same name".
    if (world.clock.now() - (deleted.get(queueArn) ?? Number.NEGATIVE_INFINITY) < 60_000)
      throw new AwsError(
        'QueueDeletedRecently',
        'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
      );
    const queue = new Queue(world, queueArn, attributes);
    queues.set(queueArn, queue);
    return queue;
  }

  function remove(queue: Queue): void {
    queues.delete(queue.arn);
    deleted.set(queue.arn, world.clock.now());
  }

  function dead(from: Queue): (message: Message) => boolean {
    return (message) => {
      const target = queues.get(from.redrive?.deadLetterTargetArn ?? '');
      if (!target || target.fifo !== from.fifo) return false;
      target.adopt({ ...message, source: from.arn });
      return true;
    };
  }

  function send(queue: Queue, input: SendInput, call: Call): Record<string, unknown> {
    const { id, md5, sequence } = queue.send({
      body: input.MessageBody,
      messageAttributes: input.MessageAttributes ?? {},
      sender: senderOf(call.principal),
      ...(input.DelaySeconds !== undefined && { delay: input.DelaySeconds }),
      ...(input.MessageGroupId && { group: input.MessageGroupId }),
      ...(input.MessageDeduplicationId && { deduplicationId: input.MessageDeduplicationId }),
    });
    return { MessageId: id, MD5OfMessageBody: md5, ...(sequence && { SequenceNumber: sequence }) };
  }

  const moves = createMoves(world, queues);

  const service: Sqs = {
    id: 'sqs',
    queues,
    queueAt,
    urlOf: url,
    create,
    remove,
    sendFrom(principal, source, queueArn, sending) {
      const queue = queues.get(queueArn);
      if (!queue) throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
      const context = { 'aws:SourceArn': source, 'aws:SourceAccount': source.split(':')[4] ?? '' };
      const [, , , region = '', account = ''] = queueArn.split(':');
      const caller = { account, region, principal: { kind: 'service' as const, account, service: principal } };
      world.authorize(caller, [{ action: 'sqs:SendMessage', resource: queueArn, context }]);
      queue.send({ ...sending, sender: principal });
    },
    authorize(operation, input: { QueueUrl?: string; QueueName?: string; SourceArn?: string }, call) {
      const action = `sqs:${operation.replace(/^(Send|Delete|Change)(Message\w*)Batch$/, '$1$2')}`;
      const name = input.QueueUrl?.split('/').at(-1) ?? input.QueueName;
      return [{ action, resource: input.SourceArn ?? (name ? arn('sqs', call, name) : '*') }];
    },
    policyOf: (one) => parsed(queues.get(one)?.attributes.Policy),
    tagged: () => [...queues.values()],
    operations: {
      CreateQueue(
        input: { QueueName: string; Attributes?: Record<string, string>; tags?: Record<string, string> },
        call,
      ) {
        const queue = create(call, input.QueueName, input.Attributes ?? {});
        Object.assign(queue.tags, input.tags);
        return { QueueUrl: url(queue) };
      },
      DeleteQueue: ({ QueueUrl }: { QueueUrl: string }) => remove(queueAt(QueueUrl)),
      GetQueueUrl({ QueueName, QueueOwnerAWSAccountId }: { QueueName: string; QueueOwnerAWSAccountId?: string }, call) {
        const queue = queues.get(arn('sqs', { ...call, account: QueueOwnerAWSAccountId ?? call.account }, QueueName));
        if (!queue) throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
        return { QueueUrl: url(queue) };
      },
      ListQueues(
        {
          QueueNamePrefix = '',
          MaxResults,
          NextToken,
        }: { QueueNamePrefix?: string; MaxResults?: number; NextToken?: string },
        call,
      ) {
        const mine = [...queues.values()].filter(
          ({ arn: one, name }) => one.startsWith(arn('sqs', call, '')) && name.startsWith(QueueNamePrefix),
        );
        const start = Number(NextToken ?? 0);
        const end = MaxResults ? start + MaxResults : mine.length;
        return { QueueUrls: mine.slice(start, end).map(url), ...(end < mine.length && { NextToken: String(end) }) };
      },
      GetQueueAttributes({ QueueUrl, AttributeNames = [] }: { QueueUrl: string; AttributeNames?: string[] }) {
        const queue = queueAt(QueueUrl);
        const { visible, inFlight, delayed } = queue.counts();
        const all: Record<string, string> = {
          ...queue.attributes,
          QueueArn: queue.arn,
          ApproximateNumberOfMessages: String(visible),
          ApproximateNumberOfMessagesNotVisible: String(inFlight),
          ApproximateNumberOfMessagesDelayed: String(delayed),
          CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
          LastModifiedTimestamp: String(Math.floor(queue.createdAt / 1000)),
        };
        const wanted = Object.entries(all).filter(
          ([name]) => AttributeNames.includes('All') || AttributeNames.includes(name),
        );
        return { ...(wanted.length > 0 && { Attributes: Object.fromEntries(wanted) }) };
      },
      SetQueueAttributes: ({ QueueUrl, Attributes }: { QueueUrl: string; Attributes: Record<string, string> }) =>
        queueAt(QueueUrl).set(Attributes),
      SendMessage: (input: SendInput & { QueueUrl: string }, call) => send(queueAt(input.QueueUrl), input, call),
      SendMessageBatch: ({ QueueUrl, Entries }: { QueueUrl: string; Entries: (BatchEntry & SendInput)[] }, call) =>
        batch(Entries, (entry) => send(queueAt(QueueUrl), entry, call)),
      async ReceiveMessage(input: ReceiveInput) {
        const queue = queueAt(input.QueueUrl);
        const most = input.MaxNumberOfMessages ?? 1;
        if (most < 1 || most > 10)
          throw new AwsError(
            'InvalidParameterValue',
            `Value ${most} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.`,
          );
        const wait = (input.WaitTimeSeconds ?? Number(queue.attributes.ReceiveMessageWaitTimeSeconds)) * 1000;
        for (const end = Date.now() + wait; ; ) {
          const taken = queue.receive(most, input.VisibilityTimeout, dead(queue));
          const left = end - Date.now();
          if (taken.length > 0 || left <= 0 || !queues.has(queue.arn)) {
            const system = [...(input.MessageSystemAttributeNames ?? []), ...(input.AttributeNames ?? [])];
            const views = taken.map((message) => messageView(message, system, input.MessageAttributeNames ?? []));
            return { ...(views.length > 0 && { Messages: views }) };
          }
          // What becomes visible again by the virtual clock tells nobody.
          await queue.arrival(Math.min(left, 100));
        }
      },
      DeleteMessage: ({ QueueUrl, ReceiptHandle }: { QueueUrl: string; ReceiptHandle: string }) =>
        queueAt(QueueUrl).delete(ReceiptHandle),
      DeleteMessageBatch: ({
        QueueUrl,
        Entries,
      }: {
        QueueUrl: string;
        Entries: (BatchEntry & { ReceiptHandle: string })[];
      }) => batch(Entries, (entry) => queueAt(QueueUrl).delete(entry.ReceiptHandle)),
      ChangeMessageVisibility: (input: { QueueUrl: string; ReceiptHandle: string; VisibilityTimeout: number }) =>
        queueAt(input.QueueUrl).hide(input.ReceiptHandle, input.VisibilityTimeout),
      ChangeMessageVisibilityBatch: ({
        QueueUrl,
        Entries,
      }: {
        QueueUrl: string;
        Entries: (BatchEntry & { ReceiptHandle: string; VisibilityTimeout: number })[];
      }) => batch(Entries, (entry) => queueAt(QueueUrl).hide(entry.ReceiptHandle, entry.VisibilityTimeout)),
      PurgeQueue({ QueueUrl }: { QueueUrl: string }) {
        const queue = queueAt(QueueUrl);
        const now = world.clock.now();
        if (now - queue.purgedAt < 60_000)
          throw new AwsError(
            'PurgeQueueInProgress',
            `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`,
            403,
          );
        queue.purgedAt = now;
        queue.purge();
      },
      ListDeadLetterSourceQueues({ QueueUrl }: { QueueUrl: string }) {
        const { arn: target } = queueAt(QueueUrl);
        const sources = [...queues.values()].filter(({ redrive }) => redrive?.deadLetterTargetArn === target);
        return { queueUrls: sources.map(url) };
      },
      TagQueue({ QueueUrl, Tags }: { QueueUrl: string; Tags: Record<string, string> }) {
        Object.assign(queueAt(QueueUrl).tags, Tags);
      },
      UntagQueue({ QueueUrl, TagKeys }: { QueueUrl: string; TagKeys: string[] }) {
        for (const key of TagKeys) delete queueAt(QueueUrl).tags[key];
      },
      ListQueueTags: ({ QueueUrl }: { QueueUrl: string }) => ({ Tags: queueAt(QueueUrl).tags }),
      ...moves,
    },
  };
  return { ...service, resources: queueResources(world, service) };
}

interface ReceiveInput {
  QueueUrl: string;
  MaxNumberOfMessages?: number;
  VisibilityTimeout?: number;
  WaitTimeSeconds?: number;
  AttributeNames?: string[];
  MessageSystemAttributeNames?: string[];
  MessageAttributeNames?: string[];
}

/** Amazon SQS Developer Guide, "Batch actions": up to ten entries, each with an outcome of its own. */
function batch<E extends BatchEntry>(entries: E[], work: (entry: E) => unknown): Record<string, unknown> {
  if (entries.length === 0)
    throw new AwsError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  if (entries.length > 10)
    throw new AwsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are 10. You have sent ${entries.length}.`,
    );
  if (new Set(entries.map(({ Id }) => Id)).size !== entries.length)
    throw new AwsError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    try {
      Successful.push(Object.assign({ Id: entry.Id }, work(entry)));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id: entry.Id, SenderFault: true, Code: error.code, Message: error.message });
    }
  }
  return { Successful, Failed };
}

const parsed = (policy: string | undefined): unknown => policy && JSON.parse(policy);

function senderOf(principal: Principal): string {
  if (principal.kind === 'service') return principal.service;
  return principal.kind === 'root' ? principal.account : `AROA${principal.role}:${principal.session}`;
}
