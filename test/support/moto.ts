import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** The interfaces of AWS, as others understand them, on a free loopback port. */
export interface Moto {
  /** `http://127.0.0.1:PORT` */
  endpoint: string;
  stop(): Promise<void>;
}

const version = '5.2.3';

/** The Python that has `moto`, installed once for this user. Undefined when there is no Python or the packages cannot be had. */
export const moto = installMoto();

export async function startMoto(python: string): Promise<Moto> {
  const port = await freePort();
  const args = ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)];
  const child = spawn(python, args, { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  const stop = () => stopped(child);
  for (let attempt = 0; attempt < 600 && child.exitCode === null; attempt += 1) {
    if (
      await fetch(`${endpoint}/moto-api/`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return { endpoint, stop };
    await sleep(50);
  }
  await stop();
  throw new Error(`moto did not start at ${endpoint}`);
}

function installMoto(): string | undefined {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'fairlead', 'test');
  const place = join(cache, `moto-${version}`);
  const python = join(place, 'bin', 'python');
  if (existsSync(python)) return python;
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, 'install-'));
  const run = (program: string, ...args: string[]) =>
    spawnSync(program, args, { stdio: 'ignore', timeout: 300_000 }).status === 0;
  try {
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `moto[server]==${version}`];
    if (!run('python3', '-m', 'venv', draft) || !run(join(draft, 'bin', 'python'), ...pip)) return undefined;
    renameSync(draft, place);
    return python;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
