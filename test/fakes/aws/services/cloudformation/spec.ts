import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import type { Properties } from '../../model.ts';

/**
 * What AWS publishes of each resource type: its properties, which of them cannot change in place, what `Ref` and `Fn::GetAtt` give.
 * From the CloudFormation resource schemas ("Resource type schemas", CloudFormation CLI User Guide), as the AWS CDK packs them.
 */
type Database = ReturnType<typeof loadAwsServiceSpecSync>;
type Entry = NonNullable<ReturnType<typeof lookUp>>;
type PropertyMap = Entry['properties'];
type PropertyType = PropertyMap[string]['type'];

export type Recreation = 'Never' | 'Conditionally' | 'Always';

/** Of the CDK alone: "AWS::CDK::Metadata" (AWS CDK Developer Guide, "AWS CDK usage data reporting"). */
const known = new Set(['AWS::CDK::Metadata']);

let database: Database | undefined;
const types = new Map<string, Entry | undefined>();

export function typeOf(name: string): Entry | undefined {
  if (!types.has(name)) types.set(name, lookUp(name));
  return types.get(name);
}

export const typeExists = (name: string): boolean => known.has(name) || typeOf(name) !== undefined;

function lookUp(name: string) {
  database ??= loadAwsServiceSpecSync();
  return database.lookup('resource', 'cloudFormationType', 'equals', name)[0];
}

const definition = (id: string) => database?.get('typeDefinition', id);

/** The property that the tags of the stack go into, and its form. */
export function tagProperty(type: string): { name: string; variant: string } | undefined {
  const information = typeOf(type)?.tagInformation;
  return information && { name: information.tagPropertyName, variant: information.variant };
}

export const attributesOf = (type: string): string[] => Object.keys(typeOf(type)?.attributes ?? {});

/** What `Ref` is made of: names of properties and attributes. */
export function identifierOf(type: string): string[] {
  const entry = typeOf(type);
  return entry?.cfnRefIdentifier ?? entry?.primaryIdentifier ?? ['Id'];
}

/** The property that a person names the resource by; undefined for a type that has none. */
export function nameProperty(type: string): string | undefined {
  const entry = typeOf(type);
  if (!entry) return undefined;
  const last = type.split('::').at(-1) ?? '';
  const fixed = (name: string) =>
    entry.properties[name]?.causesReplacement === 'yes' && entry.properties[name]?.type.type === 'string';
  const primary = entry.primaryIdentifier ?? [];
  if (primary.length === 1 && fixed(primary[0] as string)) return primary[0];
  return [`${last}Name`, 'Name', ...(last === 'SecurityGroup' ? ['GroupName'] : [])].find(fixed);
}

/** Properties that tell it apart from others of its name: the API of a stage, the cluster of a service. */
export function surroundingProperties(type: string): string[] {
  const entry = typeOf(type);
  return (entry?.primaryIdentifier ?? []).filter((part) => entry && part in entry.properties);
}

/** How a change from one value of a property to another must be made: by its own update behaviour and by that of what changed within. */
export function recreation(type: string, property: string, before: unknown, after: unknown): Recreation {
  const entry = typeOf(type);
  const own = entry?.properties[property];
  if (!entry || !own) return 'Never';
  if (entry.additionalReplacementProperties?.some(([first]) => first === property)) return 'Always';
  if (own.causesReplacement === 'yes') return 'Always';
  const within = nested(own.type, before, after);
  if (within !== 'Never') return within;
  return own.causesReplacement === 'maybe' ? 'Conditionally' : 'Never';
}

function nested(type: PropertyType, before: unknown, after: unknown): Recreation {
  if (type.type !== 'ref' || !isRecord(before) || !isRecord(after)) return 'Never';
  const properties: PropertyMap = definition(type.reference.$ref)?.properties ?? {};
  let most: Recreation = 'Never';
  for (const [name, property] of Object.entries(properties)) {
    if (same(before[name], after[name])) continue;
    if (property.causesReplacement === 'yes') return 'Always';
    const inner = nested(property.type, before[name], after[name]);
    if (inner === 'Always') return inner;
    if (inner === 'Conditionally' || property.causesReplacement === 'maybe') most = 'Conditionally';
  }
  return most;
}

