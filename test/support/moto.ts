import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { pythonWith } from './python.ts';

/** The interfaces of AWS, as others understand them, on a free loopback port. */
export interface Moto {
  /** `http://127.0.0.1:PORT` */
  endpoint: string;
  stop(): Promise<void>;
}

const version = '5.2.3';

/** The Python that has `moto`, installed once for this user. Undefined when there is no Python or the packages cannot be had. */
export const moto = pythonWith('moto', version, ['moto[server]']);

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

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
