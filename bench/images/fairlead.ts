import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openRegistry } from '../../images/oci/repository/mod.ts';
import { runCommand } from '../run-command.ts';
import { inKit } from '../shop.ts';
import type { Contender, Place } from './contender.ts';
import { measureCommand } from './measure-command.ts';

/** `fairlead build --push` of the shop as it is, with a state and a cache of its own, which are empty. */
export async function openFairlead({ host, base, directory }: Place): Promise<Contender> {
  const sources = join(directory, 'fairlead');
  const filter = (path: string) => !/node_modules|encore\.gen|\.secrets/.test(path);
  await cp(inKit('examples/shop'), sources, { recursive: true, filter });
  await symlink(inKit('node_modules'), join(sources, 'node_modules'));
  const settings = JSON.parse(await readFile(join(sources, 'fairlead.json'), 'utf8'));
  await writeFile(join(sources, 'fairlead.json'), JSON.stringify({ ...settings, build: { ...settings.build, base } }));
  const bin = inKit('cli/bin.js');
  const env = (name: string) => ({
    FAIRLEAD_STATE_DIR: join(directory, name, 'state'),
    FAIRLEAD_CACHE_DIR: join(directory, name, 'cache'),
    DOCKER_CONFIG: join(directory, name, 'docker'),
  });
  // The lock file is part of the sources: whoever wrote it is another machine.
  await runCommand([bin, 'images', 'update'], { cwd: sources, env: env('elsewhere') });
  return {
    name: 'fairlead build --push',
    detail: `all images of the shop: the whole in one, one per service, for two platforms, with an SBOM each`,
    sources,
    buildAndPush: () =>
      measureCommand([process.execPath, bin, 'build', '--push', host, '--dir', sources], {
        cwd: directory,
        env: env('here'),
      }),
    pushed: async () => ({ repository: 'shop', tag: await newestWhole(host) }),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** Tags of images end with allocation and process, and have the time of the build in front. */
async function newestWhole(host: string): Promise<string> {
  const registry = openRegistry(host);
  try {
    const tags = (await registry.repository('shop').tags()).filter((tag) => tag.endsWith('.all-in-one.app'));
    const newest = tags.at(-1);
    if (newest === undefined) throw new Error('no image of the whole shop was pushed');
    return newest;
  } finally {
    await registry.close();
  }
}
