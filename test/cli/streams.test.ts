import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { until } from '../runtime/support/process.ts';
import { openClient, refusal } from '../runtime/support/stream-client.ts';
import { directoryWith, fairlead, runningAt, start } from './fairlead.ts';

// The chat of docs/streams.md, as it stands there: from its sources to a process, behind the door of this machine.

const guide = readFileSync(new URL('../../docs/streams.md', import.meta.url), 'utf8');

/** The first block of code after the guide names a file. */
function codeOf(file: string): string {
  const [, code] = guide.slice(guide.indexOf(`\`${file}\``)).match(/```\w+\n(.*?)```/s) ?? [];
  if (code === undefined) throw new Error(`the guide has no ${file}`);
  return code;
}

const app = directoryWith({
  'package.json': '{"name":"harbour","type":"module"}',
  'chat/chat.ts': codeOf('chat/chat.ts'),
  'chat/page/index.html': codeOf('chat/page/index.html'),
  'client.mjs': codeOf('client.mjs'),
});
const state = directoryWith();
const at = ['--dir', app.path, '--state-dir', state.path];
let child: ReturnType<typeof start>;
let url: string;

beforeAll(async () => {
  child = start(['run', '--json', ...at]);
  url = await runningAt(child);
}, 180_000);

afterAll(async () => {
  const end = once(child, 'close');
  child.kill('SIGTERM');
  await end;
  await fairlead(['destroy', '--env', 'local', ...at]);
  app.remove();
  state.remove();
}, 60_000);

test('whoever is in a room reads what anybody says in it', async () => {
  const [ann, bob, elsewhere] = await Promise.all([
    openClient(`${url}/rooms/harbour?name=Ann`),
    openClient(`${url}/rooms/harbour?name=Bob`),
    openClient(`${url}/rooms/lighthouse?name=Eve`),
  ]);
  ann.send({ text: 'Ahoy' });
  const said = { name: 'Ann', text: 'Ahoy', at: expect.stringMatching(/^\d{4}-.*Z$/) };
  expect([await ann.next(), await bob.next()]).toEqual([said, said]);
  bob.socket.close();
  await bob.closed;
  ann.send({ text: 'Anybody?' });
  expect(await ann.next()).toMatchObject({ text: 'Anybody?' });
  expect(elsewhere.messages).toEqual([]);
  for (const { socket } of [ann, elsewhere]) socket.close();
});

test('the page of the guide sends and shows lines', async () => {
  const page = await (await fetch(`${url}/index.html`)).text();
  const [, script] = page.match(/<script>(.*)<\/script>/s) ?? [];
  if (script === undefined) throw new Error(`no page: ${page}`);
  const [form, input, shown] = [{ onsubmit: (_: object) => {} }, { value: '' }, [] as string[]];
  const elements: Record<string, object> = {
    form,
    text: input,
    lines: { append: (line: { textContent: string }) => shown.push(line.textContent) },
  };
  const document = { getElementById: (id: string) => elements[id], createElement: () => ({ textContent: '' }) };
  const sockets: WebSocket[] = [];
  class Seen extends WebSocket {
    constructor(...given: ConstructorParameters<typeof WebSocket>) {
      super(...given);
      sockets.push(this);
    }
  }
  new Function('document', 'location', 'WebSocket', script)(document, new URL(url), Seen);
  const [socket] = sockets as [WebSocket];
  await once(socket as never, 'open');
  const other = await openClient(`${url}/rooms/harbour?name=Bob`);
  input.value = 'Land';
  form.onsubmit({ preventDefault() {} });
  expect(await other.next()).toMatchObject({ name: 'Ann', text: 'Land' });
  other.send({ text: 'Where?' });
  await other.next();
  // The page has a socket of its own, whose messages may come later.
  await until(() => shown.length === 2);
  expect(shown).toEqual(['Ann: Land', 'Bob: Where?']);
  expect(input.value).toBe('');
  socket.close();
  other.socket.close();
});

test('the client of the guide runs in Node', async () => {
  const client = spawn(process.execPath, [join(app.path, 'client.mjs'), url]);
  expect([await text(client.stdout), await text(client.stderr)]).toEqual(['Ahoy\n', '']);
});

test('the answer of a stream of messages in comes through the door', async () => {
  const client = await openClient(`${url}/words`);
  client.send({ text: 'all hands' });
  client.send({ text: 'on deck', last: true });
  expect(await client.next()).toEqual({ words: 4 });
  expect(await client.closed).toEqual({ code: 1000, reason: '' });
});

test('what is refused is refused through the door, too', async () => {
  expect(await refusal(`${url}/rooms/harbour`)).toMatchObject({
    status: 400,
    body: { message: 'unable to decode query string: missing field name' },
  });
});
