import { codecFor } from '../codec/mod.ts';
import type { Host } from '../internal/host.ts';
import log from '../log/mod.ts';
import { type PubSubMessageMeta, runInRequest } from '../request.ts';
import { startSpan } from '../trace.ts';
import { spans } from '../tracing/spans.ts';
import type { Manifest, ManifestSubscription, ManifestTopic } from '../wire.ts';
import { shareOf, workerRole } from '../workers/role.ts';
import { failedIn } from './failure-trace.ts';
import type { Consumer, Delivery } from './provider.ts';
import { providerOf } from './publish.ts';
import { isPushed } from './push.ts';
import { subscriptionHandler } from './subscription.ts';

/** Starts to handle the messages of every subscription of the services hosted here. */
export async function consumeSubscriptions({ manifest, services }: Host): Promise<Consumer[]> {
  const hosted = manifest.services.filter(({ name }) => services.includes(name));
  return Promise.all(
    hosted.flatMap(({ name, subscriptions }) =>
      subscriptions.flatMap(ofThisWorker).map((subscription) => consumeSubscription(manifest, name, subscription)),
    ),
  );
}

/** Workers share what a process may do at once: one that has no part in it asks for no messages. */
function ofThisWorker(subscription: ManifestSubscription): ManifestSubscription[] {
  const role = workerRole();
  const { maxConcurrency } = subscription;
  if (!role || maxConcurrency === undefined || isPushed(subscription)) return [subscription];
  const share = shareOf(maxConcurrency, role);
  return share > 0 ? [{ ...subscription, maxConcurrency: share }] : [];
}

/** Starts to handle the messages of one subscription of a service, by the handler that is declared when a message comes. */
export async function consumeSubscription(
  { topics, schemas }: Pick<Manifest, 'topics' | 'schemas'>,
  service: string,
  subscription: ManifestSubscription,
): Promise<Consumer> {
  const { name, topic: topicName } = subscription;
  const topic = topics.find((candidate) => candidate.name === topicName);
  if (!topic || !subscriptionHandler(topicName, name)) throw new Error(`no module declares the subscription ${name}`);
  const handler = (message: never) => subscriptionHandler(topicName, name)!(message);
  const work = (message: Delivery) => deliver(service, topic, subscription, handler, message, schemas);
  return (await providerOf(topicName)).consume(subscription, work);
}

async function deliver(
  service: string,
  topic: ManifestTopic,
  { name: subscription }: ManifestSubscription,
  handler: (message: never) => Promise<unknown>,
  { id, body, attempt, traceparent }: Delivery,
  schemas: Host['manifest']['schemas'],
): Promise<void> {
  const about = { service, topic: topic.name, subscription, messageId: id, deliveryAttempt: attempt };
  const request: PubSubMessageMeta = { type: 'pubsub-message', ...about };
  const trace = startSpan(traceparent, 'consumer');
  const work = runInRequest({ meta: { ...request, trace } }, async () => {
    const started = performance.now();
    try {
      const message = codecFor(topic.message, schemas).decode(JSON.parse(body), '');
      await handler(message as never);
      log.info('message handled', { attempt, duration_ms: Math.round(performance.now() - started) });
    } catch (error) {
      failedIn(error, trace);
      log.error(error, 'message failed', { attempt, duration_ms: Math.round(performance.now() - started) });
      throw error;
    }
  });
  await (spans()?.consumed(trace, request, work) ?? work);
}
