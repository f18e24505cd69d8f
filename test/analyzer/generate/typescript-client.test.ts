import { describe, expect, test } from '@jest/globals';
import { generateTypeScriptClient } from '../../../analyzer/generate/typescript-client.ts';
import { endpoint, graph, service } from '../../support/graph.ts';
import { graphOf } from '../application.ts';
import { compile, compilers } from './compile.ts';
import { everything } from './everything.ts';

const client = generateTypeScriptClient(everything);

const uses = `import { APIError, type AuthParams, BidiStream, Client, type CallOptions, ErrCode, isAPIError, type mail_out, type new_, type shared } from './client';

const auth: AuthParams = { authorization: 'Bearer x', tenant: 't' };
export const client = new Client('https://example.com', { auth, requestInit: { credentials: 'include' }, fetcher: fetch });
export const asked = new Client('https://example.com', { auth: async () => auth });
const options: CallOptions = { headers: { a: 'b' }, signal: AbortSignal.timeout(1000), query: { a: ['b', 'c'] } };

export async function use(): Promise<void> {
  const mail: mail_out.Mail = { to: 'a', rest: 'b/c', subject: 's', at: new Date().toISOString(), more: null };
  const sent = await client.mail_out.send(mail, options);
  sent.id.toFixed();
  const quota: number | undefined = sent.quota;
  const state: boolean | undefined = sent.state?.value;
  const status: number = sent.status;
  const page: shared.Page_Mail = await client.mail_out.find();
  await client.mail_out.find({ text: 'x' }, { method: 'GET' });
  const nothing: void = await client.mail_out.delete({ id: 1 });
  const response: Response = await client.mail_out.hook({ provider: 'p', rest: '' }, { method: 'HEAD', body: 'x' });
  await client.mail_out.ping({ body: new Uint8Array([1]) });
  void [quota, state, status, page, nothing, response];
  try {
    const tree: new_.Tree = await client.new_.types({
      date: '', big: '1', decimal: null, choice: 'b"c', list: [1, 'a'], tuple: ['a', 1, true], pair: ['a', null],
      map: { a: 1 }, mixed: { id: 'x', n: 1 }, nothing: {}, anything: 5,
    });
    void tree.children[0]?.value.choice;
  } catch (error) {
    if (isAPIError(error) && error.code === ErrCode.NotFound) {
      const known: APIError = error;
      const { code }: { code: ErrCode } = known;
      void [code, known.details, known.status];
    }
  }
  const chat: BidiStream<new_.Line, new_.Response> = client.new_.chat({ room: 'r', token: 't' });
  await chat.send({ text: 'hi' });
  for await (const { at } of chat) at.toUpperCase();
  const count = client.new_.count();
  await count.send({ image: '' });
  (await count.response()).lines.toFixed();
  for await (const message of client.new_.listen({ auth })) message['kebab-key'].toUpperCase();
  chat.socket.on('close', ({ code }) => void code);
}

export function wrong(): void {
  // @ts-expect-error a field is missing
  void client.mail_out.send({ to: 'a' });
  // @ts-expect-error the parameter has another type
  void client.mail_out.delete({ id: 'x' });
  // @ts-expect-error the endpoint has no such method
  void client.mail_out.find({}, { method: 'PUT' });
  // @ts-expect-error the endpoint is private
  void client.mail_out.secret();
  // @ts-expect-error assets are no function
  void client.mail_out.files();
  // @ts-expect-error there is no such code
  void new APIError('nope', '');
  // @ts-expect-error a required auth parameter is missing
  void new Client('', { auth: { tenant: 'x' } });
  // @ts-expect-error it is the service that sends these
  void client.new_.chat({ room: 'r', token: 't' }).send({ at: '' });
}
`;

const environments = {
  browsers: { lib: ['es2024', 'dom', 'dom.iterable', 'dom.asynciterable'], types: [] },
  'Node.js': { lib: ['es2024'], types: ['node'] },
  'both, and unlike modules': {
    lib: ['es2022', 'dom', 'dom.iterable'],
    types: ['node'],
    target: 'es2022',
    module: 'nodenext',
    moduleResolution: 'nodenext',
  },
};

