import { GoogleApi } from '../google/api.ts';
import type { GooglePubsub, GoogleTopic, ManifestSubscription } from '../wire.ts';
import { PullConsumer } from './google-consumer.ts';
import { toGoogle } from './google-message.ts';
import type { Consumer, Delivery, Outgoing, Provider } from './provider.ts';
import { receivePushes } from './push.ts';

interface Found {
  /** As the application calls it. */
  name: string;
  topic: GoogleTopic;
  /** Of the backend's entry. */
  project: string | undefined;
}

/** Topics and subscriptions of Google Cloud Pub/Sub, as `runtime/wire.ts` describes them. Asks for nothing before its first use. */
export function openTopics(config: GooglePubsub[]): Provider {
  return new GoogleTopics(config);
}

class GoogleTopics implements Provider {
  readonly #config: GooglePubsub[];
  readonly #api: GoogleApi;

  constructor(config: GooglePubsub[]) {
    this.#config = config;
    const { PUBSUB_EMULATOR_HOST: emulator } = process.env;
    this.#api = new GoogleApi(emulator ? `http://${emulator}` : 'https://pubsub.googleapis.com');
  }

  async publish(topic: string, message: Outgoing): Promise<string> {
    const found = this.#find(topic);
    const path = `projects/${projectOf(found, found.topic)}/topics/${found.topic.name}`;
    const response = await this.#api.send({
      method: 'POST',
      path: `/v1/${path}:publish`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [toGoogle(message)] }),
    });
    const { messageIds = [] } = (await response.json()) as { messageIds?: string[] };
    return messageIds[0] ?? '';
  }

  async consume(subscription: ManifestSubscription, deliver: (message: Delivery) => Promise<void>): Promise<Consumer> {
    const { name, topic } = subscription;
    const found = this.#find(topic);
    const { subscriptions } = found.topic;
    const own = Object.hasOwn(subscriptions, name) ? subscriptions[name] : undefined;
    if (!own) throw new Error(`subscription ${name}: it is not configured for use by this process`);
    if (own.push_config) return receivePushes(own.push_config, subscription, deliver);
    const path = `projects/${projectOf(found, own)}/subscriptions/${own.name}`;
    return new PullConsumer(this.#api, path, subscription, deliver);
  }

  /** Nothing is kept open between requests. */
  async close(): Promise<void> {}

  #find(name: string): Found {
    for (const { topics, project_id: project } of this.#config) {
      const topic = Object.hasOwn(topics, name) ? topics[name] : undefined;
      if (topic) return { name, topic, project };
    }
    throw new Error(`topic ${name}: this topic is not configured for use by this process`);
  }
}

/** A subscription may be in another project than its topic, which may be in another than the rest. */
function projectOf({ name, topic, project }: Found, { project_id }: { project_id?: string }): string {
  const found = project_id ?? topic.project_id ?? project;
  if (found === undefined) throw new Error(`topic ${name}: the configuration does not say which project it is in`);
  return found;
}
