import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { openRegistry } from '../../images/oci/repository/mod.ts';
import { pushBase, slim } from '../images/base/support/base-image.ts';
import { goRegistry, startGoRegistry } from '../support/registries.ts';
import { directoryWith, fairlead } from './fairlead.ts';

const app = directoryWith({ 'package.json': '{"name":"tiny"}' });
const cache = directoryWith();
afterAll(() => {
  app.remove();
  cache.remove();
});

const update = (...args: string[]) =>
  fairlead(['images', 'update', '--dir', app.path, ...args], { env: { FAIRLEAD_CACHE_DIR: cache.path } });
const lock = () => readFileSync(join(app.path, 'fairlead.lock.json'), 'utf8');

(goRegistry ? test : test.skip)(
  'the lock is made, checked and moved (needs the registry of go-containerregistry)',
  async () => {
    const server = await startGoRegistry(goRegistry!, { referrers: false });
    const registry = openRegistry(server.host);
    try {
      const repository = registry.repository('library/node');
      const image = `${server.host}/library/node:24`;
      const first = await pushBase(repository, '24', { config: slim });
      const short = (digest: string) => digest.slice(7, 19);

      const made = await update('--base', image);
      expect([made.code, made.stdout]).toEqual([
        0,
        `${image} is pinned at ${short(first)}. Commit fairlead.lock.json.\n`,
      ]);
      expect(JSON.parse(lock())).toEqual({ base: { digest: first, image }, version: 1 });
      expect(await update('--check')).toMatchObject({ code: 0, stdout: `${image} is current: ${short(first)}.\n` });

      const second = await pushBase(repository, '24', { config: slim, author: 'other' });
      const checked = await update('--check', '--json');
      expect([checked.code, JSON.parse(checked.stdout)]).toEqual([
        1,
        {
          file: 'fairlead.lock.json',
          image,
          from: { image, digest: first },
          to: { image, digest: second },
          moved: true,
          written: false,
        },
      ]);
      expect(lock()).toContain(first);
      const moved = await update();
      expect(moved.stdout).toBe(
        `${image} moved from ${short(first)} to ${short(second)}. Commit fairlead.lock.json.\n`,
      );
      expect(lock()).toContain(second);

      writeFileSync(
        join(app.path, 'encore.app'),
        JSON.stringify({ build: { docker: { base_image: `${server.host}/none:1` } } }),
      );
      const missing = await update('--json');
      expect([missing.code, JSON.parse(missing.stdout).diagnostics[0].code]).toEqual([1, 'FL2503']);
      writeFileSync(join(app.path, 'fairlead.json'), JSON.stringify({ build: { base: `${image}@${second}` } }));
      expect(await update()).toMatchObject({ code: 0, stdout: expect.stringContaining('There is nothing to update.') });
    } finally {
      await registry.close();
      await server.stop();
    }
  },
);

test('outside of an application nothing is written', async () => {
  const { code, stdout } = await fairlead(['images', 'update', '--dir', cache.path, '--json']);
  expect([code, JSON.parse(stdout).diagnostics[0].code]).toEqual([1, 'FL1001']);
});
