import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { imageOf, layerOf, scratch } from '../../../images/oci/image/mod.ts';
import { directory } from '../sample.ts';
import { hasEngine, startEngine } from './support/docker.ts';
import { judge } from './support/judge.ts';
import { blobsOf, writeLayout } from './support/layout.ts';
import { nodeBase } from './support/node-base.ts';

const main = `
import { readFileSync, openSync } from 'node:fs';
const attempt = (file) => { try { openSync(file, 'a'); return 'open'; } catch ({ code }) { return code; } };
const status = readFileSync('/proc/self/status', 'utf8');
console.log(JSON.stringify({
  user: process.getuid(), group: process.getgid(), directory: process.cwd(), mode: process.env.NODE_ENV,
  capabilities: /CapEff:\\s*(\\w+)/.exec(status)[1], own: attempt('/app/main.mjs'), other: attempt('/app/new'),
  text: readFileSync('grüße und mehr/日本.txt', 'utf8'),
}));
const timer = setInterval(() => {}, 1000);
process.once('SIGTERM', () => { console.log('ends'); clearInterval(timer); });
`;

const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch as string];
const able = hasEngine && architecture !== undefined && spawnSync('skopeo', ['--version']).status === 0;

/** The image runs with fewer rights than it could ask for. */
const locked = ['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges', '--network=none'];

(able ? test : test.skip)('a Docker engine runs an image from scratch (as root, with dockerd and skopeo)', async () => {
  await using root = await directory();
  const [base, application] = [
    await nodeBase(),
    await layerOf(
      [
        { path: 'main.mjs', content: Buffer.from(main) },
        { path: 'grüße und mehr/日本.txt', content: Buffer.from('Unicode') },
      ],
      { prefix: 'app' },
    ),
  ];
  const image = imageOf({
    base: scratch({ os: 'linux', architecture: architecture! }),
    layers: [
      { ...base, createdBy: 'node' },
      { ...application, createdBy: 'fairlead: application' },
    ],
    settings: { entrypoint: ['/bin/node', 'main.mjs'], env: { NODE_ENV: 'production' } },
  });
  await writeLayout(join(root.path, 'layout'), { shop: image.manifest }, [...blobsOf(image), base, application]);
  await using engine = await startEngine();
  const { docker } = engine;
  judge('skopeo', 'copy', '--dest-daemon-host', engine.host, `oci:${root.path}/layout:shop`, 'docker-daemon:shop:1');
  expect(docker('image', 'inspect', '--format', '{{.Id}}', 'shop:1').trim()).toBe(image.config.descriptor.digest);
  expect(docker('history', '--format', '{{.CreatedBy}}', 'shop:1').trim().split('\n')).toEqual([
    'fairlead: application',
    'node',
  ]);
  const run = async (...options: string[]): Promise<unknown> => {
    docker('run', '--detach', '--name=shop', ...options, 'shop:1');
    while (
      docker('logs', 'shop') === '' &&
      docker('inspect', '--format', '{{.State.Running}}', 'shop').trim() === 'true'
    )
      await setTimeout(50);
    docker('stop', '--time=10', 'shop');
    const [first = '', last] = docker('logs', 'shop').trim().split('\n');
    expect([docker('inspect', '--format', '{{.State.ExitCode}}', 'shop').trim(), last]).toEqual(['0', 'ends']);
    docker('rm', 'shop');
    return JSON.parse(first);
  };
  const seen = {
    user: 65532,
    group: 65532,
    directory: '/app',
    mode: 'production',
    capabilities: '0000000000000000',
    text: 'Unicode',
  };
  expect(await run(...locked)).toEqual({ ...seen, own: 'EACCES', other: 'EROFS' });
  // Also where the root file system is writable, the process cannot change itself.
  expect(await run('--network=none')).toEqual({ ...seen, own: 'EACCES', other: 'EACCES' });
});
