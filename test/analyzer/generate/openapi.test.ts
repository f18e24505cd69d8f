import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { generateOpenApi } from '../../../analyzer/generate/openapi.ts';
import type { JsonSchema } from '../../../analyzer/graph.ts';
import { analyze } from '../../../analyzer/mod.ts';
import { endpoint, graph, service } from '../../support/graph.ts';
import { everything } from './everything.ts';

async function validate(document: Record<string, unknown>) {
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  return { valid, errors };
}

const document = generateOpenApi(everything, { all: true, version: '1.2.3', server: 'https://example.com' });
const at = (...path: string[]) =>
  path.reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], document);

test('a document with everything is valid, and its references lead somewhere', async () => {
  expect(await validate(document)).toEqual({ valid: true, errors: undefined });
});

test('the document of the shop is valid', async () => {
  const { graph } = await analyze({ root: resolve('examples/shop') });
  const shop = generateOpenApi(graph!);
  expect(await validate(shop)).toEqual({ valid: true, errors: undefined });
  expect(Object.keys(shop.paths as object)).toEqual(['/analytics/daily', '/orders', '/orders/{id}']);
});

test('the validator is able to refuse', async () => {
  expect((await validate({ ...document, paths: { 'no-slash': { get: 5 } } })).valid).toBe(false);
  const nowhere = { default: { $ref: '#/components/responses/Nowhere' } };
  const paths = { '/x': { get: { responses: nowhere } } };
  expect(await validate({ ...document, paths })).toMatchObject({
    valid: false,
    errors: expect.stringContaining('Nowhere'),
  });
});

test('parameters are where they travel, and the body holds the rest', () => {
  expect(at('paths', '/mails/{to}/parts/{rest}', 'post')).toEqual({
    operationId: 'mail-out.send',
    tags: ['mail-out'],
    summary: 'Sends a mail. */ Not more.',
    description: 'The second paragraph.',
    parameters: [
      { name: 'to', in: 'path', required: true, schema: { type: 'string', description: 'An address.' } },
      {
        name: 'rest',
        in: 'path',
        required: true,
        description: 'The rest of the path; it may hold slashes.',
        'x-fairlead-path': 'wildcard',
        schema: { type: 'string' },
      },
      { name: 'prio', in: 'query', schema: { type: 'number' } },
      { name: 'labels', in: 'query', schema: { type: 'array', items: { type: 'string' } } },
      { name: 'x-trace', in: 'header', schema: { type: 'string' } },
      { name: 'visit', in: 'cookie', schema: { type: 'string' } },
    ],
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: {
            type: 'object',
            properties: {
              subject: { type: 'string' },
              at: { type: 'string', 'x-type': 'date', format: 'date-time' },
              more: { anyOf: [{ $ref: '#/components/schemas/mail.out.Mail' }, { type: 'null' }] },
            },
            required: ['subject', 'at'],
          },
        },
      },
    },
    responses: {
      '2XX': {
        description: 'Done.',
        headers: {
          'x-quota': { schema: { type: 'number' } },
          'x-created': { required: true, schema: { type: 'number' } },
          'set-cookie': { description: 'Sets the cookies `seen`, `state`.', schema: { type: 'string' } },
        },
        content: {
          'application/json': { schema: { type: 'object', properties: { id: { type: 'number' } }, required: ['id'] } },
        },
      },
      default: { $ref: '#/components/responses/Error' },
    },
    security: [{ authorization: [] }],
    'x-fairlead-tags': ['mail'],
  });
});

test('an endpoint of several methods is an operation of each, encoded for it', () => {
  expect(at('paths', '/mails', 'get', 'parameters')).toMatchObject([
    { name: 'text', in: 'query' },
    { name: 'limit', in: 'query' },
  ]);
  expect(at('paths', '/mails', 'get', 'requestBody')).toBeUndefined();
  expect(at('paths', '/mails', 'post', 'parameters')).toBeUndefined();
  expect(at('paths', '/mails', 'post', 'requestBody')).toBeDefined();
  expect([at('paths', '/mails', 'get', 'operationId'), at('paths', '/mails', 'post', 'operationId')]).toEqual([
    'mail-out.find.get',
    'mail-out.find.post',
  ]);
});

