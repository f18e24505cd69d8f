import type { Field, Graph, JsonSchema, Message, Method } from '../../../analyzer/graph.ts';
import { endpoint, graph, position, service } from '../../support/graph.ts';

const text: JsonSchema = { type: 'string' };
const number: JsonSchema = { type: 'number' };
const flag: JsonSchema = { type: 'boolean' };
const ref = (name: string): JsonSchema => ({ $ref: `#/schemas/${name}` });
const object = (properties: Record<string, JsonSchema>, ...optional: string[]): JsonSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});
const field = (name: string, where: Field['in'], wire = name): Field => ({ name, in: where, wire });
const message = (schema: JsonSchema, methods: Method[], ...fields: Field[]): Message => ({
  schema,
  encodings: [{ methods, fields }],
});

/** An application with a bit of everything that a client has to know. */
export const everything: Graph = graph({
  application: 'every-thing',
  authHandler: {
    name: 'auth',
    module: 'users/auth.ts',
    service: 'users',
    request: message(
      object({ authorization: text, tenant: text, session: text }, 'tenant', 'session'),
      ['GET'],
      field('authorization', 'header'),
      field('tenant', 'query', 'tenant-id'),
      field('session', 'cookie', 'sid'),
    ),
    data: object({ userID: text }),
    position,
  },
  services: [
    service('users', { directory: 'users' }),
    service('mail-out', {
      directory: 'mail-out',
      endpoints: [
        endpoint('send', {
          exposed: true,
          auth: true,
          path: '/mails/:to/parts/*rest',
          tags: ['mail'],
          doc: 'Sends a mail. */ Not more.\n\nThe second paragraph.',
          request: message(
            ref('mail.out.Mail'),
            ['POST'],
            field('to', 'path'),
            field('rest', 'path'),
            field('priority', 'query', 'prio'),
            field('labels', 'query'),
            field('trace', 'header', 'x-trace'),
            field('visit', 'cookie', 'visit'),
            field('subject', 'body'),
            field('at', 'body'),
            field('more', 'body'),
          ),
          response: message(
            object(
              { id: number, created: number, quota: number, seen: text, state: flag, status: { type: 'integer' } },
              'quota',
            ),
            ['POST'],
            field('id', 'body'),
            field('quota', 'header', 'x-quota'),
            field('created', 'header', 'x-created'),
            field('seen', 'cookie', 'seen'),
            field('state', 'cookie', 'state'),
            field('status', 'status', 'status'),
          ),
        }),
        endpoint('find', {
          exposed: true,
          methods: ['GET', 'POST'],
          path: '/mails',
          request: {
            schema: object({ text, limit: number }, 'text', 'limit'),
            encodings: [
              { methods: ['GET'], fields: [field('text', 'query'), field('limit', 'query')] },
              { methods: ['POST'], fields: [field('text', 'body'), field('limit', 'body')] },
            ],
          },
          response: message(
            ref('shared.Page_mail.out.Mail'),
            ['GET', 'POST'],
            field('items', 'body'),
            field('next', 'body'),
          ),
        }),
        endpoint('hook', {
          kind: 'raw',
          exposed: true,
          methods: ['GET', 'POST', 'HEAD'],
          path: '/hooks/:provider/*rest',
        }),
        endpoint('ping', { kind: 'raw', exposed: true, methods: ['POST'], path: '/ping' }),
        endpoint('files', {
          kind: 'assets',
          exposed: true,
          methods: ['GET', 'HEAD'],
          path: '/!path',
          assets: { directory: 'mail-out/public', headers: {} },
        }),
        endpoint('delete', {
          exposed: true,
          methods: ['DELETE'],
          path: '/mails/:id',
          request: message(object({ id: number }), ['DELETE'], field('id', 'path')),
        }),
        endpoint('secret', {
          path: '/secret',
          response: message(ref('mail.out.Private'), ['POST'], field('x', 'body')),
        }),
      ],
    }),
    service('new', {
      directory: 'new',
      endpoints: [
        endpoint('chat', {
          kind: 'stream',
          exposed: true,
          methods: ['GET'],
          path: '/chat/:room',
          request: message(
            object({ room: text, token: text, limit: number }, 'limit'),
            ['GET'],
            field('room', 'path'),
            field('token', 'header', 'x-token'),
            field('limit', 'query'),
          ),
          stream: { in: ref('new.Line'), out: ref('new.Response') },
        }),
        endpoint('count', {
          kind: 'stream',
          exposed: true,
          methods: ['GET'],
          path: '/count',
          stream: { in: ref('new.Line') },
          response: message(object({ lines: number }), ['GET'], field('lines', 'body')),
        }),
        endpoint('listen', {
          kind: 'stream',
          exposed: true,
          auth: true,
          methods: ['GET'],
          path: '/listen',
          stream: { out: ref('new.Response') },
        }),
        endpoint('types', {
          exposed: true,
          path: '/types',
          request: message(ref('new.Types'), ['POST'], field('date', 'body')),
          response: message(ref('new.Tree'), ['POST'], field('value', 'body')),
        }),
      ],
    }),
  ],
  schemas: {
    'mail.out.Mail': object(
      {
        to: { ...text, description: 'An address.' },
        rest: text,
        priority: number,
        labels: { type: 'array', items: text },
        trace: text,
        visit: text,
        subject: text,
        at: { type: 'string', 'x-type': 'date' },
        more: { anyOf: [ref('mail.out.Mail'), { type: 'null' }] },
      },
      'priority',
      'labels',
      'trace',
      'visit',
      'more',
    ),
    'mail.out.Private': object({ x: text }),
    'shared.Page_mail.out.Mail': object({ items: { type: 'array', items: ref('mail.out.Mail') }, next: text }, 'next'),
    'new.Line': { anyOf: [object({ text }), object({ image: { type: 'string', 'x-type': 'bytes' } })] },
    // A name that the generated file needs, too.
    'new.Response': object({ at: { type: 'string', 'x-type': 'date', description: 'When.' }, 'kebab-key': text }),
    'new.deep.Response': object({ x: number }),
    'new.Tree': object({
      value: ref('new.Types'),
      children: { type: 'array', items: ref('new.Tree') },
      other: ref('new.deep.Response'),
    }),
    'new.Types': object(
      {
        date: { type: 'string', 'x-type': 'date' },
        big: { type: 'string', 'x-type': 'bigint' },
        decimal: { anyOf: [{ type: 'string', 'x-type': 'decimal' }, { type: 'null' }] },
        choice: { anyOf: [{ type: 'string', enum: ['a', 'b"c'] }, { type: 'number', const: 1 }, { type: 'null' }] },
        list: { type: 'array', items: { anyOf: [text, number] } },
        tuple: { type: 'array', prefixItems: [text, number], items: flag, minItems: 1 },
        pair: { type: 'array', prefixItems: [text, { anyOf: [text, { type: 'null' }] }], items: false, minItems: 2 },
        map: { type: 'object', additionalProperties: number },
        mixed: { type: 'object', properties: { id: text }, additionalProperties: number },
        nothing: { type: 'object' },
        anything: {},
        never: { not: {} },
      },
      'never',
    ),
  },
});
