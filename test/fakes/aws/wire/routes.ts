import { NormalizedSchema } from '@smithy/core/schema';
import type { Api, OperationShape } from './apis.ts';
import type { WireRequest } from './message.ts';

/** Where an operation of a REST API is: "Smithy: http trait". */
export interface Route {
  shape: OperationShape;
  method: string;
  segments: string[];
  /** What the query must have, from the path's own and from members that are required. */
  query: [name: string, value: string | undefined][];
  /** Headers that must be there. */
  headers: string[];
}

export interface Found {
  route: Route;
  labels: Record<string, string>;
}

/** The ones that ask for most come first: `UploadPart` is a `PutObject` with two parameters more. */
export function routesOf(api: Api): Route[] {
  const routes = [...api.operations.values()].flatMap((shape) => (shape.http ? [routeOf(shape, shape.http)] : []));
  const weight = ({ query, headers, segments }: Route) =>
    (query.length + headers.length) * 100 + segments.filter((one) => !one.startsWith('{')).length;
  return routes.sort((a, b) => weight(b) - weight(a));
}

function routeOf(shape: OperationShape, [method, target]: [string, string, number]): Route {
  const [path = '', query = ''] = target.split('?');
  // Names the operation for the SDK's own sake; other clients leave it away.
  const fixed = [...new URLSearchParams(query)].filter(([name]) => name !== 'x-id');
  const needed = requiredOf(shape);
  return {
    shape,
    method,
    segments: path.split('/').slice(1),
    query: [
      ...fixed.map(([name, value]): [string, string | undefined] => [name, value || undefined]),
      ...needed.query.map((name): [string, undefined] => [name, undefined]),
    ],
    headers: needed.headers,
  };
}

/** The members that the SDK lists first are the required ones. */
function requiredOf({ input }: OperationShape): { query: string[]; headers: string[] } {
  const schema = NormalizedSchema.of(input);
  if (schema.isUnitSchema()) return { query: [], headers: [] };
  const count = ((schema.getSchema() as unknown[])[6] as number | undefined) ?? 0;
  const traits = [...schema.structIterator()]
    .slice(0, count)
    .map(([, member]) => member.getMergedTraits() as { httpQuery?: string; httpHeader?: string });
  return {
    query: traits.flatMap(({ httpQuery }) => httpQuery ?? []),
    headers: traits.flatMap(({ httpHeader }) => httpHeader?.toLowerCase() ?? []),
  };
}

/** The bucket of S3 is the first part of the path, which its endpoint rules put there and no route names. */
export function findRoute(
  api: Api,
  routes: readonly Route[],
  { method, path, query, headers }: WireRequest,
): Found | undefined {
  const [, first = '', ...others] = path.split('/');
  const bucket = api.id === 's3' && first ? { Bucket: decodeURIComponent(first) } : undefined;
  const parts = bucket ? (others.length ? others : ['']) : [first, ...others];
  for (const route of routes) {
    if (route.method !== method || (bucket ? 'Bucket' in bucket : false) !== wantsBucket(api, route)) continue;
    const labels = matchPath(route.segments, parts);
    const fits =
      route.query.every(([name, value]) => query.has(name) && (value === undefined || query.get(name) === value)) &&
      route.headers.every((name) => name in headers);
    if (labels && fits) return { route, labels: { ...bucket, ...labels } };
  }
  return undefined;
}

function wantsBucket(api: Api, { shape }: Route): boolean {
  if (api.id !== 's3') return false;
  const schema = NormalizedSchema.of(shape.input);
  return (
    !schema.isUnitSchema() &&
    [...schema.structIterator()].some(([name]) => name === 'Bucket') &&
    shape.name !== 'ListBuckets'
  );
}

function matchPath(segments: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const name = /^\{(\w+)(\+?)\}$/.exec(segment);
    const part = parts[index];
    if (name?.[2]) {
      const rest = parts.slice(index).map(decodeURIComponent).join('/');
      return rest ? { ...labels, [name[1]!]: rest } : undefined;
    }
    if (part === undefined || (name ? part === '' : part !== segment)) return undefined;
    if (name) labels[name[1]!] = decodeURIComponent(part);
  }
  return segments.length === parts.length ? labels : undefined;
}
