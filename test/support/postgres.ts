import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { chooseAccount } from '../../local/postgres/account.ts';
import { findBinaries } from '../../local/postgres/binaries.ts';

export interface TestPostgres {
  host: string;
  port: number;
  user: string;
  password: string;
  /** Runs statements one by one as the superuser; answers the rows of the last. */
  run(database: string, ...statements: string[]): Promise<Record<string, unknown>[]>;
  /** Stops the server as a crash would, and starts it again on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A throw-away server: real PostgreSQL on a free loopback port, not made to survive the machine. */
export async function startPostgres(): Promise<TestPostgres> {
  const directory = mkdtempSync(join(tmpdir(), 'fairlead-postgres-'));
  const account = chooseAccount();
  if (account) chownSync(directory, account.uid, account.gid);
  chmodSync(directory, 0o711);
  const as = account ? { uid: account.uid, gid: account.gid, cwd: directory } : { cwd: directory };
  const binaries = findBinaries(directory, account);
  const data = join(directory, 'data');
  const [user, password] = ['admin', 'p@ss/w:rd'];
  const passwordFile = join(directory, 'password');
  writeFileSync(passwordFile, password, { mode: 0o644 });
  const { status, stderr } = spawnSync(
    binaries.initdb,
    [
      '-D',
      data,
      '-U',
      user,
      '-A',
      'scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--no-sync',
      '--locale=C',
      '-E',
      'UTF8',
    ],
    { ...as, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`initdb failed: ${stderr}`);
  const port = await freePort();
  const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: '', fsync: 'off', timezone: 'UTC' };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const run: TestPostgres['run'] = async (database, ...statements) => {
    const client = new Client({ host: '127.0.0.1', port, user, password, database });
    client.on('error', () => {});
    await client.connect();
    try {
      let rows: Record<string, unknown>[] = [];
      for (const statement of statements) ({ rows } = await client.query(statement));
      return rows;
    } finally {
      await client.end();
    }
  };
  let server = await boot();

  async function boot(): Promise<ChildProcess> {
    const child = spawn(binaries.postgres, ['-D', data, ...args], { ...as, stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      log += text;
    });
    for (const deadline = Date.now() + 30_000; ; await sleep(20)) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`PostgreSQL did not start: ${log}`);
      if (await run('postgres', 'SELECT 1').catch(() => undefined)) return child;
    }
  }

  async function end(): Promise<void> {
    const ended = once(server, 'exit');
    server.kill('SIGQUIT');
    await ended;
  }

  return {
    host: '127.0.0.1',
    port,
    user,
    password,
    run,
    async restart() {
      await end();
      server = await boot();
    },
    async stop() {
      await end();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
