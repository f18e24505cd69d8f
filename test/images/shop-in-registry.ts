import { cp, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { openRegistry } from '../../images/oci/repository/mod.ts';
import { fairlead } from '../cli/fairlead.ts';
import { dockerRegistry, startDockerRegistry } from '../support/registries.ts';
import { nodeBase, pushBase } from './oci/support/node-base.ts';

const kit = resolve(import.meta.dirname, '../..');

/** The shop's sources as a checkout has them. `base` is the name of its base image. */
export async function writeShop(root: string, base: string): Promise<void> {
  const filter = (path: string) => !/node_modules|encore\.gen|\.secrets/.test(path);
  await cp(join(kit, 'examples/shop'), root, { recursive: true, filter });
  await symlink(join(kit, 'node_modules'), join(root, 'node_modules'));
  await writeFile(join(root, 'fairlead.json'), JSON.stringify({ build: { base } }));
}

/** What `fairlead build --json` prints, as far as tests look at it. */
export interface Built {
  release: string;
  images: Record<string, string>;
  pushed: { bytesPushed: number };
}

export interface ShopInRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  host: string;
  built: Built;
}

/** A registry that has a base image and the shop, built and pushed by the command. `directory` is for what lies on disk. */
export async function pushShop(directory: string): Promise<ShopInRegistry> {
  const root = join(directory, 'shop');
  const layer = await nodeBase();
  const { host, stop } = await startDockerRegistry(dockerRegistry!);
  const registry = openRegistry(host);
  try {
    await pushBase(registry.repository('base/node'), '24', layer);
    await writeShop(root, `${host}/base/node:24`);
    await command(['images', 'update'], root, directory);
    const built = JSON.parse(await command(['build', '--push', host, '--json'], root, directory)) as Built;
    return { host, built, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    await registry.close();
  }
}

async function command(args: string[], cwd: string, directory: string): Promise<string> {
  const env = {
    FAIRLEAD_STATE_DIR: join(directory, 'state'),
    FAIRLEAD_CACHE_DIR: join(directory, 'cache'),
    DOCKER_CONFIG: join(directory, 'docker'),
  };
  const { code, stdout, stderr } = await fairlead(args, { cwd, env });
  if (code !== 0) throw new Error(`fairlead ${args.join(' ')} ended with ${code}:\n${stderr}`);
  return stdout;
}
