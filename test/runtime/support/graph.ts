import type { Endpoint, Graph, Service, Subscription } from '../../../analyzer/graph.ts';

const position = { file: 'test.ts', line: 1, column: 1 };

/** A Graph of what matters to a test; the rest is as the analyzer defaults it. */
export function graphOf(
  services: Record<string, { endpoints?: Partial<Endpoint>[]; subscriptions?: Partial<Subscription>[] }>,
  rest: Partial<Graph> = {},
): Graph {
  return {
    version: 1,
    application: 'test',
    services: Object.entries(services).map(
      ([name, { endpoints = [], subscriptions = [] }]): Service => ({
        name,
        directory: name,
        declaration: 'implicit',
        endpoints: endpoints.map((part) => endpointOf(name, part)),
        subscriptions: subscriptions.map((part) => subscriptionOf(name, part)),
        position,
      }),
    ),
    databases: [],
    topics: [],
    cronJobs: [],
    secrets: [],
    uses: [],
    schemas: {},
    ...rest,
  };
}

function endpointOf(service: string, part: Partial<Endpoint>): Endpoint {
  const name = part.name ?? 'endpoint';
  return {
    name,
    module: `${service}.ts`,
    methods: ['POST'],
    path: `/${service}.${name}`,
    exposed: false,
    auth: false,
    bodyLimit: 2_097_152,
    tags: [],
    sensitive: false,
    position,
    ...part,
  };
}

function subscriptionOf(service: string, part: Partial<Subscription>): Subscription {
  return {
    name: 'subscription',
    topic: 'topic',
    module: `${service}.ts`,
    ackDeadline: 30_000,
    messageRetention: 604_800_000,
    retry: { minBackoff: 10_000, maxBackoff: 600_000, maxRetries: 100 },
    position,
    ...part,
  };
}

type Place = 'path' | 'query' | 'header' | 'cookie' | 'body' | 'status';

/** A message whose fields travel by `places`, `body` where none is given; a place may name the field on the wire: `header X-A`. */
export function message(
  properties: Record<string, unknown>,
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

export const text = { type: 'string' };
export const number = { type: 'number' };
export const boolean = { type: 'boolean' };
export const date = { type: 'string', 'x-type': 'date' };
export const bigint = { type: 'string', 'x-type': 'bigint' };
export const decimal = { type: 'string', 'x-type': 'decimal' };
export const bytes = { type: 'string', 'x-type': 'bytes' };
export const list = (items: unknown) => ({ type: 'array', items });
export { position };
