import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** Google Cloud Storage as others understand it. */
export interface FakeGcs {
  /** `http://127.0.0.1:PORT` */
  endpoint: string;
  createBucket(name: string, options?: { versioned?: boolean }): Promise<void>;
  stop(): Promise<void>;
}

const version = '1.55.1';
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'fairlead', 'test');
const program = join(cache, `fake-gcs-server-${version}`, 'bin', 'fake-gcs-server');

/** Its program, as `.ci/install-peers` installs it. Undefined where that was not done. */
export const fakeGcs: string | undefined = existsSync(program) ? program : undefined;

export async function startFakeGcs(path: string): Promise<FakeGcs> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const args = ['-scheme', 'http', '-host', '127.0.0.1', '-port', `${port}`, '-backend', 'memory'];
  const child = spawn(path, [...args, '-public-host', `127.0.0.1:${port}`, '-external-url', endpoint], {
    stdio: 'ignore',
  });
  const createBucket: FakeGcs['createBucket'] = async (name, { versioned = false } = {}) => {
    const body = JSON.stringify({ name, ...(versioned && { versioning: { enabled: true } }) });
    const headers = { 'content-type': 'application/json' };
    const { ok, status } = await fetch(`${endpoint}/storage/v1/b?project=test`, { method: 'POST', headers, body });
    if (!ok) throw new Error(`the bucket ${name} cannot be made: ${status}`);
  };
  const stop = () => stopped(child);
  for (let attempt = 0; attempt < 600 && child.exitCode === null; attempt += 1) {
    const answers = fetch(`${endpoint}/storage/v1/b?project=test`).then(({ ok }) => ok);
    if (await answers.catch(() => false)) return { endpoint, createBucket, stop };
    await sleep(20);
  }
  await stop();
  throw new Error(`fake-gcs-server did not start at ${endpoint}`);
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
