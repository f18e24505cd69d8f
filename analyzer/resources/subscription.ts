import { ConfigReader, nameOf } from '../config.ts';
import type { Recogniser } from '../context.ts';
import { resolve } from '../uses.ts';
import { isFree } from './bind.ts';

const seconds = 1000;

/** `new Subscription(topic, 'name', { handler })`: part of the service of its file. */
export const subscription: Recogniser = {
  declares: 'encore.dev/pubsub#Subscription',
  as: 'new',
  bound: 'any',
  what: 'a subscription',
  recognise(site, context) {
    const { report, graph, services, understood } = context;
    const [topicNode, nameNode, configNode] = site.node.arguments ?? [];
    const bound = topicNode && resolve(topicNode, context);
    const name = nameOf(nameNode, 'a subscription', site.node, report);
    const config = new ConfigReader(
      configNode,
      ['handler', 'maxConcurrency', 'ackDeadline', 'messageRetention', 'retryPolicy'],
      report,
    );
    const retryNode = config.node('retryPolicy');
    const retry = new ConfigReader(retryNode as typeof configNode, ['minBackoff', 'maxBackoff', 'maxRetries'], report);
    const maxConcurrency = config.count('maxConcurrency', 1);
    const subscription = {
      ackDeadline: config.duration('ackDeadline', seconds) ?? 30 * seconds,
      messageRetention: config.duration('messageRetention', seconds) ?? 7 * 24 * 3600 * seconds,
      ...(maxConcurrency !== undefined && { maxConcurrency }),
      retry: {
        minBackoff: retry.duration('minBackoff', 0) ?? 10 * seconds,
        maxBackoff: retry.duration('maxBackoff', 0) ?? 600 * seconds,
        maxRetries: retry.count('maxRetries', 0) || 100,
      },
    };
    if (!config.node('handler'))
      report.error(
        'FL1506',
        site.node,
        'the subscription has no handler',
        'Add a field `handler` to its configuration.',
      );
    if (bound?.resource.kind !== 'topic') {
      report.error(
        'FL1502',
        topicNode ?? site.node,
        'the topic of the subscription cannot be resolved',
        'Pass the variable that holds `new Topic(…)`, imported from its module.',
      );
      return;
    }
    understood.add(topicNode as NonNullable<typeof topicNode>);
    const topic = bound.resource.name;
    const owner = graph.services.find((service) => service.name === services.of(site.file.fileName)?.name);
    const others = graph.services
      .flatMap(({ subscriptions }) => subscriptions)
      .filter((other) => other.topic === topic);
    if (name === undefined || !owner || !isFree(`a subscription of \`${topic}\``, name, site, others, context)) return;
    owner.subscriptions.push({
      name,
      topic,
      module: report.relative(site.file.fileName),
      ...subscription,
      position: report.positionOf(site.node),
    });
  },
};
