import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { amend } from './amendments.ts';

/** What GitHub's published description says of one operation; schemas refer to each other as `<base><name>`. */
export interface Operation {
  method: string;
  /** With parameters in braces, such as `/repos/{owner}/{repo}`. */
  path: string;
  id: string;
  /** The page of GitHub's documentation. */
  docs: string;
  parameters: { name: string; in: 'path' | 'query' | 'header'; required: boolean; schema: Schema }[];
  body?: { required: boolean; schema: Schema };
  /** By status; null where an answer has no JSON. */
  responses: Record<string, Schema | null>;
}

export interface Description {
  operations: Operation[];
  schemas: Record<string, Schema>;
  /** The payloads of webhooks, by name such as `pull-request-opened`. */
  webhooks: Record<string, Schema>;
}

// biome-ignore lint/suspicious/noExplicitAny: a JSON document with a shape per place
export type Schema = any;

export const base = 'https://api.github.com/schemas/';

const require = createRequire(import.meta.url);
const manifest = require.resolve('@octokit/openapi/package.json');
/** Of what is kept: another number, when `digest` changes. */
const form = 3;

/**
 * The description of api.github.com in `@octokit/openapi`, without its prose and examples. Those 13 MB take 0.3 s to
 * read and digest, the rest a tenth of it, and so the rest is kept under node_modules/.cache.
 */
export function loadDescription(): Description {
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const cache = fileURLToPath(
    new URL(`../../../../node_modules/.cache/fairlead-tests/github-openapi-${version}-${form}.json`, import.meta.url),
  );
  if (existsSync(cache)) return amend(JSON.parse(readFileSync(cache, 'utf8')) as Description);
  const file = join(dirname(manifest), 'generated/api.github.com.json');
  const description = digest(JSON.parse(readFileSync(file, 'utf8')));
  mkdirSync(dirname(cache), { recursive: true });
  const partial = `${cache}.${process.pid}`;
  writeFileSync(partial, JSON.stringify(description));
  renameSync(partial, cache);
  return amend(description);
}

function digest(document: Schema): Description {
  const operations: Operation[] = [];
  for (const [path, item] of Object.entries<Schema>(document.paths))
    for (const [method, operation] of Object.entries<Schema>(item))
      if (operation.responses) operations.push(operationOf(document, path, method, operation));
  const schemas = Object.fromEntries(
    Object.entries<Schema>(document.components.schemas).map(([name, schema]) => [name, schemaOf(schema)]),
  );
  const webhooks = Object.fromEntries(
    Object.entries<Schema>(document['x-webhooks']).map(([name, { post }]) => [
      name,
      schemaOf(post.requestBody.content['application/json'].schema),
    ]),
  );
  return { operations, schemas, webhooks };
}

function operationOf(document: Schema, path: string, method: string, operation: Schema): Operation {
  const follow = (item: Schema): Schema =>
    item.$ref
      ? follow(
          (item.$ref as string)
            .slice(2)
            .split('/')
            .reduce((at, key) => at[key], document),
        )
      : item;
  const json = (content: Schema) => content?.['application/json']?.schema;
  const body = operation.requestBody && follow(operation.requestBody);
  return {
    method: method.toUpperCase(),
    path,
    id: operation.operationId,
    docs: operation.externalDocs?.url ?? '',
    parameters: [...(operation.parameters ?? [])].map(follow).map((parameter: Schema) => ({
      name: parameter.name,
      in: parameter.in,
      required: parameter.required === true,
      schema: schemaOf(parameter.schema),
    })),
    ...(json(body?.content) && { body: { required: body.required === true, schema: schemaOf(json(body.content)) } }),
    responses: Object.fromEntries(
      Object.entries<Schema>(operation.responses).map(([status, response]) => {
        const schema = json(follow(response).content);
        return [status, schema ? schemaOf(schema) : null];
      }),
    ),
  };
}

const prose = new Set(['description', 'example', 'examples', 'title', 'externalDocs', 'deprecated', 'readOnly']);

/** A schema of OpenAPI 3.0 as JSON Schema: `nullable` becomes an alternative, references become addresses. */
function schemaOf(schema: Schema): Schema {
  if (Array.isArray(schema)) return schema.map(schemaOf);
  if (typeof schema !== 'object' || schema === null) return schema;
  if (typeof schema.$ref === 'string') return { $ref: base + schema.$ref.replace('#/components/schemas/', '') };
  const rest: Schema = {};
  for (const [key, value] of Object.entries<Schema>(schema)) {
    if (key === 'properties')
      rest[key] = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, schemaOf(inner)]));
    else if (key === 'enum' || key === 'default' || key === 'required') rest[key] = value;
    else if (!prose.has(key) && !key.startsWith('x-') && key !== 'nullable' && key !== 'discriminator')
      rest[key] = schemaOf(value);
  }
  // What defaults to the empty string may be it.
  if (rest.format === 'uri' && schema.default === '') return { anyOf: [{ const: '' }, rest] };
  return schema.nullable === true ? { anyOf: [{ type: 'null' }, rest] } : rest;
}
