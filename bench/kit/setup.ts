import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bundleActions } from '../../actions/bundle/bundle.ts';
import { FakeGitHub } from '../../test/fakes/github/fake.ts';
import { listen } from '../../test/fakes/github/server.ts';
import { type Sample, sampleOf } from '../sample.ts';

export interface SetupFigures {
  /** With packages from the registry, which a network is part of. */
  cold: number;
  /** With the cache that the first run saved. */
  cached: Sample;
  /** What is restored, in bytes. */
  size: number;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Sets the kit up for a job that builds: in a folder that is new each time, as on a machine of GitHub. */
export async function measureSetup(rounds = 5): Promise<SetupFigures> {
  const home = await mkdtemp(join(tmpdir(), 'fairlead-bench-setup-'));
  try {
    const kit = join(home, 'kit');
    await mkdir(kit);
    for (const name of ['package.json', 'package-lock.json', 'docs', 'actions'])
      await cp(join(root, name), join(kit, name), { recursive: true });
    await bundleActions(root.slice(0, -1), join(kit, 'dist'));
    const fake = new FakeGitHub({ clock: { now: () => new Date() } });
    const hosted = fake.world.createRepository('ada/shop');
    await using _server = await listen(fake);
    const once = async (): Promise<number> => {
      const job = hosted.jobs.start({ run: hosted.runs.start({ event: 'push' }), permissions: { contents: 'read' } });
      const began = await run(kit, home, fake.env(job));
      await rm(join(kit, 'node_modules'), { recursive: true, force: true });
      return began;
    };
    const cold = await once();
    const cached: number[] = [];
    for (let round = 0; round < rounds; round++) cached.push(await once());
    const size = hosted.caches.list().reduce((sum, { content }) => sum + content.length, 0);
    if (size === 0) throw new Error('nothing was cached');
    return { cold, cached: sampleOf(cached), size };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function run(kit: string, home: string, env: Record<string, string>): Promise<number> {
  const temporary = await mkdtemp(join(home, 'job-'));
  const output = join(temporary, 'output');
  await writeFile(output, '');
  const event = join(temporary, 'event.json');
  await writeFile(event, '{}');
  const begin = performance.now();
  await promisify(execFile)(process.execPath, [join(kit, 'dist/setup.js')], {
    env: {
      ...process.env,
      ...env,
      ...{ GITHUB_OUTPUT: output, GITHUB_EVENT_PATH: event, RUNNER_TEMP: temporary, GITHUB_WORKSPACE: temporary },
      ...{ INPUT_TARGET: 'aws', INPUT_FOR: 'build', INPUT_CACHE: 'true' },
    },
  });
  const took = performance.now() - begin;
  return took;
}
