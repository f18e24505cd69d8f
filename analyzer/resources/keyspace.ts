import { ts } from '@ts-morph/common';
import { ConfigReader, constantOf } from '../config.ts';
import { free, type MemberUse, type Reader, type Recogniser, takes, type Uses } from '../context.ts';
import type { JsonSchema, Keyspace, KeyspaceType } from '../graph.ts';
import { unwrap } from '../references.ts';
import { compare } from '../report.ts';
import { isTarget, resolve } from '../resolve.ts';
import { runtimeName, type Site } from '../sites.ts';
import { cache, namedCache } from './cache.ts';

interface Read extends Pick<Keyspace, 'type' | 'pattern' | 'key' | 'value' | 'defaultExpiry' | 'doc'> {
  /** The key of its cluster's declaration. */
  cluster: string;
}

const module = 'encore.dev/storage/cache';
const types: Record<string, KeyspaceType> = {
  StringKeyspace: 'string',
  IntKeyspace: 'int',
  FloatKeyspace: 'float',
  StructKeyspace: 'struct',
  StringListKeyspace: 'string-list',
  NumberListKeyspace: 'number-list',
  StringSetKeyspace: 'string-set',
  NumberSetKeyspace: 'number-set',
};

const reads =
  'get multiGet getRange len items itemsSet contains diff diffSet intersect intersectSet union unionSet sample sampleOne sampleWithReplacement';
const writes =
  'set multiSet setIfNotExists replace delete setRange pushLeft pushRight trim insertBefore insertAfter removeAll removeFirst removeLast add remove';
const both =
  'getAndSet getAndDelete append increment decrement popLeft popRight popOne pop move diffStore intersectStore unionStore';

const members: Record<string, MemberUse> = {
  ...Object.fromEntries(reads.split(' ').map((name) => [name, takes('read')])),
  ...Object.fromEntries(writes.split(' ').map((name) => [name, takes('write')])),
  ...Object.fromEntries(both.split(' ').map((name) => [name, takes('read', 'write')])),
  with: { kind: 'same' },
  cluster: free,
  config: free,
};

const uses: Uses = { members, escape: ['read', 'write'] };

/** `new StringKeyspace<Key>(cluster, { keyPattern, defaultExpiry })` and its like. */
export const keyspaces: readonly Recogniser<Read>[] = Object.entries(types).map(([name, type]) => ({
  declares: `${module}#${name}`,
  as: 'new',
  bound: 'any',
  what: 'a keyspace',
  uses,
  read: (site, reader) => read(site, type, reader),
  link({ value: { cluster, ...value }, key, file, position }, { resources, graph, serviceOf }) {
    const resource = resources.get(cluster);
    const owner = resource?.kind === 'keyspace' ? graph.caches.find((one) => one.name === resource.cache) : undefined;
    if (!owner) return;
    resources.set(key, { kind: 'keyspace', cache: owner.name, name: value.pattern });
    const service = serviceOf(file)?.name;
    owner.keyspaces.push({ ...value, ...(service !== undefined && { service }), position });
    owner.keyspaces.sort((a, b) => compare(a.pattern, b.pattern) || compare(a.type, b.type));
  },
}));

function read({ node, binding }: Site, type: KeyspaceType, reader: Reader): Read | undefined {
  const { report, checker, understood } = reader;
  const [clusterNode, configNode] = node.arguments ?? [];
  const found = clusterNode && resolve(clusterNode, reader);
  const config = new ConfigReader(configNode, ['keyPattern', 'defaultExpiry'], report);
  const pattern = config.text('keyPattern');
  if (!config.node('keyPattern')) {
    report.error(
      'FL1913',
      configNode ?? node,
      'the keyspace has no `keyPattern`',
      'Give it one, such as `keyPattern: "session/:key"`.',
    );
  }
  const schemas = typesOf(node, type, reader);
  if (pattern !== undefined) checkPattern(pattern, schemas.key, config.node('keyPattern') ?? node, reader);
  const defaultExpiry = expiryOf(config, reader);
  if (!clusterNode || !isTarget(found) || ![cache, namedCache].some(({ declares }) => declares === found.declares)) {
    report.error(
      'FL1912',
      clusterNode ?? node,
      'the cluster of the keyspace cannot be resolved',
      'Pass the variable that holds `new CacheCluster(…)`, imported from its module.',
    );
    return undefined;
  }
  understood.add(clusterNode);
  if (pattern === undefined) return undefined;
  const doc =
    binding.kind === 'variable' && checker.getSymbolAtLocation(binding.name)?.getDocumentationComment(checker);
  return {
    cluster: found.key,
    type,
    pattern,
    ...schemas,
    ...(defaultExpiry !== undefined && { defaultExpiry }),
    ...(doc && doc.length > 0 && { doc: ts.displayPartsToString(doc) }),
  };
}

const values: Record<Exclude<KeyspaceType, 'struct'>, JsonSchema> = {
  string: { type: 'string' },
  int: { type: 'integer' },
  float: { type: 'number' },
  'string-list': { type: 'string' },
  'number-list': { type: 'number' },
  'string-set': { type: 'string' },
  'number-set': { type: 'number' },
};

