import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import { bundleProvisioner } from '../../images/bundle/provisioner.ts';
import { scratch } from '../../images/oci/image/mod.ts';
import { writeProvisioner } from '../../images/provisioner.ts';
import { unpack } from '../../images/unpack.ts';
import { startPostgres } from '../support/postgres.ts';
import { layout } from './release/support/releases.ts';
import { directory } from './sample.ts';

const bases = {
  entrypoint: ['node'],
  platforms: ['amd64', 'arm64'].map((architecture) => scratch({ os: 'linux', architecture })),
};

test('the same kit writes the same image, for every platform of its base', async () => {
  await using one = await layout();
  await using other = await layout();
  const digest = await writeProvisioner({ layout: one.repository, bases, tool: '1.2.3' });
  expect(await writeProvisioner({ layout: other.repository, bases, tool: '1.2.3' })).toBe(digest);
  expect(await writeProvisioner({ layout: other.repository, bases, tool: '1.2.4' })).not.toBe(digest);
  const index = JSON.parse(Buffer.from((await one.repository.manifest(digest))!.bytes).toString());
  expect(index.manifests.map((child: { platform: unknown }) => child.platform)).toEqual([
    { os: 'linux', architecture: 'amd64' },
    { os: 'linux', architecture: 'arm64' },
  ]);
  const manifest = JSON.parse(
    Buffer.from((await one.repository.manifest(index.manifests[0].digest))!.bytes).toString(),
  );
  const config = JSON.parse(
    await readFile(join(one.path, 'blobs', 'sha256', manifest.config.digest.replace('sha256:', '')), 'utf8'),
  );
  expect(config.config).toMatchObject({
    Entrypoint: ['node'],
    Cmd: ['provision.mjs'],
    User: '65532:65532',
    WorkingDir: '/app',
  });
  expect(manifest.layers.reduce((sum: number, layer: { size: number }) => sum + layer.size, 0)).toBeLessThan(100_000);
  const [sbom] = await one.repository.referrers(digest, 'application/vnd.cyclonedx+json');
  expect(sbom).toBeDefined();
});

test('the driver, which changes seldom, lies apart from the program', async () => {
  const { program, driver, packages } = await bundleProvisioner(resolve('runtime'));
  expect(program.path).toBe('provision.mjs');
  expect(driver.length).toBeGreaterThan(0);
  expect(packages.map(({ name }) => name)).toEqual(expect.arrayContaining(['@fairlead/runtime', 'pg']));
});

test('what is in the image makes databases, and says so in one line', async () => {
  await using store = await layout();
  await using place = await directory();
  const postgres = await startPostgres();
  try {
    await unpack(store.repository, await writeProvisioner({ layout: store.repository, bases, tool: '1' }), place.path);
    const { host, port, user, password } = postgres;
    const request = {
      version: 1,
      action: 'create',
      server: { host: `${host}:${port}`, username: user, password: { $env: 'MASTER' } },
      owner: { name: 'owner', password: 'o' },
      roles: [{ name: 'app', password: 'a' }],
      databases: [{ name: 'orders', physical: 'orders_1', users: ['app'], migrated: true }],
    };
    const run = async (env: Record<string, string>) => {
      const child = spawn(process.execPath, ['provision.mjs'], {
        cwd: place.path,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
      return { code, err, event: JSON.parse(out) };
    };
    expect(await run({ FAIRLEAD_PROVISION: JSON.stringify(request), MASTER: password })).toEqual({
      code: 0,
      err: '',
      event: { event: 'provisioned', action: 'create', databases: ['orders'], milliseconds: expect.any(Number) },
    });
    expect(await run({ FAIRLEAD_PROVISION: JSON.stringify(request), MASTER: 'wrong' })).toMatchObject({
      code: 1,
      err: '',
      event: { event: 'failed', sqlstate: '28P01' },
    });
  } finally {
    await postgres.stop();
  }
});
