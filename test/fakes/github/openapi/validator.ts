import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { base, type Description, loadDescription, type Operation, type Schema } from './description.ts';

/** What a request or an answer has against GitHub's description. */
export interface Violation {
  kind: 'request' | 'answer' | 'unknown' | 'webhook';
  /** Such as `POST /repos/ada/shop/deployments`. */
  request: string;
  operation?: string;
  message: string;
}

export interface Described {
  operation: Operation;
  path: Record<string, string>;
}

interface Shared {
  description: Description;
  routes: Map<string, Route[]>;
  ajv: Ajv;
  coercing: Ajv;
  compiled: Map<string, ValidateFunction>;
}

interface Route {
  operation: Operation;
  pattern: RegExp;
  names: string[];
  /** How many of its segments are no parameters. */
  literal: number;
}

// One worker of Jest has many files, each with modules of its own, but one Ajv: what hangs on it is read and compiled once.
const key = Symbol.for('fairlead.github.description');

function shared(): Shared {
  const holder = Ajv as unknown as Record<symbol, Shared>;
  holder[key] ??= create();
  return holder[key];
}

function create(): Shared {
  const description = loadDescription();
  const options = { strict: false, inlineRefs: false, logger: false, allErrors: true, validateSchema: false } as const;
  const ajv = new Ajv(options);
  const coercing = new Ajv({ ...options, coerceTypes: 'array' });
  for (const one of [ajv, coercing]) formats.default(one);
  const routes = new Map<string, Route[]>();
  for (const operation of description.operations) {
    const route = routeOf(operation);
    const bucket = bucketOf(operation.method, operation.path);
    routes.set(bucket, [...(routes.get(bucket) ?? []), route]);
  }
  for (const list of routes.values()) list.sort((a, b) => b.literal - a.literal);
  return { description, routes, ajv, coercing, compiled: new Map() };
}

/** The last parameter of these may have slashes in it. */
const wide = new Set(['{ref}', '{path}', '{basehead}', '{branch}', '{head}']);

function routeOf(operation: Operation): Route {
  const names: string[] = [];
  const pattern = operation.path.replace(/[.+]/g, '\\$&').replace(/\{(\w+)\}/g, (whole, name: string) => {
    names.push(name);
    return wide.has(whole) && operation.path.endsWith(whole) ? '(.+)' : '([^/]+)';
  });
  const literal = operation.path.split('/').filter((segment) => !segment.includes('{')).length;
  return { operation, pattern: new RegExp(`^${pattern}$`), names, literal };
}

/** Operations are many; those of a repository are told apart by what follows its name, too. */
function bucketOf(method: string, path: string): string {
  const [, first, , , fourth = ''] = path.split('/');
  return `${method} ${first} ${first === 'repos' ? fourth : ''}`;
}

/** The operation that a request asks for; undefined when GitHub describes none. */
export function operationFor(method: string, path: string): Described | undefined {
  for (const { operation, pattern, names } of shared().routes.get(bucketOf(method, path)) ?? []) {
    const match = pattern.exec(path);
    if (match)
      return {
        operation,
        path: Object.fromEntries(names.map((name, at) => [name, decodeURIComponent(match[at + 1]!)])),
      };
  }
  return undefined;
}

/** What the description has against a request; empty when nothing. */
export function checkRequest({ operation, path }: Described, query: URLSearchParams, body: unknown): string[] {
  const found: string[] = [];
  for (const { name, in: where, required, schema } of operation.parameters) {
    if (where === 'header') continue;
    const value = where === 'path' ? path[name] : (query.get(name) ?? undefined);
    if (value === undefined) {
      if (required) found.push(`The ${where} parameter "${name}" is missing.`);
      continue;
    }
    const errors = check(`${operation.id} ${where} ${name}`, { properties: { value: schema } }, { value }, true);
    found.push(...errors.map((error) => `The ${where} parameter "${name}" ${error}.`));
  }
  const known = new Set(operation.parameters.filter((one) => one.in === 'query').map(({ name }) => name));
  for (const name of query.keys()) if (!known.has(name)) found.push(`There is no query parameter "${name}".`);
  if (body === undefined) {
    if (operation.body?.required) found.push('The body is missing.');
  } else if (!operation.body) {
    if (JSON.stringify(body) !== '{}') found.push('This operation takes no body.');
  } else {
    found.push(...check(`${operation.id} body`, operation.body.schema, body).map((error) => `The body ${error}.`));
    found.push(...strangers(operation.body.schema, body));
  }
  return found;
}

/** GitHub ignores properties that it does not know; who sends them means something that does not happen. */
function strangers(schema: Schema, body: unknown): string[] {
  if (!schema.properties || schema.additionalProperties || typeof body !== 'object' || body === null) return [];
  return Object.keys(body)
    .filter((name) => !(name in schema.properties))
    .map((name) => `The body has a property "${name}" that GitHub does not know.`);
}

/** Statuses that every operation may answer, though the description names them for few. */
const general = new Set([304, 400, 401, 403, 404, 429, 500, 502, 503, 504]);

/** What the description has against an answer; empty when nothing. */
export function checkAnswer({ operation }: Described, status: number, body: unknown): string[] {
  const schema = operation.responses[String(status)];
  if (schema === undefined) return general.has(status) ? [] : [`The status ${status} is not described.`];
  if (schema === null) return [];
  if (body === undefined) return ['The answer has no JSON.'];
  return check(`${operation.id} ${status}`, schema, body).map((error) => `The answer ${error}.`);
}

/** What the description has against the payload of a webhook, such as `pull-request-opened`. */
export function checkWebhook(name: string, payload: unknown): string[] {
  const schema = shared().description.webhooks[name];
  if (!schema) return [`There is no webhook "${name}".`];
  return check(`webhook ${name}`, schema, payload).map((error) => `The payload ${error}.`);
}

function check(name: string, schema: Schema, value: unknown, coerce = false): string[] {
  const { compiled, ajv, coercing } = shared();
  let validate = compiled.get(name);
  if (!validate) {
    const validator = coerce ? coercing : ajv;
    addReferred(validator, schema);
    validate = validator.compile(schema);
    compiled.set(name, validate);
  }
  if (validate(value)) return [];
  return [...new Set((validate.errors ?? []).map(describe))].slice(0, 40);
}

function describe({ instancePath, message, params }: ErrorObject): string {
  const detail = 'allowedValues' in params ? ` (${params.allowedValues.join(', ')})` : '';
  return `at "${instancePath}" ${message}${detail}`;
}

function addReferred(ajv: Ajv, schema: Schema): void {
  if (Array.isArray(schema)) for (const one of schema) addReferred(ajv, one);
  else if (typeof schema === 'object' && schema !== null) {
    if (typeof schema.$ref === 'string' && !ajv.schemas[schema.$ref]) {
      const referred = shared().description.schemas[schema.$ref.slice(base.length)];
      ajv.addSchema(referred, schema.$ref);
      addReferred(ajv, referred);
    }
    for (const inner of Object.values(schema)) addReferred(ajv, inner);
  }
}
