import { type MessageAttributeValue, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { openSqs, QueueConsumer, type Received } from '../aws/queue.ts';
import log from '../log/mod.ts';
import { crypto } from '../node.ts';
import type { AwsPubsub, ManifestSubscription } from '../wire.ts';
import { traceOfFailure } from './failure-trace.ts';
import type { Consumer, Delivery, Outgoing, Provider } from './provider.ts';

/** Messages handled at once when the subscription does not say. */
const defaultConcurrency = 100;

/** Topics on SNS and queues on SQS, as `runtime/wire.ts` describes them. Asks for nothing before its first use. */
export function openTopics(config: AwsPubsub[]): Provider {
  return new AwsTopics(Object.assign({}, ...config.map(({ topics }) => topics)) as AwsPubsub['topics']);
}

class AwsTopics implements Provider {
  readonly #topics: AwsPubsub['topics'];
  readonly #sns = new Map<string, SNSClient>();
  /** An application's queues are in one region. */
  #sqs: SQSClient | undefined;
  /** The group of what this process publishes, where there is no other order. */
  readonly #instance = `inst_${crypto.randomUUID()}`;

  constructor(topics: AwsPubsub['topics']) {
    this.#topics = topics;
  }

  async publish(topic: string, message: Outgoing): Promise<string> {
    const { arn } = this.#find(topic);
    const { MessageId } = await this.#client(arn).send(
      new PublishCommand({
        TopicArn: arn,
        Message: legible(message.body),
        MessageAttributes: attributesOf(message),
        ...(arn.endsWith('.fifo') && {
          MessageGroupId: message.orderingKey === undefined ? this.#instance : groupOf(message.orderingKey),
          MessageDeduplicationId: `msg_${crypto.randomUUID()}`,
        }),
      }),
    );
    return MessageId ?? '';
  }

  async consume(subscription: ManifestSubscription, deliver: (message: Delivery) => Promise<void>): Promise<Consumer> {
    const { name, topic, ackDeadline, maxConcurrency = defaultConcurrency } = subscription;
    const { subscriptions } = this.#find(topic);
    const queue = Object.hasOwn(subscriptions, name) ? subscriptions[name] : undefined;
    if (!queue) throw new Error(`subscription ${name}: no queue is configured for it in this process`);
    this.#sqs ??= openSqs(queue.url);
    return new QueueConsumer(this.#sqs, {
      url: queue.url,
      about: { topic, subscription: name },
      deadline: ackDeadline,
      concurrency: maxConcurrency,
      handle: async (received) => {
        try {
          await deliver(open(received));
          return 'done';
        } catch (error) {
          return { again: pauseAfter(error, received, subscription) };
        }
      },
    });
  }

  async close(): Promise<void> {
    this.#sqs?.destroy();
    for (const client of this.#sns.values()) client.destroy();
  }

  #find(topic: string): AwsPubsub['topics'][string] {
    const found = Object.hasOwn(this.#topics, topic) ? this.#topics[topic] : undefined;
    if (!found) throw new Error(`topic ${topic}: this topic is not configured for use by this process`);
    return found;
  }

  /** A topic is asked in its own region. */
  #client(arn: string): SNSClient {
    const region = arn.split(':')[3] ?? '';
    const client = this.#sns.get(region) ?? new SNSClient(region ? { region } : {});
    this.#sns.set(region, client);
    return client;
  }
}

/** What SNS makes of a message on its way into a queue. */
interface Envelope {
  MessageId: string;
  Message: string;
  MessageAttributes?: Record<string, { Value?: string }>;
}

/** @throws Error when it is none: whoever sent it did not go by the topic, or the subscription delivers raw messages */
function open({ body, attempt }: Received): Delivery {
  const { MessageId: id, Message, MessageAttributes = {} } = parse(body);
  const traceparent = MessageAttributes.traceparent?.Value;
  return { id, body: Message, attempt, ...(traceparent !== undefined && { traceparent }) };
}

function parse(body: string): Envelope {
  let envelope: Partial<Envelope> | null = null;
  try {
    envelope = JSON.parse(body) as Partial<Envelope> | null;
  } catch {
    // Said below, with the others.
  }
  if (typeof envelope?.Message === 'string' && typeof envelope.MessageId === 'string') return envelope as Envelope;
  throw new Error('the message in the queue has no envelope of SNS');
}

/** Back-off doubles with every attempt between the bounds of the retry policy; after the last one SQS is to have it as a dead letter. */
function pauseAfter(error: unknown, { attempt, body }: Received, subscription: ManifestSubscription): number {
  const { minBackoff, maxBackoff, maxRetries } = subscription.retry;
  if (attempt <= maxRetries) return Math.min(minBackoff * 2 ** (attempt - 1), Math.max(minBackoff, maxBackoff));
  const { name, topic } = subscription;
  const about = { subscription: name, topic, attempts: attempt, ...(idOf(body) && { message_id: idOf(body) }) };
  log.error(error, 'message became a dead letter', { ...about, ...traceOfFailure(error) });
  return 0;
}

function idOf(body: string): string | undefined {
  try {
    return parse(body).MessageId;
  } catch {
    return undefined;
  }
}

/** SNS takes neither empty values nor names of other letters than these. */
function attributesOf({ attributes, traceparent }: Outgoing): Record<string, MessageAttributeValue> {
  const all = { ...(traceparent !== undefined && { traceparent }), ...attributes };
  const legal = Object.entries(all).filter(([name, value]) => value !== '' && /^[\w-][\w.-]*$/.test(name));
  return Object.fromEntries(
    legal.map(([name, value]) => [name, { DataType: 'String', StringValue: value.replace(unprintable, '\ufffd') }]),
  );
}

/** What no message on SNS may contain, as it is no character of XML. */
const unprintable = /[^\P{Cc}\t\n\r]|\p{Cs}|[\ufffe\uffff]/gu;

/** In JSON text the same can be said by an escape. */
function legible(json: string): string {
  return json.replace(unprintable, (text) => `\\u${text.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The value itself where SNS takes it, so that people recognize it; else a digest of it. */
function groupOf(value: string): string {
  if (/^[\w!"#$%&'()*+,\-./:;<=>?@[\\\]^`{|}~]{1,128}$/.test(value)) return value;
  return `sha256-${crypto.createHash('sha256').update(value).digest('hex')}`;
}
