import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { openLayout } from '../../images/oci/repository/mod.ts';
import { createReleaseRegistry } from '../../images/release/mod.ts';
import { verifyRelease } from '../../images/release/verify.ts';
import type { Digest } from '../../pipeline/mod.ts';
import { directoryWith, fairlead, start } from './fairlead.ts';
import { tinyApplication } from './tiny.ts';

const app = tinyApplication();
const [state, cache] = [directoryWith(), directoryWith()];
afterAll(() => {
  for (const { remove } of [app, state, cache]) remove();
});

/** Of the time that a build takes. */
const moments = [0.35, 0.6, 0.8, 0.95];

test('a build that is killed leaves no half release, and the next one comes out the same', async () => {
  const environment = (where = state) => ({ FAIRLEAD_STATE_DIR: where.path, FAIRLEAD_CACHE_DIR: cache.path });
  const elsewhere = directoryWith();
  const begin = performance.now();
  const whole = await fairlead(['build', app.path, '--json'], { env: environment(elsewhere) });
  const milliseconds = performance.now() - begin;
  elsewhere.remove();
  const { release } = JSON.parse(whole.stdout) as { release: Digest };

  const layout = openLayout(join(state.path, 'store', 'tiny'));
  const registry = createReleaseRegistry(layout);
  const problems = async (digest: Digest) => (await verifyRelease(layout, digest)).problems;
  for (const moment of moments) {
    const child = start(['build', app.path, '--quiet'], { env: environment() });
    await setTimeout(milliseconds * moment);
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    for (const { digest } of await registry.list()) expect(await problems(digest)).toEqual([]);
  }
  const after = await fairlead(['build', app.path, '--json'], { env: environment() });
  expect(JSON.parse(after.stdout)).toMatchObject({ release });
  expect((await registry.list()).map(({ digest }) => digest)).toContain(release);
  expect(await problems(release)).toEqual([]);
});
