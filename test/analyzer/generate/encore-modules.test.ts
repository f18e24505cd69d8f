import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type ClientEndpoint, generateClients } from '../../../analyzer/generate/clients.ts';
import { compile, compilers, withFiles } from './compile.ts';

const sources = {
  'users/auth.ts': `import type { Header } from 'encore.dev/api';
import { authHandler } from 'encore.dev/auth';
interface Params { authorization: Header }
interface Data { userID: string; admin: boolean }
export const auth = authHandler<Params, Data>(async ({ authorization }) =>
  authorization ? { userID: authorization, admin: false } : null);
`,
  'chat-room/chat.ts': `import { api, type StreamInOut } from 'encore.dev/api';
interface Join { room: string }
interface Line { text: string }
interface Said { text: string; at: number }
interface Count { lines: number }
export const talk = api.streamInOut<Line, Said>({}, async (stream) => { for await (const { text } of stream) await stream.send({ text, at: 1 }); });
export const join = api.streamInOut<Join, Line, Said>({}, async ({ room }, stream) => { await stream.send({ text: room, at: 1 }); });
export const named = api.streamInOut({}, async (_: Join, stream: StreamInOut<Line, Said>) => { await stream.close(); });
export const tell = api.streamIn<Line>({}, async (stream) => { for await (const _ of stream); });
export const count = api.streamIn<Line, Count>({}, async (stream) => { for await (const _ of stream); return { lines: 1 }; });
export const tellRoom = api.streamIn<Join, Line>({}, async (join, stream) => { for await (const line of stream) join.room = line.text; });
export const countRoom = api.streamIn<Join, Line, Count>({}, async (_, stream) => { for await (const _ of stream); return { lines: 1 }; });
export const listen = api.streamOut<Said>({}, async (stream) => { await stream.send({ text: '', at: 1 }); });
export const listenRoom = api.streamOut<Join, Said>({}, async ({ room }, stream) => { await stream.send({ text: room, at: 1 }); });
export const hook = api.raw({ method: 'POST' }, (_, response) => { response.end(); });
export const files = api.static({ dir: '.' });
export const ref = api({}, async (): Promise<Count> => ({ lines: 1 }));
export const Client = api({}, async (): Promise<Count> => ({ lines: 2 }));
`,
  'plain/plain.ts': `import { api } from 'encore.dev/api';
const remove = api({}, async (_: { id: number }) => ({ removed: true }));
export { remove as delete };
export const find = api({}, async (_?: { id: number }) => {});`,
};

const stream = (name: string, directions: object, request?: object): ClientEndpoint => ({
  name,
  module: 'chat-room/chat.ts',
  kind: 'stream',
  stream: directions,
  ...(request && { request }),
});
const [incoming, outgoing, both] = [{ in: {} }, { out: {} }, { in: {}, out: {} }];
const services = [
  {
    name: 'chat-room',
    endpoints: [
      stream('talk', both),
      stream('join', both, {}),
      stream('named', both, {}),
      stream('tell', incoming),
      stream('count', incoming),
      stream('tellRoom', incoming, {}),
      stream('countRoom', incoming, {}),
      stream('listen', outgoing),
      stream('listenRoom', outgoing, {}),
      { name: 'hook', module: 'chat-room/chat.ts', kind: 'raw' },
      { name: 'files', module: 'chat-room/chat.ts', kind: 'assets' },
      { name: 'ref', module: 'chat-room/chat.ts', kind: 'typed' },
      { name: 'Client', module: 'chat-room/chat.ts', kind: 'typed' },
    ],
  },
  {
    name: 'plain',
    endpoints: [
      { name: 'delete', module: 'plain/plain.ts', kind: 'typed', request: {} },
      { name: 'find', module: 'plain/plain.ts', kind: 'typed', request: {} },
    ],
  },
  { name: 'users', endpoints: [] },
] satisfies Parameters<typeof generateClients>[0]['services'];
const authHandler = { name: 'auth', module: 'users/auth.ts' };

