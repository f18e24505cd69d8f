import { createHash } from 'node:crypto';
import { AwsError, type Call, type Service, type World } from '../../model.ts';
import { uuid } from '../../random.ts';
import { arn, tagList } from '../keeper.ts';
import type { Sqs } from '../sqs/sqs.ts';
import { topicResources } from './resources.ts';
import { type Attribute, envelope, type Publication, type Subscription, type Topic, wanted } from './topic.ts';

/** Amazon SNS: topics, and their way into queues. */
export interface Sns extends Service {
  topics: ReadonlyMap<string, Topic>;
  /** What could not be delivered, and went to no queue for dead letters: `AccessDenied` says that the policy of a queue lacks. */
  undelivered: { subscription: string; code: string; at: number }[];
  create(call: Pick<Call, 'account' | 'region'>, name: string, attributes: Record<string, string>): Topic;
  remove(topicArn: string): void;
  subscribe(topicArn: string, protocol: string, endpoint: string, attributes: Record<string, string>): Subscription;
  unsubscribe(subscriptionArn: string): void;
  /** What another service of AWS publishes, such as an alarm. */
  publish(topicArn: string, input: PublishInput): { MessageId: string; SequenceNumber?: string };
}

export interface PublishInput {
  TopicArn?: string;
  TargetArn?: string;
  Message: string;
  Subject?: string;
  MessageAttributes?: Record<string, Attribute>;
  MessageGroupId?: string;
  MessageDeduplicationId?: string;
}

