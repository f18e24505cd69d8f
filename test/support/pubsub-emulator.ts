import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** Google's own emulator of Pub/Sub. */
export interface PubsubEmulator {
  /** `127.0.0.1:PORT` */
  host: string;
  /** @param path below `/v1/projects/test/` @throws Error for an answer other than of success */
  ask(method: string, path: string, body: object): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

/** Its program, which the Google Cloud SDK has as a component. Undefined where that or Java is missing. */
export const pubsubEmulator: string | undefined = find();

function find(): string | undefined {
  const { stdout, status } = spawnSync('sh', ['-c', 'command -v gcloud'], { encoding: 'utf8' });
  if (status !== 0 || spawnSync('java', ['-version']).status !== 0) return undefined;
  try {
    const place = join(dirname(realpathSync(stdout.trim())), '../platform/pubsub-emulator/lib');
    const name = readdirSync(place).find((file) => /^cloud-pubsub-emulator-.*-all\.jar$/.test(file));
    return name && join(place, name);
  } catch {
    // The component is not installed.
    return undefined;
  }
}

export async function startPubsubEmulator(program: string): Promise<PubsubEmulator> {
  const host = `127.0.0.1:${await freePort()}`;
  const directory = mkdtempSync(join(tmpdir(), 'fairlead-pubsub-emulator-'));
  const args = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-jar', program];
  const child = spawn('java', [...args, '--host=127.0.0.1', `--port=${host.split(':')[1]}`], {
    cwd: directory,
    stdio: 'ignore',
  });
  const stop = async () => {
    await stopped(child);
    rmSync(directory, { recursive: true, force: true });
  };
  for (let attempt = 0; attempt < 600 && child.exitCode === null; attempt += 1) {
    if (
      await fetch(`http://${host}/`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return { host, ask: asking(host), stop };
    await sleep(50);
  }
  await stop();
  throw new Error(`the emulator of Pub/Sub did not start at ${host}`);
}

function asking(host: string): PubsubEmulator['ask'] {
  return async (method, path, body) => {
    const response = await fetch(`http://${host}/v1/projects/test/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${text}`);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  };
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
