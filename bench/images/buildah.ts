import { execFileSync, spawnSync } from 'node:child_process';
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contender, Place } from './contender.ts';
import { measureCommand } from './measure-command.ts';

export const hasBuildah = process.getuid?.() === 0 && spawnSync('buildah', ['--version']).status === 0;

/** `buildah build` and `buildah push`, with the peer application in `source` and a storage that knows no image yet. */
export async function openBuildah(source: string, { host, base, directory }: Place): Promise<Contender> {
  const sources = join(directory, 'buildah');
  await cp(source, sources, { recursive: true });
  const storage = join(directory, 'buildah-storage');
  await mkdir(storage);
  const driver = chooseDriver(storage);
  const own = ['--root', join(storage, 'root'), '--runroot', join(storage, 'run'), '--storage-driver', driver];
  const [repository, tag] = ['buildah/shop', 'bench'];
  const image = `${host}/${repository}:${tag}`;
  const run = (...args: string[]) =>
    measureCommand(['buildah', ...own, ...args, '--tls-verify=false', ...(args[0] === 'build' ? ['.'] : [image])], {
      cwd: sources,
    });
  const version = execFileSync('buildah', ['--version'], { encoding: 'utf8' }).split(' ')[2];
  const building = [
    ...['--layers', '--isolation', 'chroot', '--network', 'host'],
    ...['--build-arg', `BASE=${base}`, '--tag', image],
  ];
  return {
    name: 'buildah build + push',
    detail: `buildah ${version}, --isolation chroot, ${driver}`,
    sources,
    async buildAndPush() {
      const [build, push] = [await run('build', ...building), await run('push')];
      return { wall: build.wall + push.wall, cpu: build.cpu + push.cpu };
    },
    pushed: async () => ({ repository, tag }),
    [Symbol.asyncDispose]: () => rm(storage, { recursive: true, force: true }),
  };
}

/** The one that copies nothing where the system can do it. */
function chooseDriver(storage: string): string {
  const probe = join(storage, 'probe');
  const args = ['--root', join(probe, 'root'), '--runroot', join(probe, 'run'), '--storage-driver', 'overlay'];
  const able = spawnSync('buildah', [...args, 'from', 'scratch']).status === 0;
  if (able) spawnSync('buildah', [...args, 'rm', '--all']);
  return able ? 'overlay' : 'vfs';
}
