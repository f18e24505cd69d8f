import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FakeGitHub } from '../fake.ts';
import type { Job } from '../model/jobs.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/**
 * Runs code as a job's action does: in a process of its own, with what a runner gives it, and nothing else.
 * @param code the body of an async function of `dir`, an empty folder; its result comes back as JSON
 * @throws Error with what it wrote when it fails
 */
export async function inJob<T>(github: FakeGitHub, job: Job, code: string): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'fairlead-job-'));
  const script = `const dir = process.env.GITHUB_WORKSPACE; const run = async () => { ${code} };
    const result = await run(); (await import('node:fs')).writeFileSync(dir + '/result.json', JSON.stringify(result ?? null)); process.exit(0);`;
  const env = { PATH: process.env.PATH, GITHUB_WORKSPACE: dir, RUNNER_TEMP: dir, ...github.env(job) };
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: root, env });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  try {
    const status = await new Promise((resolve) => child.once('close', resolve));
    if (status !== 0) throw new Error(`The job failed: ${said}`);
    return JSON.parse(readFileSync(join(dir, 'result.json'), 'utf8')) as T;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
