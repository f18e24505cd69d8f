import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { ended, fairlead, start } from './fairlead.ts';
import { notesApplication, stateDirectory } from './notes-app.ts';

const app = notesApplication();
const state = stateDirectory();
const at = ['--dir', app.path, '--state-dir', state.path];

afterAll(async () => {
  await fairlead(['destroy', '--env', 'local', ...at]);
  app.remove();
  state.remove();
});

const hasPsql = spawnSync('psql', ['--version']).status === 0;
if (!hasPsql && process.env.CI) throw new Error('psql is not installed');

/** What a statement answers, on what `conn-uri` prints. */
async function query(sql: string): Promise<unknown[]> {
  const { stdout } = await fairlead(['db', 'conn-uri', 'notes', '--quiet', ...at]);
  const client = new pg.Client(stdout.trim());
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

test('conn-uri is of a database that is made when it is not there, as its owner', async () => {
  expect(await query('SELECT count(*)::int FROM notes')).toEqual([0]);
  await query("ALTER TABLE notes ADD COLUMN color text DEFAULT 'red'");
  const { stdout } = await fairlead(['db', 'conn-uri', 'notes', '--json', ...at]);
  expect(JSON.parse(stdout)).toEqual({
    environment: 'local',
    database: 'notes',
    uri: expect.stringMatching(
      /^postgresql:\/\/notes_local_\w+:[\w-]+@127\.0\.0\.1:\d+\/notes_local_notes_\w+\?sslmode=disable$/,
    ),
  });
}, 60_000);

(hasPsql ? test : test.skip)(
  'shell is psql, whatever variables of its own are about',
  async () => {
    const { code, stdout } = await fairlead(
      ['db', 'shell', 'notes', ...at, '--', '-At', '-c', 'SELECT count(*) FROM notes'],
      {
        env: { PGPORT: '1', PGOPTIONS: '-c nonsense=1', PGDATABASE: 'other' },
      },
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: '0\n' });
    const typed = await ended(start(['db', 'shell', 'notes', ...at, '--', '-At']), 'SELECT 6 * 7;\n');
    expect(typed).toMatchObject({ code: 0, stdout: '42\n' });
    expect(await fairlead(['db', 'shell', 'notes', ...at, '--', '-c', 'SELEC'])).toMatchObject({ code: 1 });
  },
  60_000,
);

test('proxy leads to all databases without their passwords, also after a reset, and ends with Ctrl-C', async () => {
  const proxy = start(['db', 'proxy', '--json', ...at]);
  const end = ended(proxy);
  const [line] = await once(createInterface({ input: proxy.stdout }), 'line');
  const { port, ...listening } = JSON.parse(line as string) as { port: number };
  const uri = `postgresql://127.0.0.1:${port}/notes?sslmode=disable`;
  expect(listening).toEqual({ event: 'listening', environment: 'local', databases: [{ name: 'notes', uri }] });
  const ask = async () => {
    const client = new pg.Client({ connectionString: uri, user: 'me', password: 'whatever' });
    await client.connect();
    const { rows } = await client.query({ text: 'SELECT count(*)::int FROM notes', rowMode: 'array' });
    await client.end();
    return rows;
  };
  expect(await ask()).toEqual([[0]]);
  if (hasPsql) expect(spawnSync('psql', [uri, '-Atc', 'SELECT 6 * 7'], { encoding: 'utf8' }).stdout).toBe('42\n');
  const reset = await fairlead(['db', 'reset', 'notes', '--yes', '--quiet', ...at]);
  expect([reset.code, reset.stderr]).toEqual([0, '']);
  expect(await ask()).toEqual([[0]]);
  const taken = await fairlead(['db', 'proxy', '--port', String(port), '--quiet', ...at]);
  expect(taken.stderr).toMatch(/^error FL5027: the port \d+ cannot be had: .*EADDRINUSE/);
  proxy.kill('SIGINT');
  expect((await end).code).toBe(130);
}, 60_000);

test('databases in a cloud are out of reach, and it is said what to do instead', async () => {
  for (const command of [['proxy'], ['conn-uri', 'notes'], ['shell', 'notes']]) {
    const { code, stderr } = await fairlead([
      'db',
      ...command,
      '--env',
      'production',
      '--cloud',
      'aws',
      '--quiet',
      ...at,
    ]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^error FL5028: the databases of production are on aws/)]);
  }
});

