import type { ts } from '@ts-morph/common';
import { ConfigReader, nameOf, topicName } from '../config.ts';
import type { Recogniser } from '../context.ts';
import type { Subscription } from '../graph.ts';
import { isTarget, resolve } from '../resolve.ts';
import { isFree } from './names.ts';
import { topic } from './topic.ts';

const seconds = 1000;

interface Read {
  /** The key of the topic. */
  topic: string;
  subscription: Omit<Subscription, 'topic' | 'module' | 'position'>;
}

/** `new Subscription(topic, 'name', { handler })`: part of the service of its file. */
export const subscription: Recogniser<Read> = {
  declares: 'encore.dev/pubsub#Subscription',
  as: 'new',
  bound: 'any',
  what: 'a subscription',
  read({ node }, reader) {
    const { report, understood } = reader;
    const [topicNode, nameNode, configNode] = node.arguments ?? [];
    const name = nameOf(nameNode, 'a subscription', node, report, topicName);
    const settings = settingsOf(configNode, node, reader.report);
    const found = topicNode && resolve(topicNode, reader);
    if (!topicNode || !isTarget(found) || found.declares !== topic.declares) {
      report.error(
        'FL1502',
        topicNode ?? node,
        'the topic of the subscription cannot be resolved',
        'Pass the variable that holds `new Topic(…)`, imported from its module.',
      );
      return undefined;
    }
    understood.add(topicNode);
    return name === undefined ? undefined : { topic: found.key, subscription: { name, ...settings } };
  },
  link({ value, file, position }, linker) {
    const topic = linker.resources.get(value.topic)?.name;
    const owner = linker.graph.services.find(({ name }) => name === linker.serviceOf(file)?.name);
    if (topic === undefined || !owner) return;
    const others = linker.graph.services
      .flatMap(({ subscriptions }) => subscriptions)
      .filter((other) => other.topic === topic);
    const { name, ...settings } = value.subscription;
    if (!isFree(`a subscription of \`${topic}\``, name, position, others, linker)) return;
    owner.subscriptions.push({ name, topic, module: file, ...settings, position });
  },
};

function settingsOf(
  node: ts.Expression | undefined,
  site: ts.Node,
  report: Parameters<typeof nameOf>[3],
): Omit<Read['subscription'], 'name'> {
  const config = new ConfigReader(
    node,
    ['handler', 'maxConcurrency', 'ackDeadline', 'messageRetention', 'retryPolicy'],
    report,
  );
  const retry = new ConfigReader(
    config.node('retryPolicy') as typeof node,
    ['minBackoff', 'maxBackoff', 'maxRetries'],
    report,
  );
  const maxConcurrency = config.count('maxConcurrency', 1);
  if (!config.node('handler'))
    report.error('FL1506', site, 'the subscription has no handler', 'Add a field `handler` to its configuration.');
  return {
    ackDeadline: config.duration('ackDeadline', seconds) ?? 30 * seconds,
    messageRetention: config.duration('messageRetention', seconds) ?? 7 * 24 * 3600 * seconds,
    ...(maxConcurrency !== undefined && { maxConcurrency }),
    retry: {
      minBackoff: retry.duration('minBackoff', 0) ?? 10 * seconds,
      maxBackoff: retry.duration('maxBackoff', 0) ?? 600 * seconds,
      maxRetries: retry.count('maxRetries', 0) || 100,
    },
  };
}
