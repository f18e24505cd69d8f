import { application } from '../internal/application.ts';
import log from '../log/mod.ts';
import { crypto } from '../node.ts';
import type { NsqMessage } from '../nsq/protocol.ts';
import type { ManifestSubscription, NsqPubsub } from '../wire.ts';
import { traceOfFailure } from './failure-trace.ts';
import { NsqConsumer, type NsqFate } from './nsq-consumer.ts';
import { seal, unseal } from './nsq-envelope.ts';
import { NsqPublisher } from './nsq-publisher.ts';
import type { Consumer, Delivery, Outgoing, Provider } from './provider.ts';

/** Messages handled at once when the subscription does not say. */
const defaultConcurrency = 100;

/** The longest name of a topic or a channel. */
const longestName = 64;

type NsqTopic = NsqPubsub['topics'][string];

/** Where a topic is. */
interface Place {
  topic: NsqTopic;
  hosts: readonly string[];
  publisher: NsqPublisher;
}

/** Topics on NSQ, as `runtime/wire.ts` describes them. Connects at its first use. */
export function openTopics(config: NsqPubsub[]): Provider {
  const places = config.flatMap(({ hosts: list, topics }) => {
    const hosts = list.split(',').map((host) => host.trim());
    const publisher = new NsqPublisher(hosts);
    return Object.entries(topics).map(([name, topic]): [string, Place] => [name, { topic, hosts, publisher }]);
  });
  return new NsqTopics(new Map(places.reverse()));
}

class NsqTopics implements Provider {
  readonly #places: ReadonlyMap<string, Place>;
  readonly #warned = new Set<string>();

  constructor(places: ReadonlyMap<string, Place>) {
    this.#places = places;
  }

  async publish(name: string, message: Outgoing): Promise<string> {
    const { topic, publisher } = this.#find(name);
    const id = crypto.randomUUID();
    await publisher.publish(topic.name, channelsOf(topic), seal(id, message));
    return id;
  }

  async consume(subscription: ManifestSubscription, deliver: (message: Delivery) => Promise<void>): Promise<Consumer> {
    const { name, topic: topicName, ackDeadline, maxConcurrency = defaultConcurrency } = subscription;
    const { topic, hosts, publisher } = this.#find(topicName);
    const channel = Object.hasOwn(topic.subscriptions, name) ? topic.subscriptions[name]!.name : undefined;
    if (channel === undefined) throw new Error(`subscription ${name}: no channel is configured for it in this process`);
    const about = { topic: topicName, subscription: name };
    return new NsqConsumer({
      hosts,
      topic: topic.name,
      channel,
      about,
      deadline: ackDeadline,
      concurrency: maxConcurrency,
      handle: async (message) => {
        try {
          await deliver(unseal(message));
          return 'done';
        } catch (error) {
          const { maxRetries } = subscription.retry;
          if (message.attempts <= maxRetries) return { again: pauseAfter(message.attempts, subscription) };
          return bury(error, message, { publisher, topic: deadTopic(topic.name, channel), about, subscription });
        }
      },
    });
  }

  async close(): Promise<void> {
    await Promise.all(
      [...new Set([...this.#places.values()].map(({ publisher }) => publisher))].map((one) => one.close()),
    );
  }

  #find(name: string): Place {
    const found = this.#places.get(name);
    if (!found) throw new Error(`topic ${name}: this topic is not configured for use by this process`);
    this.#warn(name);
    return found;
  }

  /** Of what the topic asks for and NSQ has not, once. */
  #warn(name: string): void {
    if (this.#warned.has(name)) return;
    this.#warned.add(name);
    const declared = application()?.manifest.topics.find((topic) => topic.name === name);
    if (declared?.orderingAttribute !== undefined)
      log.warn('NSQ keeps no order: messages of this topic may overtake each other', { topic: name });
    if (declared?.deliveryGuarantee === 'exactly-once')
      log.warn('NSQ delivers at least once: a message of this topic may come twice', { topic: name });
  }
}

function channelsOf({ subscriptions }: NsqTopic): string[] {
  return Object.values(subscriptions).map(({ name }) => name);
}

/** Back-off doubles with every attempt between the bounds of the retry policy. */
function pauseAfter(attempt: number, { retry: { minBackoff, maxBackoff } }: ManifestSubscription): number {
  return Math.min(minBackoff * 2 ** (attempt - 1), Math.max(minBackoff, maxBackoff));
}

interface Grave {
  publisher: NsqPublisher;
  topic: string;
  about: Record<string, string>;
  subscription: ManifestSubscription;
}

/** NSQ has no dead letters: they go to a topic of their own as they are. While that takes none, the message stays and comes again. */
async function bury(error: unknown, message: NsqMessage, grave: Grave): Promise<NsqFate> {
  const { publisher, topic, about, subscription } = grave;
  const { attempts, body } = message;
  const id = unseal(message).id;
  const described = { ...about, dead_letters: topic, attempts, message_id: id, ...traceOfFailure(error) };
  try {
    await publisher.publish(topic, [], body.toString());
  } catch (problem) {
    log.warn(problem, 'a dead letter could not be put away: the message is delivered again', described);
    return { again: pauseAfter(attempts, subscription) };
  }
  log.error(error, 'message became a dead letter', described);
  return 'done';
}

/** `<topic>.<channel>.dead`; the end of it, with a digest, where that is longer than NSQ has names. */
export function deadTopic(topic: string, channel: string): string {
  const name = `${topic}.${channel}`.replaceAll('#ephemeral', '');
  const full = `${name}.dead`;
  if (full.length <= longestName) return full;
  const digest = crypto.createHash('sha256').update(name).digest('hex').slice(0, 12);
  return `${name.slice(0, longestName - digest.length - 6)}-${digest}.dead`;
}
