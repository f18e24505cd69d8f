import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { analyze } from '../../analyzer/mod.ts';
import { bundleProcesses } from '../../images/bundle/bundle-processes.ts';
import { primitivesOf } from '../../images/bundle/manifest.ts';
import { layerFor, readRuntimeLayer } from '../../images/bundle/runtime-layer.ts';
import { parseConfig } from '../../pipeline/config.ts';
import { inKit } from '../shop.ts';

/** What of each request is told. */
export interface Watched {
  /** A line. */
  logs?: boolean;
  /** A trace, to the collector at this URL. */
  traces?: string;
}

/** How a server is started. */
export interface Program {
  argv: string[];
  cwd: string;
  env: (watched: Watched) => Record<string, string>;
}

export const peers = ['fastify', 'express', 'bare'] as const;

/** The programs of the peers. */
export const peerPrograms = Object.fromEntries(
  peers.map((name): [string, Program] => [
    name,
    {
      argv: ['--disable-warning=ExperimentalWarning', inKit(`bench/http/peers/${name}.ts`)],
      cwd: inKit('.'),
      env: ({ logs, traces }) => ({
        ...{ NODE_ENV: 'production', LOGS: logs ? 'on' : 'off' },
        ...(traces && { COLLECTOR: traces, NODE_OPTIONS: `--import=${inKit('bench/http/peers/traced.ts')}` }),
      }),
    },
  ]),
) as Record<(typeof peers)[number], Program>;

/** An application as its image has it, in a directory that goes at the end. */
export async function buildProgram(files: Record<string, string>): Promise<Program & AsyncDisposable> {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'fairlead-bench-')));
  const root = join(home, 'application');
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  await symlink(inKit('node_modules'), join(root, 'node_modules'));
  const program = await writeProgram(root, join(home, 'image'));
  return { ...program, [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }) };
}

/** Bundles the application in `root` as one process, into `target`. */
export async function writeProgram(root: string, target: string): Promise<Program> {
  const { graph, diagnostics } = await analyze({ root, runtime: inKit('runtime') });
  if (!graph) throw new Error(JSON.stringify(diagnostics));
  const layer = await readRuntimeLayer(inKit('runtime'));
  const platform = `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const bundles = await bundleProcesses(
    { root, graph, layer, platforms: [platform] },
    parseConfig('{}', 'fairlead.json'),
  );
  const whole = bundles.find(({ key }) => key === 'all-in-one/app')!;
  const { files } = layerFor(layer, primitivesOf(graph, whole.process));
  for (const { path, bytes } of [...whole.files, ...files]) {
    await mkdir(dirname(join(target, path)), { recursive: true });
    await writeFile(join(target, path), bytes);
  }
  return {
    argv: ['--enable-source-maps', 'main.mjs'],
    cwd: target,
    env: ({ logs, traces }) => ({
      ...{ NODE_ENV: 'production', HOST: '127.0.0.1' },
      ...(!logs && { ENCORE_NOLOG: '1' }),
      ...(traces && {
        FAIRLEAD_INFRA_CONFIG: JSON.stringify({ fairlead: { version: 1, telemetry: { otlp: traces } } }),
      }),
    }),
  };
}

/** A server that runs. */
export interface Running extends AsyncDisposable {
  origin: string;
  /** Milliseconds from the start of the process to its first answer. */
  start: number;
  /** CPU time so far, in milliseconds; undefined where the system does not tell. */
  cpu(): Promise<number | undefined>;
  /** MiB; undefined where the system does not tell. */
  memory(): Promise<number | undefined>;
}

/** Starts a server on a core of its own, where the system can do that, and waits until it answers `path`. */
export async function startServer(program: Program, path: string, watched: Watched = {}): Promise<Running> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const [command, ...argv] = pinned(1, [process.execPath, ...program.argv]);
  const began = performance.now();
  const child = spawn(command!, argv, {
    cwd: program.cwd,
    env: { PATH: process.env.PATH, ...program.env(watched), PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const start = (await firstAnswer(child, `${origin}${path}`)) - began;
  return {
    origin,
    start,
    cpu: () => cpuOf(child.pid!),
    memory: () => memoryOf(child.pid!),
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function firstAnswer(child: ChildProcess, url: string): Promise<number> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    // Refused until the server listens.
    const response = await fetch(url).catch(() => undefined);
    if (response) {
      await response.arrayBuffer();
      return performance.now();
    }
    await sleep(2);
  }
}

/** The command on one core alone, so that what asks does not take the time of what answers. */
export function pinned(core: number, command: string[]): string[] {
  if (availableParallelism() < 2) return command;
  try {
    execFileSync('taskset', ['-c', String(core), 'true'], { stdio: 'ignore' });
    return ['taskset', '-c', String(core), ...command];
  } catch {
    return command;
  }
}

/** From `/proc`, which is on Linux alone: user and system time in ticks of 10 ms. */
async function cpuOf(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** From `/proc`, which is on Linux alone: what is in memory, in MiB. */
async function memoryOf(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => undefined);
  const [, kibibytes] = /^VmRSS:\s+(\d+)/m.exec(status ?? '') ?? [];
  return kibibytes === undefined ? undefined : Number(kibibytes) / 1024;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}
