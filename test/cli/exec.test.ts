import { once } from 'node:events';
import { chmodSync, existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { directoryWith, ended, fairlead, start } from './fairlead.ts';
import { notesApplication, stateDirectory } from './notes-app.ts';

const app = notesApplication({
  'seed.ts': `import { appMeta } from 'encore.dev';
import { notes } from '~encore/clients';
import { db } from './notes/database';

await db.exec\`TRUNCATE notes RESTART IDENTITY\`;
await notes.add({ text: 'seeded' });
const { name, type } = appMeta().environment;
console.log(JSON.stringify({ name, type }));
`,
  'read.ts': `import { SQLDatabase } from 'encore.dev/storage/sqldb';

console.log(JSON.stringify(await SQLDatabase.named('notes').queryAll\`SELECT id, text, author FROM notes\`));
`,
});
const state = stateDirectory();
const at = ['--dir', app.path, '--state-dir', state.path];

afterAll(async () => {
  await fairlead(['destroy', '--env', 'local', ...at]);
  app.remove();
  state.remove();
});

const exec = (...command: string[]) => fairlead(['exec', ...at, '--', ...command]);

test('a program works with the databases, topics and endpoints that it imports, and its data stays', async () => {
  await fairlead(['secret', 'set', 'Seal', '--type', 'local', ...at], { input: '!' });
  expect(await exec('node', 'seed.ts')).toEqual({
    code: 0,
    stdout: '{"name":"local","type":"development"}\n',
    stderr: '',
  });
  expect(await exec('node', 'read.ts')).toMatchObject({ stdout: '[{"id":1,"text":"seeded!","author":null}]\n' });
  const { stdout } = await fairlead(['status', '--json', ...at]);
  expect(JSON.parse(stdout)).toMatchObject({ environments: [{ environment: { name: 'local' }, state: 'stopped' }] });
}, 120_000);

test('input, output and the exit code are those of the program, and nothing is left of it', async () => {
  const child = start(['exec', ...at, '--', 'sh', '-c', 'cat; echo "$ENCORE_INFRA_CONFIG_PATH" >&2; exit 7']);
  const { code, stdout, stderr } = await ended(child, 'what is read\n');
  expect({ code, stdout }).toEqual({ code: 7, stdout: 'what is read\n' });
  expect(stderr).toMatch(/^\/.*infra\.config\.json\n$/);
  expect(existsSync(stderr.trim())).toBe(false);
}, 60_000);

test('where the kit runs on its own Node, the program does, whichever is on the PATH', async () => {
  const older = directoryWith({ node: '#!/bin/sh\necho too old\n' });
  chmodSync(join(older.path, 'node'), 0o755);
  const node = resolve(import.meta.dirname, '../../node_modules/node/bin/node');
  const env = { PATH: [older.path, process.env.PATH].join(delimiter) };
  try {
    const { stdout } = await fairlead(['exec', ...at, '--', 'node', '-p', 'process.execPath'], { node, env });
    expect(stdout).toBe(`${node}\n`);
  } finally {
    older.remove();
  }
}, 60_000);

test('a signal is the program’s to handle', async () => {
  const program =
    "process.once('SIGTERM', () => { console.log('bye'); process.exitCode = 5; clearInterval(timer); }); const timer = setInterval(() => {}, 1000); console.log('up');";
  const child = start(['exec', ...at, '--', 'node', '-e', program]);
  const end = ended(child);
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  expect(await end).toMatchObject({ code: 5, stdout: 'up\nbye\n' });
}, 60_000);

test('one that a signal ended says so by its exit code', async () => {
  expect(await exec('sh', '-c', 'kill -KILL $$')).toMatchObject({ code: 137 });
}, 60_000);

test('a program that is not there is a coded error', async () => {
  const { code, stderr } = await exec('no-such-program');
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error FL5022: no-such-program cannot be started: there is no such program/);
}, 60_000);

test('without a program the command line is wrong', async () => {
  expect(await fairlead(['exec', ...at])).toMatchObject({ code: 2, stderr: expect.stringContaining('FL5001') });
});

test('while a migration is wrong the program is not started, and the migration is named', async () => {
  const broken = notesApplication({ 'notes/migrations/2_more.up.sql': 'ALTER TABLE notes ADD COLUMN x nonsense;\n' });
  const place = ['--dir', broken.path, '--state-dir', state.path];
  try {
    const { code, stdout, stderr } = await fairlead(['exec', ...place, '--', 'echo', 'started']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('FL4009');
    expect(stderr).toContain(join('notes', 'migrations', '2_more.up.sql'));
  } finally {
    broken.remove();
  }
}, 60_000);
