import { beforeAll, expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { type Graph, generateClients, generateOpenApi, generateTypeScriptClient } from '../../../analyzer/mod.ts';
import { graphOf, sections } from '../application.ts';
import { compile } from './compile.ts';

const application = `-- users/auth.ts --
import { api, type Cookie, Gateway, type Header, type Query } from 'encore.dev/api';
import { authHandler } from 'encore.dev/auth';
import { getAuthData } from '~encore/auth';
interface Params { authorization: Header; sid?: Cookie<'sid'>; tenant?: Query }
export const auth = authHandler<Params, { userID: string; admin: boolean }>(async ({ authorization }) => ({ userID: authorization, admin: true }));
export const gateway = new Gateway({ authHandler: auth });
export const me = api({ expose: true, auth: true, method: 'GET', path: '/me' }, async () => ({ admin: getAuthData()?.admin ?? false, at: new Date() }));
-- chat-v1/chat.ts --
import { api, type Cookie, type Header, type HttpStatus } from 'encore.dev/api';
import { Decimal } from 'encore.dev/types';
export interface Page<T> { items: T[]; next?: string }
export interface Line { text: string; at: Date }
type Shape = { kind: 'circle'; r: number } | { kind: 'square'; side: number };
export const talk = api.streamInOut<{ room: string; token: Header<'X-Token'> }, Line, Line>({ expose: true, path: '/chat/:room' }, async (_, stream) => { for await (const line of stream) await stream.send(line); });
export const count = api.streamIn<Line, { lines: number }>({ expose: true }, async (stream) => { for await (const _ of stream); return { lines: 1 }; });
export const hook = api.raw({ expose: true, method: '*', path: '/hook/*rest' }, (_, response) => { response.end(); });
export const files = api.static({ expose: true, path: '/!path', dir: '.' });
export const list = api({ expose: true, method: ['GET', 'POST'], path: '/lines' }, async (_: { limit?: number; order?: 'asc' | 'desc' }): Promise<Page<Line>> => ({ items: [] }));
interface Drawing { id: bigint; shape: Shape; price: Decimal; data: Uint8Array; when: Date | null; map: Record<string, number>; session?: Cookie<'sid'> }
export const draw = api({ expose: true, path: '/draw/:id' }, async ({ shape }: Drawing): Promise<{ status: HttpStatus; etag: Header<'ETag'>; sid: Cookie<string, 'sid'>; shape: Shape }> => ({ status: 201, etag: '', sid: { value: '' }, shape }));
-- api/api.ts --
import { api } from 'encore.dev/api';
import { chat_v1 } from '~encore/clients';
export const first = api({ expose: true, method: 'GET' }, async () => {
  const stream = await chat_v1.count();
  await stream.send({ text: '', at: new Date() });
  const { lines } = await stream.response();
  return { ...(await chat_v1.list({}, { authData: { userID: 'u', admin: false } })), lines };
});
`;

const uses = `import { type AuthParams, BidiStream, Client, OutStream, type chat_v1 } from './client';
const auth: AuthParams = { authorization: 'x', tenant: 't' };
const client = new Client('https://example.com', { auth });
export async function use(): Promise<chat_v1.Page_Line> {
  const drawn = await client.chat_v1.draw({ id: '1', shape: { kind: 'circle', r: 1 }, price: '1.5', data: '', when: null, map: {} });
  const shape: chat_v1.Shape = drawn.shape;
  const sid: string | undefined = drawn.sid?.value;
  const talk: BidiStream<chat_v1.Line, chat_v1.Line> = client.chat_v1.talk({ room: 'r', token: 't' });
  const count: OutStream<chat_v1.Line, { lines: number }> = client.chat_v1.count();
  const response: Response = await client.chat_v1.hook({ rest: 'a' }, { method: 'PUT' });
  const at: string = (await client.users.me()).at;
  const first: { lines: number } = await client.api.first();
  void [shape, sid, talk, count, response, at, first];
  return client.chat_v1.list({ order: 'asc' });
}
`;

let graph: Graph;
beforeAll(async () => {
  graph = await graphOf(application);
});

test('an application with every kind of endpoint is right with its generated modules', async () => {
  const modules = Object.fromEntries(generateClients(graph).map(({ path, text }) => [path, text]));
  const settings = {
    paths: { '~encore/*': ['./encore.gen/*'] },
    exactOptionalPropertyTypes: false,
    noUnusedLocals: false,
  };
  expect(await compile({ ...sections(application), ...modules }, settings)).toBe('');
});

test('its client has the types that its handlers have', async () => {
  const files = { 'client.ts': generateTypeScriptClient(graph), 'use.ts': uses };
  expect(await compile(files, {})).toBe('');
});

test('its OpenAPI document is valid', async () => {
  const document = generateOpenApi(graph);
  expect(await new Validator().validate(structuredClone(document))).toMatchObject({ valid: true });
  expect(Object.keys(document.paths as object)).toEqual([
    '/api.first',
    '/chat-v1.count',
    '/chat/{room}',
    '/draw/{id}',
    '/hook/{rest}',
    '/lines',
    '/me',
    '/{path}',
  ]);
});