function typesOf(node: Site['node'], type: KeyspaceType, reader: Reader): { key: JsonSchema; value: JsonSchema } {
  const { schemas, checker, report } = reader;
  const [keyNode, valueNode] = node.typeArguments ?? [];
  const schemaOf = (given: ts.TypeNode, what: string) =>
    schemas.of(checker.getTypeFromTypeNode(given), { node: given, what });
  const missing = (what: string) => {
    report.error(
      'FL1914',
      node,
      `the keyspace does not say the type of its ${what}`,
      type === 'struct'
        ? 'Write it as a type argument: `new StructKeyspace<string, Value>(…)`.'
        : 'Write it as a type argument: `new StringKeyspace<string>(…)`.',
    );
    return {};
  };
  const key = keyNode ? schemaOf(keyNode, 'the key of the keyspace') : missing('keys');
  if (keyNode) checkKey(key, keyNode, reader);
  if (type !== 'struct') return { key, value: values[type] };
  const value = valueNode ? schemaOf(valueNode, 'the value of the keyspace') : missing('values');
  if (valueNode && !isObject(value, reader)) {
    report.error(
      'FL1915',
      valueNode,
      'the value of a `StructKeyspace` is not an object',
      'Write an interface, or use the keyspace of the simple type.',
    );
  }
  return { key, value };
}

/** A key is a simple value, or an object of simple values. */
function checkKey(key: JsonSchema, at: ts.Node, { schemas, report }: Reader): void {
  const { type, properties } = schemas.resolve(key);
  const simple = (schema: JsonSchema): boolean => {
    const { type, anyOf, enum: values } = schemas.resolve(schema);
    if (Array.isArray(anyOf)) return (anyOf as JsonSchema[]).every(simple);
    return values !== undefined || ['string', 'number', 'integer', 'boolean'].includes(type as string);
  };
  const fields = type === 'object' ? Object.entries((properties ?? {}) as Record<string, JsonSchema>) : undefined;
  const deep = fields?.find(([, schema]) => !simple(schema));
  const wrong = deep
    ? `the field \`${deep[0]}\` of the key is not a simple value`
    : fields || simple(key)
      ? undefined
      : 'the key is neither a simple value nor an object of simple values';
  if (wrong !== undefined)
    report.error('FL1914', at, wrong, 'Use strings, numbers and booleans: the key becomes text in the pattern.');
}

function isObject(schema: JsonSchema, reader: Reader): boolean {
  const { type, anyOf, allOf } = reader.schemas.resolve(schema);
  const parts = (anyOf ?? allOf) as JsonSchema[] | undefined;
  return type === 'object' || parts?.every((part) => isObject(part, reader)) === true;
}

/** The parameters of a pattern: a scalar key fills the only one, of whatever name; an object has a field for each. */
function checkPattern(pattern: string, key: JsonSchema, at: ts.Node, { schemas, report }: Reader): void {
  const segments = pattern.split('/');
  const parameters = segments.filter((segment) => segment.startsWith(':')).map((segment) => segment.slice(1));
  const schema = schemas.resolve(key);
  const fields = schema.type === 'object' ? Object.keys((schema.properties as object | undefined) ?? {}) : undefined;
  const wrong =
    pattern === '' || segments.includes('')
      ? 'it has an empty segment'
      : pattern.startsWith('__encore')
        ? 'it begins with `__encore`, which is kept for the runtime'
        : parameters.includes('')
          ? 'a parameter has no name'
          : new Set(parameters).size < parameters.length
            ? 'a parameter is there twice'
            : fields
              ? wrongFields(fields, parameters)
              : schema.type !== undefined && parameters.length !== 1
                ? `a key that is one value needs one parameter, and it has ${parameters.length}`
                : undefined;
  if (wrong === undefined) return;
  report.error(
    'FL1913',
    at,
    `"${pattern}" cannot be the pattern of the keys: ${wrong}`,
    'Write segments with slashes between them: literals, and `:key` or a `:field` for every field of the key.',
  );
}

function wrongFields(fields: readonly string[], parameters: readonly string[]): string | undefined {
  const absent = fields.find((field) => !parameters.includes(field));
  if (absent !== undefined) return `the field \`${absent}\` of the key is not in it`;
  const unknown = parameters.find((parameter) => !fields.includes(parameter));
  return unknown === undefined ? undefined : `the key has no field \`${unknown}\``;
}

const units: Record<string, number> = {
  expireIn: 1,
  expireInSeconds: 1000,
  expireInMinutes: 60_000,
  expireInHours: 3_600_000,
};

/** What the expression of `defaultExpiry` says, as far as it can be read without running it. */
function expiryOf(config: ConfigReader, { checker, exports, report }: Reader): Keyspace['defaultExpiry'] {
  const node = config.node('defaultExpiry');
  if (!node) return undefined;
  const expression = ts.isExpression(node) ? unwrap(node) : undefined;
  const call = expression && ts.isCallExpression(expression) ? expression : undefined;
  const name = expression && runtimeName(call?.expression ?? expression, checker, exports)?.split('#')[1];
  if (name === 'neverExpire') return 'never';
  if (name === 'keepTTL') return 'keep';
  const numbers = (call?.arguments ?? []).map(constantOf).filter((value) => typeof value === 'number');
  if (!name || !call || numbers.length !== call.arguments.length) return 'code';
  const expiry = name === 'expireDailyAt' ? timeOfDay(numbers) : lengthOf(numbers, units[name]);
  if (expiry) return expiry;
  report.error(
    'FL1916',
    node,
    'the default expiry is no length of time, and no time of day',
    'A length is above zero; a time of day has hours up to 23, and minutes and seconds up to 59, in whole numbers.',
  );
  return undefined;
}

function lengthOf([amount]: number[], unit: number | undefined): Keyspace['defaultExpiry'] {
  if (unit === undefined) return 'code';
  return amount !== undefined && amount > 0 && Number.isFinite(amount) ? { after: amount * unit } : undefined;
}

function timeOfDay(numbers: number[]): Keyspace['defaultExpiry'] {
  const limits = [23, 59, 59];
  const parts = limits.map((_, index) => numbers[index] ?? 0);
  if (!parts.every((part, index) => Number.isInteger(part) && part >= 0 && part <= limits[index]!)) return undefined;
  return { dailyAt: parts.map((part) => String(part).padStart(2, '0')).join(':') };
}
