import type { NormalizedSchema } from '@smithy/core/schema';

/**
 * The APIs that are spoken over HTTP, by the name that requests are signed for: each is as its SDK client describes it, so that one
 * line gives all of its operations, shapes and errors. A client is loaded when the first request for it comes.
 */
const clients: Record<string, () => Promise<object>> = {
  cloudformation: () => import('@aws-sdk/client-cloudformation'),
  ec2: () => import('@aws-sdk/client-ec2'),
  ecr: () => import('@aws-sdk/client-ecr'),
  ecs: () => import('@aws-sdk/client-ecs'),
  elasticloadbalancing: () => import('@aws-sdk/client-elastic-load-balancing-v2'),
  iam: () => import('@aws-sdk/client-iam'),
  logs: () => import('@aws-sdk/client-cloudwatch-logs'),
  rds: () => import('@aws-sdk/client-rds'),
  s3: () => import('@aws-sdk/client-s3'),
  scheduler: () => import('@aws-sdk/client-scheduler'),
  secretsmanager: () => import('@aws-sdk/client-secrets-manager'),
  servicequotas: () => import('@aws-sdk/client-service-quotas'),
  sns: () => import('@aws-sdk/client-sns'),
  sqs: () => import('@aws-sdk/client-sqs'),
  ssm: () => import('@aws-sdk/client-ssm'),
  sts: () => import('@aws-sdk/client-sts'),
  tagging: () => import('@aws-sdk/client-resource-groups-tagging-api'),
};

/** A shape in the SDK's own notation; read through `NormalizedSchema`. */
export type Shape = Parameters<typeof NormalizedSchema.of>[0];

export interface OperationShape {
  name: string;
  input: Shape;
  output: Shape;
  /** Method, path with `{labels}` and a query, status. */
  http?: [string, string, number];
}

export interface ErrorShape {
  name: string;
  schema: Shape;
  status?: number;
  /** What the query protocol calls it. */
  queryCode?: string;
}

export interface Api {
  id: string;
  protocol: string;
  xmlNamespace?: string;
  /** Errors carry the code of the former query protocol in a header. */
  queryCompatible: boolean;
  operations: ReadonlyMap<string, OperationShape>;
  /** By either name. */
  errors: ReadonlyMap<string, ErrorShape>;
}

const loaded = new Map<string, Promise<Api>>();

/** Undefined when no client of ours speaks it. */
export function findApi(id: string): Promise<Api> | undefined {
  const load = clients[id];
  if (!load) return undefined;
  const api = loaded.get(id) ?? load().then((module) => describe(id, module as Record<string, unknown>));
  loaded.set(id, api);
  return api;
}

// How the SDK writes shapes: https://smithy.io/2.0/spec/ as arrays of kind, namespace, name, traits and members.
const [operationKind, errorKind] = [9, -3];

type Static = [kind: number, namespace: string, name: string, traits: unknown, ...rest: unknown[]];

function describe(id: string, module: Record<string, unknown>): Api {
  const shapes = Object.values(module).filter((one): one is Static => Array.isArray(one) && typeof one[2] === 'string');
  const operations = shapes.filter(([kind]) => kind === operationKind).map(operationOf);
  const errors = shapes.filter(([kind]) => kind === errorKind).map(errorOf);
  const { protocol, xmlNamespace, awsQueryCompatible } = settingsOf(module);
  return {
    id,
    protocol,
    ...(xmlNamespace && { xmlNamespace }),
    queryCompatible: awsQueryCompatible ?? false,
    operations: new Map(operations.map((one) => [one.name, one])),
    errors: new Map(errors.flatMap((one) => [one.queryCode ?? one.name, one.name].map((name) => [name, one] as const))),
  };
}

function operationOf([, , name, traits, input, output]: Static): OperationShape {
  const { http } = (traits || {}) as { http?: [string, string, number] };
  return { name, input: input as Shape, output: output as Shape, ...(http && { http }) };
}

function errorOf(schema: Static): ErrorShape {
  const { httpError, awsQueryError } = (schema[3] || {}) as { httpError?: number; awsQueryError?: [string, number] };
  const status = awsQueryError?.[1] ?? httpError;
  return {
    name: schema[2],
    schema: schema as unknown as Shape,
    ...(status && { status }),
    ...(awsQueryError && { queryCode: awsQueryError[0] }),
  };
}

interface Settings {
  protocol: string;
  xmlNamespace?: string;
  awsQueryCompatible?: boolean;
}

function settingsOf(module: Record<string, unknown>): Settings {
  const [, Client] = Object.entries(module).find(([name]) => /^[A-Z].*Client$/.test(name)) as [
    string,
    new (
      options: object,
    ) => {
      config: {
        protocol: { getShapeId(): string };
        protocolSettings: Pick<Settings, 'xmlNamespace' | 'awsQueryCompatible'>;
      };
    },
  ];
  const { protocol, protocolSettings } = new Client({ region: 'us-east-1' }).config;
  return { ...protocolSettings, protocol: protocol.getShapeId() };
}
