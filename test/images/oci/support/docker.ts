import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Docker engine of our own, which shares nothing with one that may run on this machine. */
export interface Engine extends AsyncDisposable {
  /** Runs the client; its answer. @throws Error with what it says when it fails */
  docker(...args: string[]): string;
  /** `unix:///…` */
  host: string;
}

/** Whether an engine can be started here: it takes root on Linux, the engine and its client. */
export const hasEngine =
  process.getuid?.() === 0 && ['dockerd', 'docker'].every((tool) => spawnSync(tool, ['--version']).status === 0);

/** Starts an engine that keeps everything in a directory of its own and leaves the machine's network alone. */
export async function startEngine(): Promise<Engine> {
  const directory = await mkdtemp(join(tmpdir(), 'fairlead-docker-'));
  const host = `unix://${directory}/socket`;
  const child = spawn(
    'dockerd',
    [
      ...['--host', host, '--pidfile', join(directory, 'pid')],
      ...['--data-root', join(directory, 'data'), '--exec-root', join(directory, 'exec')],
      ...['--bridge=none', '--iptables=false', '--log-level=error'],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const docker = (...args: string[]): string =>
    execFileSync('docker', ['--host', host, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await unmount(directory);
    await rm(directory, { recursive: true, force: true });
  };
  while (spawnSync('docker', ['--host', host, 'info']).status !== 0) {
    if (child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 100));
    else {
      await stop();
      throw new Error(`the engine did not start: ${said}`);
    }
  }
  return { docker, host, [Symbol.asyncDispose]: stop };
}

/** Containers in the host's network make the engine mount a file, which it leaves behind. */
async function unmount(directory: string): Promise<void> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
  const ours = mounts.filter((path) => path.startsWith(`${directory}/`)).reverse();
  if (ours.length > 0) execFileSync('umount', ours);
}
