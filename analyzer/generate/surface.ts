import type { AuthHandler, Endpoint, Graph, JsonSchema, Message } from '../graph.ts';
import { compare } from '../report.ts';

/** Which endpoints to take. Names that are not there are for the caller to refuse. */
export interface Selection {
  /** @default all */
  services?: readonly string[];
  excludeServices?: readonly string[];
  /** Endpoints with one of these tags. @default all */
  tags?: readonly string[];
  /** Wins over `tags`. */
  excludeTags?: readonly string[];
  /** Private endpoints, too. @default false */
  all?: boolean;
}

/** What of an application its callers see. */
export interface Surface {
  application: string;
  /** Sorted by name, without those that have no endpoint left. */
  services: { name: string; directory: string; endpoints: Endpoint[] }[];
  authHandler?: AuthHandler;
  /** The named schemas that the endpoints need, sorted by name. */
  schemas: Record<string, JsonSchema>;
}

/** The part of an application that a selection leaves. */
export function surfaceOf(graph: Graph, selection: Selection = {}): Surface {
  const { services, excludeServices = [], tags, excludeTags = [], all = false } = selection;
  const takes = (endpoint: Endpoint) =>
    (all || endpoint.exposed) &&
    (tags === undefined || endpoint.tags.some((tag) => tags.includes(tag))) &&
    !endpoint.tags.some((tag) => excludeTags.includes(tag));
  const selected = graph.services
    .filter(({ name }) => (services?.includes(name) ?? true) && !excludeServices.includes(name))
    .map(({ name, directory, endpoints }) => ({
      name,
      directory,
      endpoints: endpoints.filter(takes).sort((a, b) => compare(a.name, b.name)),
    }))
    .filter(({ endpoints }) => endpoints.length > 0)
    .sort((a, b) => compare(a.name, b.name));
  const roots = [
    ...selected.flatMap(({ endpoints }) => endpoints.flatMap(schemasOf)),
    ...(graph.authHandler ? [graph.authHandler.request.schema] : []),
  ];
  return {
    application: graph.application,
    services: selected,
    ...(graph.authHandler && { authHandler: graph.authHandler }),
    schemas: reachable(roots, graph.schemas),
  };
}

function schemasOf({ request, response, stream }: Endpoint): JsonSchema[] {
  return [request?.schema, response?.schema, stream?.in, stream?.out].filter((schema) => schema !== undefined);
}

/** The named schemas that these refer to, directly or through others. */
function reachable(roots: readonly JsonSchema[], schemas: Graph['schemas']): Graph['schemas'] {
  const found = new Map<string, JsonSchema>();
  const open: unknown[] = [...roots];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null) continue;
    const name = Array.isArray(next) ? undefined : referenceOf(next as JsonSchema);
    const named = name === undefined ? undefined : schemas[name];
    if (name !== undefined && named && !found.has(name)) {
      found.set(name, named);
      open.push(named);
    }
    open.push(...Object.values(next));
  }
  return Object.fromEntries([...found].sort(([a], [b]) => compare(a, b)));
}

/** The name of the schema that a `$ref` refers to. */
export function referenceOf({ $ref }: JsonSchema): string | undefined {
  return typeof $ref === 'string' ? $ref.slice('#/schemas/'.length) : undefined;
}

/** The schema itself, or the one it refers to. */
export function resolveSchema(schema: JsonSchema, schemas: Graph['schemas']): JsonSchema {
  const name = referenceOf(schema);
  return name === undefined ? schema : resolveSchema(schemas[name] ?? {}, schemas);
}

/** The object schemas of a message: one, or the members of a union. */
export function objectsOf(schema: JsonSchema, schemas: Graph['schemas']): JsonSchema[] {
  const resolved = resolveSchema(schema, schemas);
  return Array.isArray(resolved.anyOf)
    ? resolved.anyOf.flatMap((one: JsonSchema) => objectsOf(one, schemas))
    : [resolved];
}

/** The schema of a message's field, and whether it is always there. */
export function fieldOf(
  message: Pick<Message, 'schema'>,
  name: string,
  schemas: Graph['schemas'],
): { schema: JsonSchema; required: boolean } {
  const objects = objectsOf(message.schema, schemas);
  const found = objects.flatMap(({ properties, required }) => {
    const all = (properties ?? {}) as Record<string, JsonSchema>;
    const schema = Object.hasOwn(all, name) ? all[name] : undefined;
    return schema ? [{ schema, required: Array.isArray(required) && required.includes(name) }] : [];
  });
  const different = new Map(found.map(({ schema }) => [JSON.stringify(schema), schema]));
  const [only] = different.values();
  return {
    schema: different.size > 1 ? { anyOf: [...different.values()] } : (only ?? {}),
    required: found.length > 0 && found.length === objects.length && found.every(({ required }) => required),
  };
}
