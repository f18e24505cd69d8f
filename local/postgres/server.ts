import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { UserError } from '../../pipeline/user-error.ts';
import { freePort, isFree, keptPorts } from '../free-port.ts';
import type { Keys } from '../keys.ts';
import type { Locks } from '../lock.ts';
import { commandLine, identify, isAlive, type ProcessIdentity, signal } from '../process-identity.ts';
import { makeDirectory, readJson, type State, stateError, writeJson } from '../state.ts';
import { type Account, barrier, chooseAccount } from './account.ts';
import { findBinaries } from './binaries.ts';

/** Milliseconds a server may take to answer, also when it recovers from a crash first, or to stop. */
const patience = 60_000;

const superuser = 'fairlead_admin';

/** The one PostgreSQL server of this machine's environments. */
export interface Server {
  port: number;
  /**
   * Runs `work` connected to a database: as the superuser, for whom names without a schema are PostgreSQL's own whatever an
   * application has set or made there, or as another role that we made, with its own settings.
   */
  connect<T>(database: string, work: (client: Client) => Promise<T>, role?: string): Promise<T>;
}

export interface ServerOptions {
  /** Whether its data may be lost when the machine stops: then nothing waits for the disk. @default false */
  throwAway?: boolean;
}

/**
 * The running server: found, or started, or made. Any number of processes may ask at once.
 * @throws UserError FL4005, FL4006 or FL4007 when it cannot run here; FL4002 and FL4003 when its files cannot be written
 */
export function ensureServer(
  state: State,
  keys: Keys,
  locks: Locks,
  { throwAway = false }: ServerOptions = {},
): Promise<Server> {
  return locks.hold('postgres', async () => {
    const running = await awaitServer(state, keys);
    if (running) return running;
    const account = chooseAccount();
    makeDirectory(state.postgres);
    if (account) admit(state.postgres, account);
    const binaries = findBinaries(state.postgres, account);
    if (!hasData(state)) initialize(state, keys, binaries.initdb, account, throwAway);
    await endRemains(state);
    const port = await choosePort(state);
    await start(state, keys, binaries.postgres, account, configuration(port, throwAway));
    return serverAt(port, keys);
  });
}

/** The server if it runs, and is ours: it knows our password and its data is in our directory. */
export async function findServer(state: State, keys: Keys): Promise<Server | undefined> {
  const port = readJson<{ port: number }>(settingsOf(state), { port: 'number' })?.port;
  if (port === undefined) return undefined;
  const server = serverAt(port, keys);
  try {
    return await server.connect('postgres', async (client) => {
      const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
      return rows[0]?.data_directory === dataOf(state) ? server : undefined;
    });
  } catch {
    return undefined;
  }
}

/** Whether there is anything on a server, running or not. */
export function hasData(state: State): boolean {
  return existsSync(dataOf(state));
}

/** Whether its process is there, which says little of whether it answers, and costs next to nothing. */
export function isServerRunning(state: State): boolean {
  return postmaster(state) !== undefined;
}

/** The server as soon as it answers, if it runs: it may just be starting, recovering from a crash, or stopping. */
async function awaitServer(state: State, keys: Keys): Promise<Server | undefined> {
  for (const deadline = Date.now() + patience; postmaster(state) && Date.now() < deadline; await sleep(20)) {
    const server = await findServer(state, keys);
    if (server) return server;
  }
  return undefined;
}

/** Stops the server and removes its files unless `needed` says that an environment came to need it meanwhile. */
export function removeServer(state: State, locks: Locks, needed: () => boolean): Promise<boolean> {
  return locks.hold('postgres', async () => {
    if (needed() || !existsSync(state.postgres)) return false;
    await endRemains(state);
    rmSync(state.postgres, { recursive: true, force: true });
    return true;
  });
}

function serverAt(port: number, keys: Keys): Server {
  return {
    port,
    async connect(database, work, role = superuser) {
      const client = new Client({
        host: '127.0.0.1',
        port,
        user: role,
        password: keys('password', role),
        database,
        connectionTimeoutMillis: 10_000,
        // Wins over what ALTER DATABASE and ALTER ROLE have set.
        ...(role === superuser && { options: '-c search_path=pg_catalog' }),
      });
      // A connection that breaks also fails the query at hand; the event alone must not end the process.
      client.on('error', () => {});
      await client.connect();
      try {
        return await work(client);
      } finally {
        await client.end();
      }
    },
  };
}

const dataOf = (state: State): string => join(state.postgres, 'data');
const settingsOf = (state: State): string => join(state.postgres, 'server.json');
const logOf = (state: State): string => join(state.postgres, 'server.log');

/** Lets the account into the server's directory. */
function admit(directory: string, account: Account): void {
  const obstacle = barrier(directory, account);
  if (obstacle)
    throw new UserError({
      code: 'FL4005',
      severity: 'error',
      message: `PostgreSQL runs as the user ${account.name}, since it refuses to run as root, and that user cannot enter ${obstacle}`,
      help: 'Name a state directory that every user can reach with FAIRLEAD_STATE_DIR, such as /var/lib/fairlead, or run Fairlead as an ordinary user.',
    });
  chownSync(directory, account.uid, account.gid);
  chmodSync(directory, 0o711);
}