describe.each(compilers)('with %s', (tsc) => {
  test.each(Object.entries(environments))('the client and what uses it are right in %s', async (_, settings) => {
    const files = {
      'client.ts': client,
      'use.ts': 'module' in settings ? uses.replace("'./client'", "'./client.js'") : uses,
    };
    expect(await compile(files, settings, tsc)).toBe('');
  });
});

test('the client of an application without an auth handler is right, and takes no auth parameters', async () => {
  const { authHandler: _, ...open } = everything;
  const use = `import { Client } from './client';
export const client = new Client('');
// @ts-expect-error there are none
export const other = new Client('', { auth: { authorization: 'x' } });
`;
  expect(await compile({ 'client.ts': generateTypeScriptClient(open), 'use.ts': use }, {})).toBe('');
});

test('names that every object has are names like others', async () => {
  const graph = await graphOf(`-- constructor/api.ts --
import { api, type Cookie } from 'encore.dev/api';
interface Params { constructor: string; toString: string; session?: Cookie<string> }
export const toString = api({ expose: true, path: '/c/:constructor' }, async ({ constructor }: Params) => ({ valueOf: 1, constructor }));
export const constructor = api({ expose: true, method: 'GET' }, async () => ({ constructor: 1 }));
`);
  const use = `import { Client } from './client';
const { constructor_ } = new Client('');
export const one: Promise<{ constructor: number }> = constructor_.constructor();
export const two: Promise<{ valueOf: number; constructor: string }> = constructor_.toString({ constructor: 'a', toString: 'b' });
`;
  expect(await compile({ 'client.ts': generateTypeScriptClient(graph), 'use.ts': use }, {})).toBe('');
});

test('the same Graph gives the same bytes, whatever the order of its lists', () => {
  const turned = {
    ...everything,
    services: everything.services.toReversed(),
    schemas: Object.fromEntries(Object.entries(everything.schemas).reverse()),
  };
  expect(generateTypeScriptClient(structuredClone(turned))).toBe(client);
});

describe('a selection', () => {
  const names = (text: string) => [...text.matchAll(/^ {4}(\w+): \{"path"/gm)].map(([, name]) => name);

  test('leaves private endpoints and their types out, unless all are asked for', () => {
    expect(names(client)).toEqual(['delete', 'find', 'hook', 'ping', 'send', 'chat', 'count', 'listen', 'types']);
    expect(client).not.toContain('Private');
    const all = generateTypeScriptClient(everything, { all: true });
    expect(names(all)).toContain('secret');
    expect(all).toContain('interface Private');
  });

  test.each([
    [{ services: ['new'] }, ['chat', 'count', 'listen', 'types']],
    [{ excludeServices: ['new'] }, ['delete', 'find', 'hook', 'ping', 'send']],
    [{ tags: ['mail'] }, ['send']],
    [{ services: ['mail-out'], excludeTags: ['mail'] }, ['delete', 'find', 'hook', 'ping']],
    [{ tags: ['mail'], excludeTags: ['mail'] }, []],
  ])('%j takes %j', (selection, expected) => {
    expect(names(generateTypeScriptClient(everything, selection))).toEqual(expected);
  });

  test('without streams the client has nothing of them', () => {
    expect(generateTypeScriptClient(everything, { services: ['mail-out'] })).not.toMatch(/Stream|WebSocket\b.*sub/);
  });
});

test('types that would have one name in a namespace get numbers, and foreign directories a namespace of their own', () => {
  const text = generateTypeScriptClient(
    graph({
      services: [
        service('a', {
          endpoints: [
            endpoint('x', {
              exposed: true,
              request: { schema: { $ref: '#/schemas/a.T' }, encodings: [{ methods: ['POST'], fields: [] }] },
            }),
          ],
        }),
      ],
      schemas: {
        'a.T': {
          type: 'object',
          properties: {
            one: { $ref: '#/schemas/a.b.T' },
            two: { $ref: '#/schemas/T' },
            three: { $ref: '#/schemas/lib.money.Money' },
          },
        },
        'a.b.T': { type: 'object', properties: { x: {} } },
        T: { type: 'object', properties: { y: {} } },
        'lib.money.Money': { type: 'object', properties: { z: {} } },
      },
    }),
  );
  expect(text).toContain('one?: a.T_2;');
  expect(text).toContain('two?: types.T;');
  expect(text).toContain('three?: lib_money.Money;');
});
