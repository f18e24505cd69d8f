import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AwsJudge } from './aws-judges.ts';
import { freePort } from './free-port.ts';
import { pythonWith } from './python.ts';

/**
 * The Python that has `ministack`, another's AWS with a CloudFormation of its own, and the server that it runs under. Undefined where
 * they cannot be had.
 */
export const ministack: string | undefined = pythonWith('ministack', '1.5.33', ['ministack', 'hypercorn==0.18.0']);

/** With nothing in it, on a free loopback port. */
export async function startMinistack(python: string): Promise<AwsJudge> {
  const port = await freePort();
  const AWS_REGION = 'eu-central-1';
  const env = { ...process.env, GATEWAY_PORT: String(port), MINISTACK_REGION: AWS_REGION };
  const child = spawn(python, ['-m', 'ministack'], { stdio: 'ignore', env });
  const endpoint = `http://127.0.0.1:${port}`;
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  for (let attempt = 0; attempt < 600 && child.exitCode === null; attempt += 1) {
    const ready = await fetch(`${endpoint}/_ministack/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    const account = { AWS_REGION, AWS_ACCESS_KEY_ID: '123456789012', AWS_SECRET_ACCESS_KEY: 'secret' };
    if (ready) return { endpoint, env: { ...account, AWS_ENDPOINT_URL: endpoint }, stop };
    await sleep(50);
  }
  await stop();
  throw new Error(`ministack did not start at ${endpoint}`);
}
