import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { startEngine } from '../../test/images/oci/support/docker.ts';
import type { Contender, Place } from './contender.ts';
import { type CommandCost, measureCommand } from './measure-command.ts';

export interface Docker extends Contender {
  /** Runs another script of the application's in the build stage. */
  buildWith(script: string): Promise<CommandCost>;
}

/** `docker build` and `docker push`, with the peer application in `source` and an engine that knows no image yet. */
export async function openDocker(source: string, { host, base, directory }: Place): Promise<Docker> {
  const engine = await startEngine();
  try {
    const sources = join(directory, 'docker');
    await cp(source, sources, { recursive: true });
    const config = join(directory, 'docker-config');
    mkdirSync(config);
    const { client, buildkit } = chooseClient(engine.host, directory);
    const env = { DOCKER_CONFIG: config, DOCKER_HOST: engine.host, DOCKER_BUILDKIT: buildkit ? '1' : '0' };
    const [repository, tag] = ['docker/shop', 'bench'];
    const image = `${host}/${repository}:${tag}`;
    const run = (...args: string[]) => measureCommand([client, ...args], { cwd: sources, env });
    const buildAndPush = async (script = 'build'): Promise<CommandCost> => {
      const args = ['--network', 'host', '--build-arg', `BASE=${base}`, '--build-arg', `SCRIPT=${script}`];
      const build = await run('build', ...args, '--tag', image, '.');
      const push = await run('push', image);
      // What the engine does is not in the processes of its client.
      return { wall: build.wall + push.wall, cpu: Number.NaN };
    };
    const [version, driver] = engine.docker('info', '--format', '{{.ServerVersion}} {{.Driver}}').trim().split(' ');
    return {
      name: 'docker build + push',
      detail: `Docker engine ${version}, ${buildkit ? 'BuildKit' : 'the legacy builder, without BuildKit'}, ${driver}`,
      sources,
      buildAndPush: () => buildAndPush(),
      buildWith: buildAndPush,
      pushed: async () => ({ repository, tag }),
      [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
    };
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}

/** A client that builds with BuildKit if there is one: newer ones need a plugin for it, older ones do not. */
function chooseClient(engine: string, directory: string): { client: string; buildkit: boolean } {
  const context = join(directory, 'probe');
  mkdirSync(context);
  writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nCOPY Dockerfile /\n');
  const clients = (process.env.PATH ?? '')
    .split(delimiter)
    .map((path) => join(path, 'docker'))
    .filter((client) => spawnSync(client, ['--version']).status === 0);
  const able = clients.find((client) => {
    const env = { ...process.env, DOCKER_BUILDKIT: '1' };
    return spawnSync(client, ['--host', engine, 'build', context], { env }).status === 0;
  });
  execFileSync(able ?? clients[0]!, ['--host', engine, 'image', 'prune', '--all', '--force']);
  return { client: able ?? clients[0]!, buildkit: able !== undefined };
}
