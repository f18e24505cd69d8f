import { ConfigReader, constantOf, nameOf } from '../config.ts';
import type { Context, Recogniser } from '../context.ts';
import type { Topic } from '../graph.ts';
import type { Site } from '../sites.ts';
import { bind, isFree } from './bind.ts';

const guarantees = ['at-least-once', 'exactly-once'] as const;

/** `new Topic<Message>('name', { deliveryGuarantee })`. */
export const topic: Recogniser = {
  declares: 'encore.dev/pubsub#Topic',
  as: 'new',
  bound: 'any',
  what: 'a topic',
  recognise(site, context) {
    const { report, graph, services } = context;
    const { node } = site;
    const name = nameOf(node.arguments?.[0], 'a topic', node, report);
    const config = new ConfigReader(node.arguments?.[1], ['deliveryGuarantee', 'orderingAttribute'], report);
    const message = messageOf(site, name ?? 'a topic', context);
    const orderingAttribute = config.text('orderingAttribute');
    if (name === undefined || !isFree('a topic', name, site, graph.topics, context)) return;
    const service = services.of(site.file.fileName)?.name;
    graph.topics.push({
      name,
      deliveryGuarantee: guaranteeOf(config, context),
      ...(orderingAttribute !== undefined && {
        orderingAttribute: orderedBy(orderingAttribute, message, config, context),
      }),
      attributes: [],
      message: message ?? {},
      ...(service !== undefined && { service }),
      position: report.positionOf(node),
    });
    bind(
      site,
      { resource: { kind: 'topic', name }, uses: { members: { publish: 'publish', ref: 'publish', name: 'free' } } },
      context,
    );
  },
};

function messageOf({ node }: Site, name: string, { schemas, checker, report }: Context) {
  const type = node.typeArguments?.[0];
  if (type) return schemas.of(checker.getTypeFromTypeNode(type), { node: type, what: `the message of ${name}` });
  report.error(
    'FL1501',
    node,
    'the topic does not say the type of its messages',
    'Write it as a type argument: `new Topic<Message>(…)`.',
  );
  return undefined;
}

function guaranteeOf(config: ConfigReader, { report }: Context): Topic['deliveryGuarantee'] {
  const node = config.node('deliveryGuarantee');
  const value = node && constantOf(node);
  const guarantee = guarantees.find((known) => known === value);
  if (node && !guarantee) {
    report.error('FL1505', node, 'the delivery guarantee is unknown', 'Write "at-least-once" or "exactly-once".');
  }
  return guarantee ?? 'at-least-once';
}

function orderedBy(
  attribute: string,
  message: Topic['message'] | undefined,
  config: ConfigReader,
  { schemas, report }: Context,
): string {
  const properties = message && schemas.resolve(message).properties;
  const node = config.node('orderingAttribute');
  if (message && node && !(properties && Object.hasOwn(properties, attribute))) {
    report.error(
      'FL1504',
      node,
      `the messages have no field \`${attribute}\` to be ordered by`,
      'Name a field of the message type.',
    );
  }
  return attribute;
}
