import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { InfraConfig } from '../../../runtime/wire.ts';

export interface AppProcess {
  url: string;
  /** The lines of its log. */
  lines: Record<string, unknown>[];
  kill(signal: NodeJS.Signals): void;
  /** The code or the signal it ended with. */
  ended: Promise<number | string>;
  /** Waits for a line of the log. */
  line(matches: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
}

const running = new Set<ChildProcess>();

/** Runs a module of this directory as the entry of a process of an application, on a free port. */
export async function startProcess(
  module: string,
  config: InfraConfig,
  env: Record<string, string> = {},
): Promise<AppProcess> {
  const app = spawnProcess(module, config, env);
  const { port } = await Promise.race([
    app.line(({ message }) => message === 'application started'),
    app.ended.then((code) => Promise.reject(new Error(`${module} ended with ${code}: ${JSON.stringify(app.lines)}`))),
  ]);
  return Object.assign(app, { url: `http://127.0.0.1:${port}` });
}

/** As `startProcess`, without waiting for it to listen. */
export function spawnProcess(module: string, config: InfraConfig, env: Record<string, string> = {}): AppProcess {
  const directory = mkdtempSync(join(tmpdir(), 'fairlead-process-'));
  const path = join(directory, 'infra.config.json');
  writeFileSync(path, JSON.stringify(config));
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [fileURLToPath(new URL(module, import.meta.url))], {
    env: { PATH, NODE_COMPILE_CACHE, HOST: '127.0.0.1', PORT: '0', ENCORE_INFRA_CONFIG_PATH: path, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const lines: Record<string, unknown>[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (text) => lines.push(text.startsWith('{') ? JSON.parse(text) : { text }));
  }
  const ended = once(child, 'close').then(([code, signal]) => {
    running.delete(child);
    rmSync(directory, { recursive: true, force: true });
    return (code ?? signal) as number | string;
  });
  const line: AppProcess['line'] = (matches) =>
    until(() => lines.find(matches)).catch(() => {
      throw new Error(`no such line: ${lines.map((entry) => JSON.stringify(entry)).join('\n')}`);
    });
  return { url: '', lines, kill: (signal) => child.kill(signal), ended, line };
}

/** Ends every process that a test left. */
export async function killAll(): Promise<void> {
  const left = [...running];
  for (const child of left) child.kill('SIGKILL');
  await Promise.all(left.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'close')));
}

/** Asks until the answer is neither undefined nor false. */
export async function until<T>(ask: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (const deadline = Date.now() + 20_000; ; await sleep(20)) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error('waited for 20 seconds in vain');
  }
}
