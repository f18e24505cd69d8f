import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { delimiter, join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { freePort } from '../../../../support/free-port.ts';
import { ownCertificate } from '../tls/certificate.ts';

/** Of an ACL: `on ~shop/* +@all`, and passwords. */
export interface CacheUser {
  name: string;
  access: string;
  passwords: string[];
}

/** The endpoint of a replication group: TLS ends here, and a real server is behind, started by the first connection. */
export interface CacheServer {
  host: string;
  port: number;
  /** Takes effect at once on a server that runs. */
  setUsers(users: CacheUser[]): Promise<void>;
  stop(): Promise<void>;
}

/** The program of a cache, where this machine has one. */
export const redisProgram: string | undefined = ['valkey-server', 'redis-server']
  .flatMap((name) => (process.env.PATH ?? '').split(delimiter).map((directory) => join(directory, name)))
  .find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

export async function serveCache(tls: boolean, first: CacheUser[]): Promise<CacheServer> {
  let users = first;
  let started: Promise<{ child: ChildProcess; port: number }> | undefined;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    const inner = tls ? new TLSSocket(socket, { isServer: true, ...ownCertificate() }) : socket;
    inner.on('error', () => socket.destroy());
    if (!redisProgram) {
      inner.end('-ERR the fake ElastiCache needs redis-server or valkey-server on this machine, and there is none\r\n');
      return;
    }
    started ??= start(redisProgram, users);
    started.then(
      ({ port }) => {
        const behind = connect(port, '127.0.0.1');
        behind.on('error', () => inner.destroy());
        behind.on('close', () => inner.destroy());
        inner.on('close', () => behind.destroy());
        inner.pipe(behind).pipe(inner);
      },
      (error) => inner.end(`-ERR ${(error as Error).message}\r\n`),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    async setUsers(next) {
      const gone = users.filter(({ name }) => name !== 'default' && !next.some((one) => one.name === name));
      users = next;
      const running = await started;
      if (running) await tell(running.port, [...gone.map(({ name }) => `ACL DELUSER ${name}`), ...users.map(command)]);
    },
    async stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
      const running = await started?.catch(() => undefined);
      if (!running || running.child.exitCode !== null) return;
      running.child.kill('SIGKILL');
      await once(running.child, 'exit');
    },
  };
}

/** Who sets up the others; nobody outside learns of it. */
const owner = { name: 'fake-elasticache', password: 'fake-elasticache' };

async function start(program: string, users: CacheUser[]): Promise<{ child: ChildProcess; port: number }> {
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = spawn(program, [...args, '--user', owner.name, 'on', `>${owner.password}`, '~*', '&*', '+@all'], {
    stdio: 'ignore',
  });
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const ready = await tell(port, users.map(command)).then(
      () => true,
      () => false,
    );
    if (ready) return { child, port };
    if (child.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  child.kill('SIGKILL');
  throw new Error(`${program} did not start`);
}

const command = ({ name, access, passwords }: CacheUser): string =>
  [
    'ACL SETUSER',
    name,
    'reset',
    access,
    ...(passwords.length > 0 ? passwords.map((one) => `>${one}`) : ['nopass']),
  ].join(' ');

/** Inline commands of the protocol, one after the other. @throws Error with what the server refused */
function tell(port: number, commands: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const answers = text.split('\r\n').slice(0, -1);
      const refused = answers.find((one) => one.startsWith('-'));
      if (refused) reject(new Error(refused.slice(1)));
      else if (answers.length === commands.length + 1) resolve();
      else return;
      socket.destroy();
    });
    socket.on('error', reject);
    socket.write([`AUTH ${owner.name} ${owner.password}`, ...commands].map((line) => `${line}\r\n`).join(''));
  });
}
