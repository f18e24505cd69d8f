import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { commandLine } from '../../local/process-identity.ts';
import { ended, fairlead, start } from './fairlead.ts';
import { notesApplication, stateDirectory } from './notes-app.ts';

const config = `import path from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { alias: { '~encore': path.resolve(import.meta.dirname, './encore.gen') } },
});
`;

const direct = `import { afterEach, describe, expect, test, vi } from 'vitest';
import { appMeta } from 'encore.dev';
import * as auth from '~encore/auth';
import { db } from './database';
import { add, get, shout } from './notes';

afterEach(() => vi.restoreAllMocks());

test('an endpoint is a function', async () => {
  const note = await add({ text: 'direct' });
  expect(await get({ id: note.id })).toEqual(note);
  expect(note).toMatchObject({ text: 'direct?', author: null });
  expect(note.createdAt).toBeInstanceOf(Date);
});

test('nothing comes between: neither validation nor middleware nor authentication', async () => {
  expect((await add({ text: 'x' })).text).toBe('x?');
  expect(await shout({ text: 'quiet' })).toEqual({ text: 'quiet' });
});

test('who calls can be put in', async () => {
  expect(auth.getAuthData()).toBeNull();
  vi.spyOn(auth, 'getAuthData').mockReturnValue({ userID: 'ann', admin: true });
  expect((await add({ text: 'by ann' })).author).toBe('ann');
});

test('the database is a real one', async () => {
  await db.exec\`INSERT INTO notes (text) VALUES ('by query')\`;
  const texts = [];
  for await (const { text } of db.query<{ text: string }>\`SELECT text FROM notes WHERE text = 'by query'\`) texts.push(text);
  expect(texts).toEqual(['by query']);
});

test('the environment says what it is', () => {
  expect(appMeta()).toMatchObject({ appId: 'notes', environment: { name: 'test', type: 'test', cloud: 'local' } });
  expect(process.env.NODE_ENV).toBe('test');
});
`;

const client = `import { expect, test, vi } from 'vitest';
import { APIError, ErrCode } from 'encore.dev/api';
import * as auth from '~encore/auth';
import { notes } from '~encore/clients';

test('a call goes through the runtime', async () => {
  const note = await notes.add({ text: 'called' });
  expect(note.createdAt).toBeInstanceOf(Date);
  expect(await notes.get({ id: note.id })).toEqual(note);
});

test('what the schema refuses is refused', async () => {
  const call = notes.add({ text: 'x' });
  await expect(call).rejects.toBeInstanceOf(APIError);
  await expect(call).rejects.toMatchObject({ code: ErrCode.InvalidArgument });
  await expect(notes.get({ id: 'one' as never })).rejects.toMatchObject({ code: ErrCode.InvalidArgument });
});

test('errors keep their code and message', async () => {
  await expect(notes.get({ id: 1_000_000 })).rejects.toMatchObject({ code: ErrCode.NotFound, message: 'there is no such note' });
});

test('middleware wraps the endpoint, which asks for somebody', async () => {
  await expect(notes.shout({ text: 'quiet' })).rejects.toMatchObject({ code: ErrCode.Unauthenticated });
  expect(await notes.shout({ text: 'quiet' }, { authData: { userID: 'ann', admin: false } })).toEqual({ text: 'QUIET' });
});

test('auth data is that of the call, or of a spy', async () => {
  expect((await notes.add({ text: 'by ann' }, { authData: { userID: 'ann', admin: true } })).author).toBe('ann');
  vi.spyOn(auth, 'getAuthData').mockReturnValue({ userID: 'bob', admin: true });
  expect((await notes.add({ text: 'by bob' })).author).toBe('bob');
});

test('clients can be passed around', async () => {
  expect(Object.keys(notes.ref())).toEqual(['add', 'get', 'shout']);
});
`;

/** Two files that run at once: neither hears of the messages of the other. */
const messages = (name: string) => `import { expect, test, vi } from 'vitest';
import { add } from '../notes/notes';
import { heard } from './count';

test('a subscription receives what is published', async () => {
  await Promise.all([1, 2, 3].map((number) => add({ text: '${name} ' + number })));
  await vi.waitFor(() => expect(heard).toHaveLength(3), { timeout: 20_000, interval: 20 });
  await new Promise((done) => setTimeout(done, 300));
  expect(heard.toSorted()).toEqual(['${name} 1?', '${name} 2?', '${name} 3?']);
}, 30_000);
`;

const app = notesApplication({
  'vitest.config.ts': config,
  'notes/direct.test.ts': direct,
  'notes/client.test.ts': client,
  'statistics/first.test.ts': messages('first'),
  'statistics/second.test.ts': messages('second'),
});
const state = stateDirectory();
const at = ['--dir', app.path, '--state-dir', state.path];

afterAll(() => {
  app.remove();
  state.remove();
});

const places = ['/dev/shm', tmpdir()].filter((place) => existsSync(place));

/** What throw-away infrastructure of this process's runs is there. */
const leftOver = () =>
  places.flatMap((place) =>
    readdirSync(place)
      .filter((name) => name.startsWith('fairlead-test-'))
      .map((name) => join(place, name)),
  );

/** The server's process, by its data directory. */
const serverIn = (directory: string) =>
  Number.parseInt(readFileSync(join(directory, 'postgres/data/postmaster.pid'), 'utf8'), 10);