export interface Violation {
  /** JSON pointer below the properties: `/Listeners/0`. */
  path: string;
  message: string;
}

/**
 * What the schema says against the properties: keys it does not know, and ones it requires. In the words of the CloudFormation handlers.
 * Values that `isOpen` are not looked into.
 */
export function violations(
  type: string,
  properties: Properties,
  isOpen: (value: unknown) => boolean = () => false,
): Violation[] {
  const entry = typeOf(type);
  if (!entry) return [];
  return inObject(entry.properties, properties, '', isOpen);
}

type IsOpen = (value: unknown) => boolean;

function inObject(schema: PropertyMap, value: Record<string, unknown>, path: string, isOpen: IsOpen): Violation[] {
  const extra = Object.keys(value)
    .filter((key) => !(key in schema))
    .map((key) => ({ path, message: `extraneous key [${key}] is not permitted` }));
  const missing = Object.entries(schema)
    .filter(([key, property]) => property.required && value[key] === undefined)
    .map(([key]) => ({ path, message: `required key [${key}] not found` }));
  const below = Object.entries(value).flatMap(([key, inner]) => {
    const property = schema[key];
    return property ? inValue(property, inner, `${path}/${key}`, isOpen) : [];
  });
  return [...extra, ...missing, ...below];
}

function inValue(property: PropertyMap[string], value: unknown, path: string, isOpen: IsOpen): Violation[] {
  const candidates = [property.type, ...(property.previousTypes ?? [])];
  const found = candidates.map((type) => inType(type, value, path, isOpen));
  return found.reduce((least, one) => (one.length < least.length ? one : least));
}

function inType(type: PropertyType, value: unknown, path: string, isOpen: IsOpen): Violation[] {
  if (value === undefined || value === null || isOpen(value)) return [];
  if (type.type === 'union')
    return type.types.map((one) => inType(one, value, path, isOpen)).reduce((a, b) => (b.length < a.length ? b : a));
  if (type.type === 'array') {
    if (!Array.isArray(value)) return [wrong(path, 'JSONArray', value)];
    return value.flatMap((item, index) => inType(type.element, item, `${path}/${index}`, isOpen));
  }
  if (type.type === 'map') {
    if (!isRecord(value)) return [wrong(path, 'JSONObject', value)];
    return Object.entries(value).flatMap(([key, item]) => inType(type.element, item, `${path}/${key}`, isOpen));
  }
  if (type.type === 'ref') {
    if (!isRecord(value)) return [wrong(path, 'JSONObject', value)];
    const schema = definition(type.reference.$ref)?.properties;
    return schema && Object.keys(schema).length > 0 ? inObject(schema, value, path, isOpen) : [];
  }
  if (type.type === 'string' && typeof value === 'object') return [wrong(path, 'String', value)];
  if (type.type === 'boolean' && !/^(true|false)$/i.test(String(value))) return [wrong(path, 'Boolean', value)];
  if ((type.type === 'integer' || type.type === 'number') && !Number.isFinite(Number(value)))
    return [wrong(path, 'Number', value)];
  return [];
}

function wrong(path: string, expected: string, value: unknown): Violation {
  const found = Array.isArray(value) ? 'JSONArray' : isRecord(value) ? 'JSONObject' : 'String';
  return { path, message: `expected type: ${expected}, found: ${found}` };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Equal as CloudFormation sees it: whatever the order of keys, and numbers and booleans like their texts. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, index) => same(item, b[index]))
    );
  }
  if (isRecord(a) || isRecord(b)) {
    if (!isRecord(a) || !isRecord(b) || a.constructor !== b.constructor) return false;
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...keys].every((key) => same(a[key], b[key]));
  }
  return a !== undefined && b !== undefined && a !== null && b !== null && String(a) === String(b);
}
