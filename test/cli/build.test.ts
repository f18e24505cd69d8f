import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { openRegistry } from '../../images/oci/repository/mod.ts';
import { createReleaseRegistry } from '../../images/release/mod.ts';
import { pushBase, slim } from '../images/base/support/base-image.ts';
import { goRegistry, startGoRegistry } from '../support/registries.ts';
import { directoryWith, fairlead } from './fairlead.ts';
import { greetings, tinyApplication } from './tiny.ts';

const app = tinyApplication();
const [state, elsewhere, cache] = [directoryWith(), directoryWith(), directoryWith()];
afterAll(() => {
  for (const { remove } of [app, state, elsewhere, cache]) remove();
});

const run = (args: string[], where = state) =>
  fairlead(['build', app.path, ...args], { env: { FAIRLEAD_STATE_DIR: where.path, FAIRLEAD_CACHE_DIR: cache.path } });
const build = async (...args: string[]) => {
  const { code, stdout, stderr } = await run([...args, '--json']);
  if (code !== 0) throw new Error(`${stdout}\n${stderr}`);
  return JSON.parse(stdout);
};

test('a release is built, built again, and proved', async () => {
  const first = await build();
  expect(first).toMatchObject({
    release: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    images: { 'all-in-one/app': expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
    databases: {},
  });
  expect(first).not.toHaveProperty('base');
  expect(await build()).toEqual(first);
  const proved = await run(['--verify', first.release.slice(7, 19)]);
  expect([proved.code, proved.stdout]).toEqual([
    0,
    `Proved: these sources give ${first.release}, the same to the bit (one image).\n`,
  ]);

  app.say(greetings.second);
  const refuted = await run(['--verify', first.release]);
  expect(refuted.code).toBe(1);
  expect(refuted.stderr).toContain('error FL2008: these sources give the release sha256:');
  expect(refuted.stderr).toContain('the image all-in-one/app differs\n  the input greeter/greeter.ts differs');
  app.say(greetings.first);
  expect(await build()).toEqual(first);
});

test('what is wrong is said before anything is built', async () => {
  const codes = async (...args: string[]) => {
    const { code, stdout } = await run([...args, '--json']);
    return [code, JSON.parse(stdout).diagnostics?.map((one: { code: string }) => one.code)];
  };
  expect(await codes('--verify', '000000')).toEqual([1, ['FL2105']]);
  expect(await codes('--push', 'https://example.com')).toEqual([1, ['FL2215']]);
  expect(await codes('--push', 'localhost:1/team')).toEqual([1, ['FL2501']]);
  expect(await codes('--verify', `sha256:${'a'.repeat(64)}`)).toEqual([1, ['FL2105']]);
  expect(await codes('--env', 'Foo')).toEqual([1, ['FL3001']]);
  expect(await run(['--verify', '000000', '--push', 'localhost:1'])).toMatchObject({ code: 2 });
  expect(await run(['--registry', 'localhost:1'])).toMatchObject({ code: 2 });
});

(goRegistry ? test : test.skip)(
  'a release goes to a registry, only what is missing, and is proved from there (needs the registry of go-containerregistry)',
  async () => {
    const server = await startGoRegistry(goRegistry!, { referrers: true });
    const registry = openRegistry(server.host);
    try {
      await pushBase(registry.repository('library/node'), '24', { config: slim });
      const update = ['images', 'update', '--dir', app.path, '--base', `${server.host}/library/node:24`];
      expect(await fairlead(update, { env: { FAIRLEAD_CACHE_DIR: cache.path } })).toMatchObject({ code: 0 });

      const push = () => build('--push', `${server.host}/team`, '--env', 'pr-7');
      const first = await push();
      expect(first.base).toMatchObject({ image: `${server.host}/library/node:24` });
      expect(first.pushed).toMatchObject({ registry: `${server.host}/team/tiny`, bytesPushed: expect.any(Number) });
      expect(first.pushed.bytesPushed).toBeGreaterThan(10_000);
      const again = await push();
      expect([again.release, again.pushed.bytesPushed]).toEqual([first.release, 0]);

      const remote = createReleaseRegistry(registry.repository('team/tiny'));
      expect(await remote.list('pr-7')).toMatchObject([{ digest: first.release }]);
      const proved = await run(['--verify', first.release, '--registry', `${server.host}/team`], elsewhere);
      expect(proved).toMatchObject({ code: 0, stdout: expect.stringContaining('Proved') });

      appendFileSync(join(app.path, 'door/door.ts'), '\nexport const twice = () => 2;\n');
      writeFileSync(join(app.path, 'README.md'), 'Not part of any image.');
      const changed = await push();
      expect(changed.release).not.toBe(first.release);
      expect(changed.pushed.bytesPushed).toBeLessThan(first.pushed.bytesPushed / 2);
    } finally {
      await registry.close();
      await server.stop();
    }
  },
);