/** Makes the data directory under another name first, so that it is either whole or not there. */
function initialize(state: State, keys: Keys, initdb: string, account: Account | undefined, throwAway: boolean): void {
  const unfinished = `${dataOf(state)}.unfinished`;
  const passwordFile = join(state.postgres, 'password');
  try {
    rmSync(unfinished, { recursive: true, force: true });
    writeFileSync(passwordFile, `${keys('password', superuser)}\n`, { mode: 0o600 });
    if (account) chownSync(passwordFile, account.uid, account.gid);
    const { status, stderr, error } = spawnSync(
      initdb,
      [
        ...['-D', unfinished, '-U', superuser, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8'],
        ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions'],
        ...(throwAway ? ['--no-sync'] : []),
      ],
      { ...as(account), cwd: state.postgres, encoding: 'utf8' },
    );
    if (error) throw error;
    if (status !== 0) throw cannotStart('initdb failed', stderr, state);
    writeFileSync(join(unfinished, 'pg_hba.conf'), 'host all all 127.0.0.1/32 scram-sha-256\n');
    renameSync(unfinished, dataOf(state));
  } catch (error) {
    throw stateError(error, state.postgres);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** The former port wherever possible: running processes know it. */
async function choosePort(state: State): Promise<number> {
  const former = readJson<{ port: number }>(settingsOf(state), { port: 'number' })?.port;
  return former !== undefined && (await isFree(former)) ? former : freePort(`postgres ${state.directory}`, keptPorts);
}

/**
 * Starts the server as a process of its own session that outlives us. Not by `pg_ctl`, which hands its arguments to a shell.
 */
async function start(
  state: State,
  keys: Keys,
  postgres: string,
  account: Account | undefined,
  { port, text }: Configuration,
): Promise<void> {
  let log: number;
  try {
    writeFileSync(join(dataOf(state), 'postgresql.conf'), text);
    writeJson(settingsOf(state), { port });
    log = openSync(logOf(state), 'w', 0o600);
  } catch (error) {
    throw stateError(error, state.postgres);
  }
  const child = spawn(postgres, ['-D', dataOf(state)], {
    ...as(account),
    cwd: state.postgres,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let ended = false;
  child.once('error', () => {
    ended = true;
  });
  child.once('exit', () => {
    ended = true;
  });
  child.unref();
  for (const deadline = Date.now() + patience; ; await sleep(20)) {
    if (await findServer(state, keys)) break;
    if (ended || Date.now() > deadline) throw cannotStart('it did not start', readLog(state), state);
  }
}

interface Configuration {
  port: number;
  /** `postgresql.conf`. */
  text: string;
}

/** Loopback TCP only: the path of a socket may be longer than systems allow. Statements may hold passwords and are not logged. */
function configuration(port: number, throwAway: boolean): Configuration {
  const text = `# Written by Fairlead at every start.
listen_addresses = '127.0.0.1'
port = ${port}
unix_socket_directories = ''
max_connections = 400
shared_buffers = '64MB'
password_encryption = 'scram-sha-256'
wal_level = minimal
max_wal_senders = 0
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_min_error_statement = panic
`;
  return { port, text: throwAway ? text + withoutDurability : text };
}

/** Also its shared memory is among its files then, and goes with them however it ended. */
const withoutDurability = `fsync = off
synchronous_commit = off
full_page_writes = off
dynamic_shared_memory_type = mmap
`;

/** Ends a server that holds the data directory but does not serve us, and clears the way for the next one. */
async function endRemains(state: State): Promise<void> {
  const remains = postmaster(state);
  if (remains) {
    signal(remains, 'SIGINT');
    for (const deadline = Date.now() + patience; isAlive(remains); await sleep(20))
      if (Date.now() > deadline) signal(remains, 'SIGKILL');
  }
  // Left by a crash, it may name a process that is a stranger by now, which PostgreSQL would not dare to ignore.
  rmSync(join(dataOf(state), 'postmaster.pid'), { force: true });
}

/** The server process of the data directory, recognized by its command line. */
function postmaster(state: State): ProcessIdentity | undefined {
  const file = join(dataOf(state), 'postmaster.pid');
  const pid = existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : Number.NaN;
  return pid > 0 && commandLine(pid).includes(dataOf(state)) ? identify(pid) : undefined;
}

function as(account: Account | undefined) {
  const env = { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' };
  return account ? { uid: account.uid, gid: account.gid, env } : { env };
}

function readLog(state: State): string {
  try {
    return readFileSync(logOf(state), 'utf8');
  } catch {
    return '';
  }
}

function cannotStart(what: string, output: string, state: State): unknown {
  if (/No space left on device/.test(output))
    return stateError(Object.assign(new Error(output), { code: 'ENOSPC' }), state.postgres);
  const last = output.trim().split('\n').slice(-3).join(' · ');
  return new UserError({
    code: 'FL4007',
    severity: 'error',
    message: `PostgreSQL cannot be run on this machine: ${what}${last ? `: ${last}` : ''}`,
    help: `Look into ${logOf(state)}, mend what it complains about, and run the command again.`,
  });
}
