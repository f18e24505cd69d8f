import type { Endpoint, Graph, JsonSchema, Subscription } from '../../../analyzer/graph.ts';
import { endpoint, graph, position, service, subscription } from '../../support/graph.ts';

/** A Graph of what matters to a test; the rest is as the analyzer defaults it. */
export function graphOf(
  services: Record<string, { endpoints?: Partial<Endpoint>[]; subscriptions?: Partial<Subscription>[] }>,
  rest: Partial<Graph> = {},
): Graph {
  return graph({
    services: Object.entries(services).map(([name, { endpoints = [], subscriptions = [] }]) =>
      service(name, {
        declaration: 'implicit',
        endpoints: endpoints.map((part) => endpointOf(name, part)),
        subscriptions: subscriptions.map((part) =>
          subscription('subscription', 'topic', { module: `${name}.ts`, ...part }),
        ),
      }),
    ),
    ...rest,
  });
}

function endpointOf(service: string, part: Partial<Endpoint>): Endpoint {
  const name = part.name ?? 'endpoint';
  return endpoint(name, { module: `${service}.ts`, path: `/${service}.${name}`, ...part });
}

type Place = 'path' | 'query' | 'header' | 'cookie' | 'body' | 'status';

/** A message whose fields travel by `places`, `body` where none is given; a place may name the field on the wire: `header X-A`. */
export function message(
  properties: Record<string, JsonSchema>,
  options: { optional?: string[]; places?: Record<string, string>; methods?: Endpoint['methods'] } = {},
): NonNullable<Endpoint['request']> {
  const { optional = [], places = {}, methods = ['POST'] } = options;
  return {
    schema: {
      type: 'object',
      properties,
      required: Object.keys(properties).filter((name) => !optional.includes(name)),
    },
    encodings: [
      {
        methods,
        fields: Object.keys(properties).map((name) => {
          const [place = 'body', wire = name] = (places[name] ?? 'body').split(' ');
          return { name, in: place as Place, wire: place === 'header' ? wire.toLowerCase() : wire };
        }),
      },
    ],
  };
}

export const text: JsonSchema = { type: 'string' };
export const number: JsonSchema = { type: 'number' };
export const boolean: JsonSchema = { type: 'boolean' };
export const date: JsonSchema = { type: 'string', 'x-type': 'date' };
export const bigint: JsonSchema = { type: 'string', 'x-type': 'bigint' };
export const decimal: JsonSchema = { type: 'string', 'x-type': 'decimal' };
export const bytes: JsonSchema = { type: 'string', 'x-type': 'bytes' };
export const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items });
export { position };