test('tests written for Encore.ts pass in vitest, in files that run at once, and nothing is left', async () => {
  await fairlead(['secret', 'set', 'Seal', '--type', 'local', ...at], { input: '?' });
  const before = leftOver();
  const { code, stdout, stderr } = await fairlead(['test', ...at]);
  expect({ code, output: code === 0 ? '' : `${stdout}${stderr}` }).toEqual({ code: 0, output: '' });
  expect(stdout).toMatch(/Test Files .*4 passed/);
  expect(existsSync(join(app.path, 'encore.gen/clients/index.ts'))).toBe(true);
  expect(leftOver()).toEqual(before);
  const { stdout: status } = await fairlead(['status', '--json', ...at]);
  expect(JSON.parse(status)).toMatchObject({ environments: [] });
}, 180_000);

test('arguments go to the script, and its exit code is ours', async () => {
  writeFileSync(
    join(app.path, 'notes/failing.test.ts'),
    "import { expect, test } from 'vitest';\ntest('no', () => expect(1).toBe(2));\n",
  );
  try {
    const { code, stdout } = await fairlead(['test', ...at, '--', 'failing', '--no-color']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/Tests +1 failed \(1\)/);
  } finally {
    rmSync(join(app.path, 'notes/failing.test.ts'));
  }
}, 120_000);

test("Encore's own package may be installed: the runtime is ours all the same", async () => {
  const other = notesApplication({
    'vitest.config.ts': config,
    'notes/direct.test.ts': direct,
    'package.json': JSON.stringify({ name: 'notes', type: 'module', scripts: { test: 'vitest run' } }),
  });
  const modules = join(other.path, 'node_modules');
  const real = join(app.path, 'node_modules');
  rmSync(modules);
  mkdirSync(join(modules, 'encore.dev'), { recursive: true });
  writeFileSync(
    join(modules, 'encore.dev/package.json'),
    JSON.stringify({
      name: 'encore.dev',
      type: 'module',
      exports: { '.': './mod.js', './api': './mod.js', './storage/sqldb': './mod.js' },
    }),
  );
  writeFileSync(join(modules, 'encore.dev/mod.js'), "throw new Error('ENCORE_RUNTIME_LIB is not set');\n");
  for (const name of ['vitest', 'vite', '.bin']) symlinkSync(join(real, name), join(modules, name));
  try {
    const { code, stdout, stderr } = await fairlead(['test', '--dir', other.path, '--state-dir', state.path]);
    expect({ code, output: code === 0 ? '' : `${stdout}${stderr}` }).toEqual({ code: 0, output: '' });
  } finally {
    other.remove();
  }
}, 120_000);

test('what a killed run left is removed by the next', async () => {
  writeFileSync(
    join(app.path, 'notes/slow.test.ts'),
    "import { test } from 'vitest';\ntest('slow', async () => { console.log('waiting'); await new Promise((done) => setTimeout(done, 5000)); }, 10_000);\n",
  );
  const before = leftOver();
  const child = start(['test', ...at, '--', 'slow', '--disable-console-intercept']);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.resume();
  while (!output.includes('waiting')) await once(child.stdout, 'data');
  const [directory] = leftOver().filter((one) => !before.includes(one));
  const server = serverIn(directory!);
  expect(commandLine(server)).toContain(directory);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(leftOver()).toContain(directory);

  rmSync(join(app.path, 'notes/slow.test.ts'));
  await fairlead(['test', ...at, '--', 'direct']);
  expect(leftOver()).not.toContain(directory);
  expect(commandLine(server)).not.toContain(directory);
}, 180_000);

test('a signal ends the tests, and then everything is gone', async () => {
  writeFileSync(
    join(app.path, 'notes/slow.test.ts'),
    "import { test } from 'vitest';\ntest('slow', async () => { console.log('waiting'); await new Promise((done) => setTimeout(done, 60_000)); }, 90_000);\n",
  );
  const before = leftOver();
  const child = start(['test', ...at, '--', 'slow', '--disable-console-intercept']);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const end = ended(child);
  while (!output.includes('waiting')) await sleep(50);
  child.kill('SIGTERM');
  expect((await end).code).not.toBe(0);
  rmSync(join(app.path, 'notes/slow.test.ts'));
  expect(leftOver()).toEqual(before);
}, 120_000);

test('without a script there is nothing to run', async () => {
  const bare = notesApplication({ 'package.json': '{"name":"notes","type":"module"}' });
  try {
    const { code, stderr } = await fairlead(['test', '--dir', bare.path, '--state-dir', state.path]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error FL5023: notes has no tests/);
  } finally {
    bare.remove();
  }
}, 60_000);

test('the example of the guide passes', async () => {
  const guide = readFileSync(resolve(import.meta.dirname, '../../docs/testing.md'), 'utf8');
  const files = [...guide.matchAll(/^```\w+ (\S+)\n(.*?)^```$/gms)].map(([, path, text]) => [path!, text!] as const);
  expect(files.map(([path]) => path)).toEqual([
    'package.json',
    'vitest.config.ts',
    'orders/orders.test.ts',
    'notifications/notifications.test.ts',
  ]);
  const shop = notesApplication();
  rmSync(shop.path, { recursive: true });
  cpSync(resolve(import.meta.dirname, '../../examples/shop'), shop.path, { recursive: true });
  for (const [path, text] of files) writeFileSync(join(shop.path, path), text);
  symlinkSync(join(app.path, 'node_modules'), join(shop.path, 'node_modules'));
  try {
    const { code, stdout, stderr } = await fairlead(['test', '--dir', shop.path, '--state-dir', state.path]);
    expect({ code, output: code === 0 ? '' : `${stdout}${stderr}` }).toEqual({ code: 0, output: '' });
    expect(stdout).toMatch(/Tests .*3 passed/);
  } finally {
    shop.remove();
  }
}, 120_000);
