import canonicalize from 'canonicalize';
import type { Graph, JsonSchema } from '../../analyzer/mod.ts';

/** A schema and the Graph whose named schemas it may refer to. */
interface SchemaIn {
  schema?: JsonSchema;
  graph: Graph;
}

/** What became different about a message, such as `gains the field note`; undefined when nothing did. */
function describeSchemaChange(before: SchemaIn, after: SchemaIn): string | undefined {
  if (fingerprint(before) === fingerprint(after)) return undefined;
  const [old, now] = [propertiesOf(before), propertiesOf(after)];
  const gained = [...now.keys()].filter((name) => !old.has(name));
  const lost = [...old.keys()].filter((name) => !now.has(name));
  const changed = [...now].filter(([name, print]) => old.has(name) && old.get(name) !== print).map(([name]) => name);
  const parts = [phrase('gains', gained), phrase('loses', lost), phrase('changes', changed)].filter(Boolean);
  return parts.length > 0 ? parts.join(', ') : 'changes';
}

function phrase(verb: string, names: string[]): string {
  if (names.length === 0) return '';
  return `${verb} the field${names.length > 1 ? 's' : ''} ${names.join(', ')}`;
}

/** Per property its fingerprint, with whether it is required. Empty for what is not an object. */
function propertiesOf({ schema, graph }: SchemaIn): Map<string, string> {
  const object = follow(schema, graph);
  const required = new Set(Array.isArray(object?.required) ? object.required : []);
  const properties = (object?.properties ?? {}) as Record<string, JsonSchema>;
  return new Map(
    Object.entries(properties).map(([name, property]) => [
      name,
      `${required.has(name)} ${fingerprint({ schema: property, graph })}`,
    ]),
  );
}

function follow(schema: JsonSchema | undefined, graph: Graph): JsonSchema | undefined {
  const seen = new Set<string>();
  let current = schema;
  for (let name = refOf(current); name !== undefined && !seen.has(name); name = refOf(current)) {
    seen.add(name);
    current = graph.schemas[name];
  }
  return current;
}

/** Equal for equal meaning: the schema with every named schema it reaches. */
function fingerprint({ schema, graph }: SchemaIn): string {
  const reached = new Map<string, JsonSchema | undefined>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const name = refOf(value);
    if (name !== undefined && !reached.has(name)) {
      reached.set(name, graph.schemas[name]);
      visit(graph.schemas[name]);
    }
    for (const inner of Object.values(value)) visit(inner);
  };
  visit(schema);
  return canonicalize(withoutWords([schema ?? null, Object.fromEntries(reached)])) ?? '';
}

/** Without doc comments: what they say changes no message. A property of that name has a schema for its value. */
function withoutWords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutWords);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key, inner]) => key !== 'description' || typeof inner !== 'string');
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutWords(inner)]));
}

function refOf(value: object | undefined): string | undefined {
  const ref = value && '$ref' in value ? value.$ref : undefined;
  return typeof ref === 'string' ? ref.replace(/^#\/schemas\//, '') : undefined;
}

/** `describeSchemaChange` of two values of one name, as a list of at most one sentence that the name begins. */
export function schemaChange(
  name: string,
  before: JsonSchema | undefined,
  old: Graph,
  after: JsonSchema | undefined,
  now: Graph,
): string[] {
  const change = describeSchemaChange(
    { ...(before && { schema: before }), graph: old },
    { ...(after && { schema: after }), graph: now },
  );
  return change === undefined ? [] : [`${name} ${change}`];
}