test('streams, raw endpoints and files say what they are', () => {
  expect(at('paths', '/chat/{room}', 'get')).toMatchObject({
    parameters: [
      { name: 'room', in: 'path' },
      { name: 'x-token', in: 'header', required: true },
      { name: 'limit', in: 'query' },
    ],
    responses: { '101': {} },
    'x-fairlead-stream': {
      subprotocol: 'encore-ws',
      in: { $ref: '#/components/schemas/new.Line' },
      out: { $ref: '#/components/schemas/new.Response' },
    },
  });
  expect(at('paths', '/hooks/{provider}/{rest}', 'post')).toMatchObject({
    requestBody: { content: { '*/*': {} } },
    responses: { default: { content: { '*/*': {} } } },
  });
  expect(Object.keys(at('paths', '/{path}') as object)).toEqual(['get', 'head']);
  expect(at('paths', '/{path}', 'get', 'parameters')).toMatchObject([{ name: 'path', 'x-fairlead-path': 'fallback' }]);
});

test('the parameters of the auth handler are security schemes', () => {
  expect(at('components', 'securitySchemes')).toEqual({
    authorization: { type: 'apiKey', in: 'header', name: 'authorization' },
    tenant: { type: 'apiKey', in: 'query', name: 'tenant-id' },
    session: { type: 'apiKey', in: 'cookie', name: 'sid' },
  });
  expect(at('paths', '/mails', 'get', 'security')).toBeUndefined();
});

test('private endpoints and what only they need are left out, unless all are asked for', () => {
  const outside = JSON.stringify(generateOpenApi(everything));
  expect(outside).not.toMatch(/secret|Private/);
  expect(at('paths', '/secret', 'post', 'x-fairlead-private')).toBe(true);
});

test('paths of one shape are one path, and none of their endpoints is lost', async () => {
  const get = (name: string, path: string) => endpoint(name, { exposed: true, methods: ['GET'], path, kind: 'raw' });
  const merged = generateOpenApi(
    graph({
      services: [
        service('a', {
          endpoints: [
            get('rest', '/x/*rest'),
            get('one', '/x/:id'),
            endpoint('two', { exposed: true, methods: ['POST', 'CONNECT'], path: '/x/:key', kind: 'raw' }),
          ],
        }),
      ],
    }),
  );
  expect(await validate(merged)).toEqual({ valid: true, errors: undefined });
  expect(merged.paths).toMatchObject({
    '/x/{id}': {
      get: { operationId: 'a.one' },
      post: { operationId: 'a.two.post', parameters: [{ name: 'id' }] },
      'x-fairlead-also': { 'a.rest': { parameters: [{ name: 'id', 'x-fairlead-path': 'wildcard' }] } },
    },
  });
  expect(Object.keys(merged.paths as object)).toHaveLength(1);
});

test('properties with the names of keywords are properties', () => {
  const named: JsonSchema = {
    type: 'object',
    properties: {
      required: { type: 'string', 'x-type': 'date' },
      properties: { $ref: '#/schemas/$a' },
      const: { $ref: '#/schemas/$a' },
    },
  };
  const response = { schema: named, encodings: [{ methods: ['POST' as const], fields: [] }] };
  const { paths } = generateOpenApi(
    graph({
      services: [service('a', { endpoints: [endpoint('x', { exposed: true, response })] })],
      schemas: { $a: { type: 'object' } },
    }),
  );
  expect((paths as Record<string, unknown>)['/x']).toMatchObject({
    post: {
      responses: {
        '200': {
          content: {
            'application/json': {
              schema: {
                properties: {
                  required: { format: 'date-time' },
                  properties: { $ref: '#/components/schemas/_a' },
                  const: { $ref: '#/components/schemas/_a' },
                },
              },
            },
          },
        },
      },
    },
  });
});

test('names that OpenAPI does not allow are replaced, each by one of its own', () => {
  const { components, paths } = generateOpenApi(
    graph({
      services: [
        service('a', {
          endpoints: [
            endpoint('x', {
              exposed: true,
              response: {
                schema: { anyOf: [{ $ref: '#/schemas/$a' }, { $ref: '#/schemas/_a' }, { $ref: '#/schemas/Error' }] },
                encodings: [{ methods: ['POST'], fields: [] }],
              },
            }),
          ],
        }),
      ],
      schemas: { $a: { type: 'object' }, _a: { type: 'object' }, Error: { type: 'object' } },
    }),
  );
  expect(Object.keys((components as { schemas: object }).schemas)).toEqual(['_a', 'Error', '_a_2', 'Error_2']);
  expect(JSON.stringify(paths)).toContain('_a_2');
});

test('the same Graph gives the same document, whatever the order of its lists', () => {
  const turned = { ...everything, services: everything.services.toReversed() };
  const same = { all: true, version: '1.2.3', server: 'https://example.com' };
  expect(JSON.stringify(generateOpenApi(structuredClone(turned), same))).toBe(JSON.stringify(document));
});
