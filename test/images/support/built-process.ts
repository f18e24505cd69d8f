import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { InfraConfig } from '../../../runtime/wire.ts';

/**
 * Runs an unpacked image, with its configuration in `work`, and waits until it answers; ended with the block that holds it.
 * @param config @default empty
 * @param env variables besides this process's own
 */
export async function start(image: string, work: string, config: InfraConfig = {}, env: Record<string, string> = {}) {
  const port = await freePort();
  const path = join(work, 'infra.config.json');
  await writeFile(path, JSON.stringify(config));
  const child = spawn(process.execPath, ['--enable-source-maps', join(image, 'main.mjs')], {
    env: { ...process.env, ...env, HOST: '127.0.0.1', PORT: String(port), ENCORE_INFRA_CONFIG_PATH: path },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + 20_000;
  while (!(await fetch(`${url}/__encore/healthz`).catch(() => undefined))?.ok) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`the process does not answer:\n${output}`);
    await setTimeout(20);
  }
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}
