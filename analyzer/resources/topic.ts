import { ConfigReader, constantOf, nameOf, topicName } from '../config.ts';
import { free, type Reader, type Recogniser } from '../context.ts';
import { isAttribute } from '../fields.ts';
import type { JsonSchema, Topic } from '../graph.ts';
import type { Site } from '../sites.ts';
import { isFree } from './names.ts';

const guarantees = ['at-least-once', 'exactly-once'] as const;

interface Read {
  name: string;
  deliveryGuarantee: Topic['deliveryGuarantee'];
  orderingAttribute?: string;
  attributes: string[];
  message: JsonSchema;
}

/** `new Topic<Message>('name', { deliveryGuarantee })`. */
export const topic: Recogniser<Read> = {
  declares: 'encore.dev/pubsub#Topic',
  as: 'new',
  bound: 'any',
  what: 'a topic',
  uses: {
    members: {
      publish: { kind: 'operations', operations: ['publish'] },
      ref: {
        kind: 'reference',
        module: 'encore.dev/pubsub',
        permissions: { Publisher: ['publish'] },
        otherwise: ['publish'],
      },
      name: free,
    },
    escape: ['publish'],
  },
  read(site, reader) {
    const { report } = reader;
    const { node } = site;
    const name = nameOf(node.arguments?.[0], 'a topic', node, report, topicName);
    const config = new ConfigReader(node.arguments?.[1], ['deliveryGuarantee', 'orderingAttribute'], report);
    const message = messageOf(site, name ?? 'a topic', reader);
    const deliveryGuarantee = guaranteeOf(config, reader);
    const orderingAttribute = config.text('orderingAttribute');
    if (orderingAttribute !== undefined) checkOrder(orderingAttribute, message, config, reader);
    if (name === undefined) return undefined;
    return {
      name,
      deliveryGuarantee,
      ...(orderingAttribute !== undefined && { orderingAttribute }),
      attributes: message?.attributes ?? [],
      message: message?.schema ?? {},
    };
  },
  link({ value, key, file, position }, linker) {
    linker.resources.set(key, { kind: 'topic', name: value.name });
    if (!isFree('a topic', value.name, position, linker.graph.topics, linker)) return;
    const service = linker.serviceOf(file)?.name;
    linker.graph.topics.push({ ...value, ...(service !== undefined && { service }), position });
  },
};

function messageOf({ node }: Site, name: string, { schemas, checker, exports, report }: Reader) {
  const written = node.typeArguments?.[0];
  if (!written) {
    report.error(
      'FL1501',
      node,
      'the topic does not say the type of its messages',
      'Write it as a type argument: `new Topic<Message>(…)`.',
    );
    return undefined;
  }
  const type = checker.getTypeFromTypeNode(written);
  const schema = schemas.of(type, { node: written, what: `the message of ${name}` });
  const attributes = schemas
    .properties(type)
    .filter((property) => isAttribute(property, checker, exports))
    .map((property) => property.name);
  return { schema, attributes };
}

function guaranteeOf(config: ConfigReader, { report }: Reader): Topic['deliveryGuarantee'] {
  const node = config.node('deliveryGuarantee');
  const value = node && constantOf(node);
  const guarantee = guarantees.find((known) => known === value);
  if (node && !guarantee) {
    report.error('FL1505', node, 'the delivery guarantee is unknown', 'Write "at-least-once" or "exactly-once".');
  }
  return guarantee ?? 'at-least-once';
}

function checkOrder(
  attribute: string,
  message: ReturnType<typeof messageOf>,
  config: ConfigReader,
  { schemas, report }: Reader,
): void {
  const node = config.node('orderingAttribute');
  if (!message || !node || message.attributes.includes(attribute)) return;
  const isField = Object.hasOwn(schemas.resolve(message.schema).properties ?? {}, attribute);
  report.error(
    'FL1504',
    node,
    isField
      ? `the field \`${attribute}\` of the messages is no attribute, so that nothing can be ordered by it`
      : `the messages have no field \`${attribute}\` to be ordered by`,
    isField ? 'Write its type as `Attribute<…>`.' : 'Name a field of the message type that is an `Attribute<…>`.',
  );
}
