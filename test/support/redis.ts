import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** The server's program. Undefined when there is none on this machine. */
export const redisServer = ['redis-server', 'valkey-server'].find(
  (program) => spawnSync(program, ['--version']).status === 0,
);

export interface TestRedis {
  /** `127.0.0.1:PORT`, without TLS. */
  host: string;
  /** `localhost:PORT`, with it, where there is a certificate. */
  tlsHost: string;
  /** As the user who may do everything. */
  run(...command: string[]): Promise<string>;
  /** Ends it as a crash would. What was in it is gone. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A throw-away Redis on free loopback ports. @param users lines of an ACL file; `default` may do everything unless they say otherwise */
export async function startRedis(
  program: string,
  { users = [], tls }: { users?: string[]; tls?: { cert: string; key: string } } = {},
): Promise<TestRedis> {
  const directory = mkdtempSync(join(tmpdir(), 'fairlead-redis-'));
  const [port, tlsPort] = [await freePort(), await freePort()];
  const file = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  const admin = 'user admin on >admin ~* &* +@all';
  const args = [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', '', '--appendonly', 'no'],
    ...['--aclfile', file('users.acl', `${[admin, ...users].join('\n')}\n`)],
    ...(tls
      ? [
          ...['--tls-port', String(tlsPort), '--tls-auth-clients', 'no'],
          ...['--tls-cert-file', file('cert.pem', tls.cert), '--tls-key-file', file('key.pem', tls.key)],
        ]
      : []),
  ];
  let child: ChildProcess | undefined;
  const start = async () => {
    child = spawn(program, args, { stdio: 'ignore' });
    for (const end = Date.now() + 20_000; ; await sleep(20)) {
      if (await answers(port)) return;
      if (child.exitCode !== null || Date.now() > end) throw new Error(`${program} did not start`);
    }
  };
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  await start();
  return {
    host: `127.0.0.1:${port}`,
    tlsHost: `localhost:${tlsPort}`,
    run: (...command) => ask(port, ...command),
    kill,
    start,
    async stop() {
      await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function answers(port: number): Promise<boolean> {
  return (await ask(port, 'PING').catch(() => '')).includes('PONG');
}

/** What the server says to a command, in its own protocol. */
async function ask(port: number, ...command: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const lines = [['AUTH', 'admin', 'admin'], command, ['QUIT']].map(
    (words) => `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`,
  );
  let said = '';
  socket.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  socket.write(lines.join(''));
  await once(socket, 'close');
  return said.split('\r\n').slice(1, -2).join('\n');
}