const uses = `import type { StreamIn, StreamInOut, StreamOutWithResponse } from 'encore.dev/api';
import { type AuthData, getAuthData } from '~encore/auth';
import { chat_room, plain, users } from '~encore/clients';

interface Line { text: string }
interface Said { text: string; at: number }
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>): void {}

export async function use(): Promise<void> {
  const talk = await chat_room.talk();
  same<typeof talk, StreamInOut<Said, Line>>(true);
  await talk.send({ text: 'x' });
  for await (const { at } of talk) at.toFixed();
  const join = await chat_room.join({ room: 'a' });
  same<typeof join, StreamInOut<Said, Line>>(true);
  const named = await chat_room.named({ room: 'a' }, {});
  same<typeof named, StreamInOut<Said, Line>>(true);
  const tell = await chat_room.tell();
  same<typeof tell, StreamOutWithResponse<Line, void>>(true);
  const count = await chat_room.count();
  same<typeof count, StreamOutWithResponse<Line, { lines: number }>>(true);
  const { lines } = await count.response();
  lines.toFixed();
  await count.send({ text: 'x' });
  const tellRoom = await chat_room.tellRoom({ room: 'a' });
  same<typeof tellRoom, StreamOutWithResponse<Line, void>>(true);
  const countRoom = await chat_room.countRoom({ room: 'a' });
  (await countRoom.response()).lines.toFixed();
  const listen = await chat_room.listen();
  same<typeof listen, StreamIn<Said>>(true);
  const listenRoom = await chat_room.listenRoom({ room: 'a' });
  same<typeof listenRoom, StreamIn<Said>>(true);
  const nothing: void = await chat_room.hook();
  void nothing;

  // An endpoint's name is its own, also where the module has something of that name.
  (await chat_room.ref()).lines.toFixed();
  (await chat_room.Client()).lines.toFixed();
  const client: plain.Client = plain.ref();
  (await client.delete({ id: 1 }, { authData: { userID: 'u', admin: true } })).removed.valueOf();
  const none: users.Client = users.ref();
  void none;

  const data: AuthData | null = getAuthData();
  const admin: boolean | undefined = data?.admin;
  void admin;

  // @ts-expect-error a stream without a handshake takes none
  await chat_room.talk({ room: 'a' });
  // @ts-expect-error the handshake is missing
  await chat_room.join();
  // @ts-expect-error it is the other side that sends these
  await talk.send({ at: 1 });
  // @ts-expect-error files have no function
  await chat_room.files();
  // @ts-expect-error the auth data is not of the auth handler's type
  await plain.find({ id: 1 }, { authData: { userID: 'u' } });
  // @ts-expect-error null is no auth data
  await plain.find({ id: 1 }, { authData: null });
}
`;

const withoutAuth = `import { type AuthData, getAuthData } from '~encore/auth';
import { plain } from '~encore/clients';
export const user: string | undefined = getAuthData()?.userID;
export const data: AuthData = { userID: '' };
export async function use(): Promise<void> {
  await plain.find({ id: 1 }, {});
}
`;

const resolutions = {
  bundler: { module: 'preserve', moduleResolution: 'bundler', paths: { '~encore/*': ['./encore.gen/*'] } },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext', paths: { '~encore/*': ['./encore.gen/*/index.ts'] } },
};

function generated(source: Parameters<typeof generateClients>[0]): Record<string, string> {
  return Object.fromEntries(generateClients(source).map(({ path, text }) => [path, text]));
}

describe.each(Object.entries(resolutions))('with module resolution %s', (_, settings) => {
  test.each(compilers)('the modules of %s have the types of the handlers', async (tsc) => {
    expect(await compile({ ...sources, ...generated({ services, authHandler }), 'use.ts': uses }, settings, tsc)).toBe(
      '',
    );
  });

  test('the auth data is there without an auth handler', async () => {
    expect(await compile({ ...sources, ...generated({ services }), 'use.ts': withoutAuth }, settings)).toBe('');
  });
});

test('of an auth handler that its module keeps to itself, the id of the user is known', async () => {
  const kept = {
    ...sources,
    'users/auth.ts': sources['users/auth.ts'].replace('export const auth', 'const auth').concat('void auth;\n'),
  };
  const use = `import { getAuthData } from '~encore/auth';
export const user: string | undefined = getAuthData()?.userID;
// @ts-expect-error the type is not known here
export const admin = getAuthData()?.admin;
`;
  expect(await compile({ ...kept, ...generated({ services, authHandler }), 'use.ts': use }, resolutions.bundler)).toBe(
    '',
  );
});

test('without an auth handler the auth data says why there is none', async () => {
  await withFiles(generated({ services: [] }), async (root) => {
    const { getAuthData } = await import(join(root, 'encore.gen/auth/index.ts'));
    expect(getAuthData).toThrow('the application declares no auth handler');
  });
});

test('a module holds what its functions need, and no more', () => {
  const text = generated({ services, authHandler });
  expect(
    text['encore.gen/internal/clients/users.ts'],
  ).toBe(`// Generated by Fairlead from the endpoints of the application. Changes are overwritten.

/** The endpoints of the service, to be passed around. */
export interface Client {
}

export function ref(): Client {
  return {};
}
`);
  expect(text['encore.gen/internal/clients/plain.ts']).not.toContain('Stream');
  expect(text['encore.gen/internal/clients/chat-room.ts']).toContain(
    `return __call("chat-room", "join", handshake, opts);`,
  );
});
