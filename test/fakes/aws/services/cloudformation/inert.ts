import { AwsError, type Properties, type ResourceContext, type ResourceProvider, type World } from '../../model.ts';
import { generatedName } from '../keeper.ts';
import { checkName } from './names.ts';
import { partitionOf } from './scope.ts';
import { attributesOf, identifierOf, nameProperty, same, typeOf } from './spec.ts';

/** Seconds as the events of stacks of small resources show them: aws/aws-cdk#20153 and the Express mode announcement. */
const latency = { create: 2_000, update: 2_000, delete: 2_000 };

interface Thing {
  id: string;
  /** Whose it is: what `Ref` gives alone does not always tell two apart, such as the stages `$default` of two APIs. */
  owner: string;
  /** What has to be unique: the primary identifier of the schema. */
  identifier: string;
  properties: Properties;
  attributes: Record<string, unknown>;
}

/** "Amazon resource IDs" of EC2 and its neighbours: a short prefix and seventeen hexadecimal digits. */
const prefixes: Record<string, string> = {
  VPC: 'vpc',
  Subnet: 'subnet',
  SecurityGroup: 'sg',
  SecurityGroupIngress: 'sgr',
  SecurityGroupEgress: 'sgr',
  InternetGateway: 'igw',
  NatGateway: 'nat',
  RouteTable: 'rtb',
  SubnetRouteTableAssociation: 'rtbassoc',
  VPCEndpoint: 'vpce',
  EIP: 'eipalloc',
  NetworkInterface: 'eni',
  Instance: 'i',
};

/** Resources of one type that are only kept: with the properties given, an id and attributes such as the schema promises. */
export function inertProvider(world: World, type: string): ResourceProvider {
  let things: Thing[] = [];
  const ownerOf = ({ stack, logicalId }: ResourceContext) => `${stack.id}#${logicalId}`;
  const find = (id: string, context: ResourceContext) => {
    const named = things.filter((thing) => thing.id === id);
    return named.findLast(({ owner }) => owner === ownerOf(context)) ?? named[0];
  };
  return {
    latency,
    async create(properties, context) {
      const named = nameProperty(type);
      const name = named === undefined ? undefined : properties[named];
      if (name !== undefined) checkName(type, String(name));
      const { id, identifier, attributes } = identify(world, type, properties, context);
      if (things.some((thing) => thing.identifier === identifier)) {
        throw new AwsError('AlreadyExists', `Resource of type '${type}' with identifier '${id}' already exists.`);
      }
      things.push({ id, identifier, owner: ownerOf(context), properties: structuredClone(properties), attributes });
      return { id, attributes };
    },
    async update(id, properties, _previous, context) {
      const thing = find(id, context);
      if (!thing) throw new AwsError('NotFound', `Resource of type '${type}' with identifier '${id}' was not found.`);
      thing.properties = structuredClone(properties);
      return { id, attributes: thing.attributes };
    },
    async delete(id, properties, context) {
      const own = things.filter((thing) => thing.id === id && thing.owner === ownerOf(context));
      const gone = own.find((thing) => same(thing.properties, properties)) ?? own[0];
      things = things.filter((thing) => thing !== gone);
    },
    read: async (id, context) => find(id, context)?.properties,
  };
}

function identify(world: World, type: string, properties: Properties, context: ResourceContext) {
  const name = nameOf(world, type, properties, context);
  const attributes: Record<string, unknown> = {};
  for (const attribute of attributesOf(type))
    attributes[attribute] = plausible(world, type, attribute, name, properties, context);
  const join = (parts: string[]) => parts.map((part) => String(properties[part] ?? attributes[part] ?? name)).join('|');
  const { account, region } = context;
  const identifier = `${account}/${region}/${join(typeOf(type)?.primaryIdentifier ?? identifierOf(type))}`;
  return { id: join(identifierOf(type)), identifier, attributes };
}

/** "Name type": if nobody gave one, the stack's, the logical id and something unique. */
function nameOf(world: World, type: string, properties: Properties, context: ResourceContext): string {
  const named = nameProperty(type);
  const given = named === undefined ? undefined : properties[named];
  return given === undefined ? generatedName(context, world.random) : String(given);
}

function plausible(
  world: World,
  type: string,
  attribute: string,
  name: string,
  properties: Properties,
  context: ResourceContext,
): unknown {
  const [, service = '', kind = ''] = type.split('::');
  const last = attribute.split('.').at(-1) ?? attribute;
  if (properties[attribute] !== undefined) return properties[attribute];
  const inherent = typeOf(type)?.attributes[attribute]?.type.type;
  if (/Arn$/i.test(last)) return arnOf(type, name, context);
  if (/Port$/.test(last)) return '443';
  if (inherent === 'integer' || inherent === 'number') return 1;
  if (inherent === 'boolean') return false;
  if (inherent === 'array') return [];
  if (/Ip$/.test(last)) return `203.0.113.${1 + Math.floor(world.random.next() * 254)}`;
  if (/Address$|DomainName$|DNSName$|Endpoint$/i.test(last)) {
    return `${name.toLowerCase()}.${context.region}.${service.toLowerCase()}.amazonaws.com`;
  }
  if (/Id$/.test(last)) {
    const prefix = prefixes[kind];
    return prefix ? `${prefix}-${world.random.text(17, '0123456789abcdef')}` : `${name}-${world.random.text(8)}`;
  }
  return name;
}

function arnOf(type: string, name: string, { account, region }: ResourceContext): string {
  const [, service = '', kind = ''] = type.split('::');
  const template =
    typeOf(type)?.arnTemplate ??
    `arn:\${Partition}:${service.toLowerCase()}:\${Region}:\${Account}:${kind.toLowerCase()}/\${Name}`;
  const known: Record<string, string> = { Partition: partitionOf(region), Region: region, Account: account };
  return template.replace(/\$\{(\w+)\}/g, (_whole, part: string) => known[part] ?? name);
}