export function createSns(world: World): Sns {
  const topics = new Map<string, Topic>();
  const undelivered: Sns['undelivered'] = [];

  function topicAt(topicArn: string | undefined): Topic {
    const topic = topics.get(topicArn ?? '');
    if (!topic) throw new AwsError('NotFoundException', 'Topic does not exist', 404);
    return topic;
  }

  function subscriptionAt(subscriptionArn: string): Subscription {
    const topic = topics.get(subscriptionArn.split(':').slice(0, 6).join(':'));
    const found = topic?.subscriptions.find((one) => one.arn === subscriptionArn);
    if (!found) throw new AwsError('NotFoundException', 'Subscription does not exist', 404);
    return found;
  }

  function create(call: Pick<Call, 'account' | 'region'>, name: string, attributes: Record<string, string>): Topic {
    const fifo = attributes.FifoTopic === 'true';
    if (!/^[\w-]{1,256}$|^[\w-]{1,251}\.fifo$/.test(name) || fifo !== name.endsWith('.fifo'))
      throw new AwsError(
        'InvalidParameterException',
        fifo
          ? 'Invalid parameter: Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters long.'
          : 'Invalid parameter: Topic Name',
      );
    const topicArn = arn('sns', call, name);
    const there = topics.get(topicArn);
    // API Reference, `CreateTopic`: "if you already own a topic with the specified name, the ARN is returned".
    if (there) return there;
    const topic: Topic = {
      arn: topicArn,
      name,
      attributes: { DisplayName: '', ...attributes },
      tags: {},
      subscriptions: [],
      sent: new Map(),
      sequence: 0,
    };
    topics.set(topicArn, topic);
    return topic;
  }

  function subscribe(
    topicArn: string,
    protocol: string,
    endpoint: string,
    attributes: Record<string, string>,
  ): Subscription {
    const topic = topicAt(topicArn);
    const invalid = (message: string) => new AwsError('InvalidParameterException', `Invalid parameter: ${message}`);
    if (!['sqs', 'email', 'email-json', 'http', 'https', 'lambda', 'firehose', 'sms', 'application'].includes(protocol))
      throw invalid(`Amazon SNS does not support this protocol string: ${protocol}`);
    if (protocol === 'sqs' && !/^arn:aws[\w-]*:sqs:/.test(endpoint)) throw invalid('SQS endpoint ARN');
    const fifo = topic.attributes.FifoTopic === 'true';
    // "Message delivery for FIFO topics": a standard topic has no way into a FIFO queue.
    if (protocol === 'sqs' && !fifo && endpoint.endsWith('.fifo'))
      throw invalid('Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics');
    const there = topic.subscriptions.find((one) => one.protocol === protocol && one.endpoint === endpoint);
    if (there) {
      const differs = Object.entries(attributes).some(([name, value]) => there.attributes[name] !== value);
      if (differs) throw invalid('Attributes Reason: Subscription already exists with different attributes');
      return there;
    }
    const subscription: Subscription = {
      arn: `${topicArn}:${uuid(world.random)}`,
      topicArn,
      protocol,
      endpoint,
      owner: topicArn.split(':')[4] ?? '',
      attributes: { ...attributes },
    };
    topic.subscriptions.push(subscription);
    return subscription;
  }

  function publish(topicArn: string | undefined, input: PublishInput): { MessageId: string; SequenceNumber?: string } {
    const topic = topicAt(topicArn);
    const fifo = topic.attributes.FifoTopic === 'true';
    refuse(input, fifo, topic.attributes.ContentBasedDeduplication === 'true');
    const now = world.clock.now();
    const deduplicationId = input.MessageDeduplicationId ?? (fifo ? digest(input.Message) : undefined);
    const again = fifo && deduplicationId ? topic.sent.get(deduplicationId) : undefined;
    if (again && now - again.at < 300_000) return { MessageId: again.id, SequenceNumber: again.sequence };
    topic.sequence += 1;
    const sequence = fifo ? String(10_000_000_000_000_000_000n + BigInt(topic.sequence)) : undefined;
    const publication: Publication = {
      id: uuid(world.random),
      at: now,
      message: input.Message,
      attributes: input.MessageAttributes ?? {},
      ...(input.Subject && { subject: input.Subject }),
      ...(input.MessageGroupId && { group: input.MessageGroupId }),
      ...(deduplicationId && { deduplicationId }),
      ...(sequence && { sequence }),
    };
    if (sequence && deduplicationId) topic.sent.set(deduplicationId, { at: now, id: publication.id, sequence });
    for (const subscription of topic.subscriptions)
      if (wanted(subscription, publication)) deliver(topic, subscription, publication);
    return { MessageId: publication.id, ...(sequence && { SequenceNumber: sequence }) };
  }

  function deliver(topic: Topic, subscription: Subscription, publication: Publication): void {
    if (subscription.protocol !== 'sqs') return;
    const raw = subscription.attributes.RawMessageDelivery === 'true';
    const sending = {
      body: raw ? publication.message : envelope(topic, subscription, publication, world.url),
      ...(raw && { messageAttributes: publication.attributes }),
      ...(publication.group && { group: publication.group }),
      ...(publication.deduplicationId && { deduplicationId: publication.deduplicationId }),
    };
    const sqs = world.service<Sqs>('sqs');
    try {
      sqs.sendFrom('sns.amazonaws.com', topic.arn, subscription.endpoint, sending);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      // "Amazon SNS message delivery retries": a client-side error is not tried again; the dead-letter queue gets it, if there is one.
      undelivered.push({ subscription: subscription.arn, code: error.code, at: world.clock.now() });
      const { deadLetterTargetArn } = JSON.parse(subscription.attributes.RedrivePolicy || '{}');
      if (deadLetterTargetArn) sqs.sendFrom('sns.amazonaws.com', topic.arn, deadLetterTargetArn, sending);
    }
  }

  const service: Sns = {
    id: 'sns',
    topics,
    undelivered,
    create,
    remove: (topicArn) => void topics.delete(topicArn),
    subscribe,
    unsubscribe(subscriptionArn) {
      const topic = topics.get(subscriptionArn.split(':').slice(0, 6).join(':'));
      if (topic) topic.subscriptions = topic.subscriptions.filter((one) => one.arn !== subscriptionArn);
    },
    publish,
    authorize(
      operation,
      input: PublishInput & { ResourceArn?: string; Name?: string; SubscriptionArn?: string },
      call,
    ) {
      const resource =
        input.TopicArn ??
        input.TargetArn ??
        input.ResourceArn ??
        input.SubscriptionArn?.split(':').slice(0, 6).join(':');
      const action = operation === 'PublishBatch' ? 'Publish' : operation;
      return [{ action: `sns:${action}`, resource: resource ?? (input.Name ? arn('sns', call, input.Name) : '*') }];
    },
    policyOf: (one) => parsed(topics.get(one)?.attributes.Policy),
    tagged: () => [...topics.values()],
    operations: {
      CreateTopic(
        input: { Name: string; Attributes?: Record<string, string>; Tags?: { Key: string; Value: string }[] },
        call,
      ) {
        const topic = create(call, input.Name, input.Attributes ?? {});
        for (const { Key, Value } of input.Tags ?? []) topic.tags[Key] = Value;
        return { TopicArn: topic.arn };
      },
      DeleteTopic: ({ TopicArn }: { TopicArn: string }) => void topics.delete(TopicArn),
      ListTopics: (_input: unknown, call) => ({
        Topics: [...topics.keys()]
          .filter((one) => one.startsWith(arn('sns', call, '')))
          .map((TopicArn) => ({ TopicArn })),
      }),
      GetTopicAttributes({ TopicArn }: { TopicArn: string }, call) {
        const { attributes, subscriptions } = topicAt(TopicArn);
        const counted = {
          SubscriptionsConfirmed: String(subscriptions.length),
          SubscriptionsPending: '0',
          SubscriptionsDeleted: '0',
        };
        return { Attributes: { TopicArn, Owner: call.account, ...counted, ...attributes } };
      },
      SetTopicAttributes(input: { TopicArn: string; AttributeName: string; AttributeValue?: string }) {
        topicAt(input.TopicArn).attributes[input.AttributeName] = input.AttributeValue ?? '';
      },
      Subscribe: (input: {
        TopicArn: string;
        Protocol: string;
        Endpoint: string;
        Attributes?: Record<string, string>;
      }) => ({
        SubscriptionArn: subscribe(input.TopicArn, input.Protocol, input.Endpoint, input.Attributes ?? {}).arn,
      }),
      Unsubscribe: ({ SubscriptionArn }: { SubscriptionArn: string }) => service.unsubscribe(SubscriptionArn),
      GetSubscriptionAttributes({ SubscriptionArn }: { SubscriptionArn: string }) {
        const { topicArn, protocol, endpoint, owner, attributes } = subscriptionAt(SubscriptionArn);
        const facts = { SubscriptionArn, TopicArn: topicArn, Protocol: protocol, Endpoint: endpoint, Owner: owner };
        return { Attributes: { RawMessageDelivery: 'false', PendingConfirmation: 'false', ...facts, ...attributes } };
      },
      SetSubscriptionAttributes(input: { SubscriptionArn: string; AttributeName: string; AttributeValue?: string }) {
        subscriptionAt(input.SubscriptionArn).attributes[input.AttributeName] = input.AttributeValue ?? '';
      },
      ListSubscriptions: () => ({
        Subscriptions: [...topics.values()].flatMap(({ subscriptions }) => subscriptions.map(view)),
      }),
      ListSubscriptionsByTopic: ({ TopicArn }: { TopicArn: string }) => ({
        Subscriptions: topicAt(TopicArn).subscriptions.map(view),
      }),
      Publish: (input: PublishInput) => publish(input.TopicArn ?? input.TargetArn, input),
      PublishBatch({
        TopicArn,
        PublishBatchRequestEntries,
      }: {
        TopicArn: string;
        PublishBatchRequestEntries: (PublishInput & { Id: string })[];
      }) {
        topicAt(TopicArn);
        if (PublishBatchRequestEntries.length > 10)
          throw new AwsError(
            'TooManyEntriesInBatchRequestException',
            'The batch request contains more entries than permissible.',
          );
        const Successful: object[] = [];
        const Failed: object[] = [];
        for (const { Id, ...entry } of PublishBatchRequestEntries) {
          try {
            Successful.push({ Id, ...publish(TopicArn, entry) });
          } catch (error) {
            if (!(error instanceof AwsError)) throw error;
            Failed.push({ Id, Code: error.code, Message: error.message, SenderFault: true });
          }
        }
        return { Successful, Failed };
      },
      TagResource({ ResourceArn, Tags }: { ResourceArn: string; Tags: { Key: string; Value: string }[] }) {
        for (const { Key, Value } of Tags) topicAt(ResourceArn).tags[Key] = Value;
      },
      UntagResource({ ResourceArn, TagKeys }: { ResourceArn: string; TagKeys: string[] }) {
        for (const key of TagKeys) delete topicAt(ResourceArn).tags[key];
      },
      ListTagsForResource: ({ ResourceArn }: { ResourceArn: string }) => ({ Tags: tagList(topicAt(ResourceArn).tags) }),
    },
  };
  return { ...service, resources: topicResources(world, service) };
}

function refuse(input: PublishInput, fifo: boolean, contentBased: boolean): void {
  const invalid = (message: string) => new AwsError('InvalidParameterException', `Invalid parameter: ${message}`);
  if (!input.Message) throw invalid('Empty message');
  // API Reference, `Publish`: 256 KiB, attributes included.
  const size = Buffer.byteLength(input.Message) + Buffer.byteLength(JSON.stringify(input.MessageAttributes ?? ''));
  if (size > 262_144) throw invalid('Message too long');
  if (!fifo) return;
  if (!input.MessageGroupId) throw invalid('The MessageGroupId parameter is required for FIFO topics');
  if (!input.MessageDeduplicationId && !contentBased)
    throw invalid(
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex');
const parsed = (policy: string | undefined): unknown => policy && JSON.parse(policy);

const view = ({ arn: SubscriptionArn, topicArn, protocol, endpoint, owner }: Subscription) => ({
  SubscriptionArn,
  TopicArn: topicArn,
  Protocol: protocol,
  Endpoint: endpoint,
  Owner: owner,
});