test('without psql it is said what to install', async () => {
  const empty = join(state.path, 'no-programs');
  mkdirSync(empty, { recursive: true });
  const { code, stderr } = await fairlead(['db', 'shell', 'notes', ...at], { env: { PATH: empty } });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error FL5026: psql.*\nhelp: .*postgresql-client/);
});

test('a database that nobody declares is refused, by the names of those that there are', async () => {
  for (const command of [['conn-uri'], ['reset', '--yes']]) {
    const [name = '', ...options] = command;
    const { code, stderr } = await fairlead(['db', name, 'note', ...options, '--quiet', ...at]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error FL5024: local has no database note\nhelp: There is notes\./);
  }
  for (const command of [['conn-uri', 'notes'], ['proxy']]) {
    const { stderr } = await fairlead(['db', ...command, '--env', 'pr-7', '--quiet', ...at]);
    expect(stderr).toMatch(/^error FL5008: notes has no environment pr-7/);
  }
});

test('reset asks first, and takes names or all', async () => {
  const { code, stderr } = await fairlead(['db', 'reset', 'notes', '--quiet', ...at]);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^error FL5025: notes was not reset: it was not confirmed\nhelp: Type notes when a terminal asks/,
  );
  expect(await fairlead(['db', 'reset', ...at])).toMatchObject({ code: 2 });
  expect(await fairlead(['db', 'reset', 'notes', '--all', ...at])).toMatchObject({ code: 2 });
});

test('reset removes what is in a database, migrates it, and what runs goes on with it', async () => {
  const run = start(['run', '--json', ...at]);
  const end = ended(run);
  let url = '';
  for await (const line of createInterface({ input: run.stdout })) {
    const event = JSON.parse(line) as { event: string; url: string };
    if (event.event !== 'running') continue;
    url = event.url;
    break;
  }
  run.stdout.resume();
  const add = async (text: string) =>
    (await (await fetch(`${url}/notes`, { method: 'POST', body: JSON.stringify({ text }) })).json()) as unknown;
  try {
    expect(await add('before')).toMatchObject({ id: 1 });
    const { code, stdout } = await fairlead(['db', 'reset', '--all', '--yes', '--json', ...at]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ databases: ['notes'], migrations: [{ database: 'notes', version: 1 }] });
    expect(
      await query(
        "SELECT count(*)::int FROM information_schema.columns WHERE table_name = 'notes' AND column_name = 'color'",
      ),
    ).toEqual([0]);
    // The first request may still meet a connection that was cut.
    await add('cut').catch(() => {});
    expect(await add('after')).toMatchObject({ text: 'after' });
    expect(await query("SELECT text FROM notes WHERE text <> 'cut'")).toEqual(['after']);
  } finally {
    run.kill('SIGINT');
    await end;
  }
}, 120_000);

test('after a reset, a migration that had been applied may have been rewritten', async () => {
  const rewritten = join(app.path, 'notes/migrations/1_notes.up.sql');
  const runs = async () => {
    const run = start(['run', '--json', ...at]);
    const end = ended(run);
    for await (const line of createInterface({ input: run.stdout })) {
      const { event, diagnostics = [] } = JSON.parse(line) as { event: string; diagnostics?: { code: string }[] };
      if (event !== 'running' && event !== 'refused') continue;
      run.kill('SIGINT');
      await end;
      return [event, ...diagnostics.map(({ code }) => code)];
    }
    return [];
  };
  expect(await runs()).toEqual(['running']);
  appendFileSync(rewritten, 'CREATE TABLE marks (id bigint);\n');
  expect(await runs()).toEqual(['refused', 'FL3008']);
  expect(await fairlead(['db', 'reset', '--all', '--yes', '--quiet', ...at])).toMatchObject({ code: 0 });
  expect(await runs()).toEqual(['running']);
  appendFileSync(rewritten, 'CREATE TABLE more (id bigint);\n');
  expect(await runs()).toEqual(['refused', 'FL3008']);
}, 120_000);
