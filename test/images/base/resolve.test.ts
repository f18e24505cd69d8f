import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type BaseInput, type Lock, resolveBase } from '../../../images/base/mod.ts';
import { imageOf } from '../../../images/oci/image/mod.ts';
import { openLayout, type Repository } from '../../../images/oci/repository/mod.ts';
import type { Digest } from '../../../pipeline/mod.ts';
import { blob, codeOf, failureOf, json, push } from '../oci/content.ts';
import { serve } from '../oci/server.ts';
import { directory } from '../sample.ts';
import { distroless, type Making, manifestOf, pushBase, pushPlatform, slim } from './support/base-image.ts';

const image = 'registry.example/team/node:24';
const both = ['linux/amd64', 'linux/arm64'];

function lockOf(digest: Digest, name = image): Lock {
  return { version: 1, base: { image: name, digest } };
}

/** A repository whose every call is written down. */
function recorded(repository: Repository): { repository: Repository; calls: string[] } {
  const calls: string[] = [];
  const spy = new Proxy(repository, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        const [about] = args as [Digest | { digest: Digest }];
        calls.push(`${String(name)} ${typeof about === 'string' ? about : about.digest}`);
        return value.apply(target, args);
      };
    },
  });
  return { repository: spy, calls };
}

/** The input for an image of which a layout on disk is the registry. */
async function resolving(making: Making = {}, tag = '24') {
  const root = await directory();
  const { repository, calls } = recorded(openLayout(join(root.path, 'registry')));
  const digest = await pushBase(repository, tag, making);
  calls.length = 0;
  const asked: string[] = [];
  const input: BaseInput = {
    lock: lockOf(digest),
    config: {},
    platforms: both,
    open: (host) => ({
      repository(name) {
        asked.push(`${host}/${name}`);
        return repository;
      },
    }),
  };
  return { root, repository, calls, asked, digest, input, [Symbol.asyncDispose]: () => root[Symbol.asyncDispose]() };
}

test('the base is read by the digest in the lock: index, manifests and configs, and no layer', async () => {
  await using at = await resolving();
  const { bases, ...found } = await resolveBase(at.input);
  expect(found).toMatchObject({ image, digest: at.digest, entrypoint: ['/nodejs/bin/node'], libc: 'glibc' });
  expect(at.asked).toEqual(['registry.example/team/node']);
  expect([...bases].map(([name, { platform, layers }]) => [name, platform, layers.length])).toEqual([
    ['linux/amd64', { os: 'linux', architecture: 'amd64' }, 1],
    ['linux/arm64', { os: 'linux', architecture: 'arm64' }, 1],
  ]);
  const layers = [...bases.values()].flatMap((base) => base.layers.map(({ digest }) => digest));
  expect(at.calls).toHaveLength(5);
  expect(at.calls.filter((call) => layers.some((digest) => call.endsWith(digest)))).toEqual([]);
  for (const base of bases.values()) {
    const { manifest } = imageOf({ base, layers: [], settings: { entrypoint: found.entrypoint } });
    expect(manifest.descriptor.platform).toEqual(base.platform);
  }
});

test('with a cache the registry is asked once, and what is damaged there is asked for again', async () => {
  await using at = await resolving();
  const input = { ...at.input, cache: join(at.root.path, 'cache/base') };
  const first = await resolveBase(input);
  expect(at.calls).toHaveLength(5);
  const second = await resolveBase(input);
  expect(at.calls).toHaveLength(5);
  expect(second.bases).toEqual(first.bases);
  const files = await readdir(input.cache);
  expect(files).toHaveLength(5);
  await writeFile(join(input.cache, files[0]!), '{}');
  expect((await resolveBase(input)).bases).toEqual(first.bases);
  expect(at.calls).toHaveLength(6);
});

test('a cache that cannot be written is no reason to fail', async () => {
  await using at = await resolving();
  await writeFile(join(at.root.path, 'file'), '');
  const input = { ...at.input, cache: join(at.root.path, 'file/cache') };
  expect((await resolveBase(input)).bases.size).toBe(2);
});

test('an image for one platform needs no index', async () => {
  await using at = await resolving();
  const { digest } = await pushPlatform(at.repository, { os: 'linux', architecture: 'arm64', variant: 'v8' }, {});
  const input = { ...at.input, lock: lockOf(digest), platforms: ['linux/arm64'] };
  const { bases } = await resolveBase(input);
  expect(bases.get('linux/arm64')?.platform).toEqual({ os: 'linux', architecture: 'arm64' });
  const failure = await failureOf(resolveBase({ ...input, platforms: both }));
  expect(failure.code).toBe('FL2504');
  expect(failure.text).toContain('not for linux/amd64, only for linux/arm64');
});

test('a platform that the index lacks', async () => {
  await using at = await resolving({ platforms: ['linux/amd64', 'linux/arm/v7'] });
  const failure = await failureOf(resolveBase(at.input));
  expect(failure.code).toBe('FL2504');
  expect(failure.text).toContain('not for linux/arm64, only for linux/amd64, linux/arm\n');
});

test('a config with null in the place of what is empty, as programs in Go write it', async () => {
  await using at = await resolving({
    config: { ...distroless, Cmd: null, Volumes: null, Labels: null } as unknown as Making['config'] & object,
    history: null as unknown as [],
  });
  const { bases, entrypoint } = await resolveBase(at.input);
  const [base] = bases.values();
  const { config } = imageOf({ base: base!, layers: [], settings: { entrypoint } });
  expect(Buffer.from(config.bytes).toString()).not.toContain('null');
});

test.each<[string, Making['config'], string[] | undefined]>([
  ['distroless', distroless, ['/nodejs/bin/node']],
  ['node:slim, without its script', slim, ['node']],
  [
    'an init before node',
    { Entrypoint: ['/usr/bin/tini', '--', '/usr/bin/node'] },
    ['/usr/bin/tini', '--', '/usr/bin/node'],
  ],
  [
    'an init as entry point, node as command',
    { Entrypoint: ['/sbin/tini', '--'], Cmd: ['nodejs'] },
    ['/sbin/tini', '--', 'nodejs'],
  ],
  ['node with arguments of its own', { Entrypoint: ['node', '--no-warnings', 'old.js'] }, ['node']],
  ['a version of Node in the environment', { Cmd: ['/bin/bash'], Env: ['NODEJS_VERSION=24'] }, ['node']],
  ['a directory of Node in the PATH', { Env: ['PATH=/opt/node-v24/bin:/bin'] }, ['node']],
  ['Debian alone', { Cmd: ['bash'], Env: ['PATH=/usr/bin:/bin'] }, undefined],
  ['a path that only looks like it', { Env: ['PATH=/opt/nodes:/usr/bin', 'NODE_VERSION='] }, undefined],
  ['nothing at all', null, undefined],
])('where Node is: %s', async (_, config, expected) => {
  await using at = await resolving({ config: config as Making['config'] & object });
  if (expected) expect((await resolveBase(at.input)).entrypoint).toEqual(expected);
  else expect(await codeOf(resolveBase(at.input))).toBe('FL2505');
});

test.each<[string, Making, string]>([
  ['distroless', {}, image],
  ['a name with alpine', {}, 'registry.example/team/node:24-alpine'],
  [
    'a history of Alpine Linux',
    { history: [{ created_by: 'ADD alpine-minirootfs-3.22.1-x86_64.tar.gz / # buildkit' }] },
    image,
  ],
])('the C library of %s', async (name, making, lockName) => {
  await using at = await resolving(making);
  const { libc } = await resolveBase({ ...at.input, lock: lockOf(at.digest, lockName) });
  expect(libc).toBe(name === 'distroless' ? 'glibc' : 'musl');
});

test.each<[string, Partial<Lock['base']> | undefined, string | undefined, string]>([
  ['no lock and no setting', undefined, undefined, 'no digest is pinned for the base image gcr.io/distroless/nodejs'],
  ['no lock', undefined, 'node:24-slim', 'no digest is pinned for the base image docker.io/library/node:24-slim'],
  [
    'a lock of another image',
    {},
    'registry.example/team/node:26',
    `pins ${image}, but the application asks for registry.example/team/node:26`,
  ],
])('%s', async (_, locked, base, message) => {
  await using at = await resolving();
  const lock = locked && at.input.lock;
  const failure = await failureOf(resolveBase({ ...at.input, lock, config: { base } }));
  expect(failure.code).toBe('FL2501');
  expect(failure.text).toContain(message);
  expect(failure.text).toContain('Run "fairlead images update"');
  expect(at.calls).toEqual([]);
});

test.each(['', 'node:24:25', 'registry.example/Team/node', 'node@sha256:1'])(
  'no name of an image: %j',
  async (base) => {
    await using at = await resolving();
    expect(await codeOf(resolveBase({ ...at.input, config: { base } }))).toBe('FL2209');
  },
);

test('a name with a digest needs no lock, and equal names may be written differently', async () => {
  await using at = await resolving();
  const fixed = await resolveBase({ ...at.input, lock: undefined, config: { base: `node@${at.digest}` } });
  expect([fixed.image, fixed.digest]).toEqual(['docker.io/library/node:latest', at.digest]);
  const lock = lockOf(at.digest, 'docker.io/library/node:24');
  expect((await resolveBase({ ...at.input, lock, config: { base: 'node:24' } })).digest).toBe(at.digest);
});

test('what is there is no image', async () => {
  await using at = await resolving();
  const failure = async (digest: Digest) => {
    const { code, text } = await failureOf(resolveBase({ ...at.input, lock: lockOf(digest) }));
    return `${code} ${text}`;
  };
  const layer = blob('text');
  const chart = blob('{}', 'application/vnd.cncf.helm.config.v1+json');
  const helm = await push(at.repository, { manifest: manifestOf(chart, [layer]), blobs: [chart, layer] });
  expect(await failure(helm)).toContain('is no image but application/vnd.cncf.helm.config.v1+json');
  for (const [value, how] of [
    [{ os: 'linux', architecture: 'amd64' }, 'is not the config of an image'],
    [
      { os: 'linux', architecture: 'amd64', rootfs: { diff_ids: [] }, config: { Entrypoint: 'node' } },
      'is not the config',
    ],
    [[], 'is not the config of an image'],
  ] as const) {
    const config = json(value, 'application/vnd.oci.image.config.v1+json');
    const digest = await push(at.repository, { manifest: manifestOf(config, []), blobs: [config] });
    expect(await failure(digest)).toContain(how);
  }
  const layered = json(
    { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [] } },
    'application/vnd.oci.image.config.v1+json',
  );
  const mixed = await push(at.repository, { manifest: manifestOf(layered, [layer]), blobs: [layered, layer] });
  const one = { ...at.input, lock: lockOf(mixed), platforms: ['linux/amd64'] };
  expect(await codeOf(resolveBase(one))).toBe('FL2308');
  expect(await failure(`sha256:${'0'.repeat(64)}`)).toContain('FL2503');
});

test.each([
  ['{"schemaVersion":1,"name":"node","tag":"24","fsLayers":[],"history":[]}', 'schema 1'],
  ['<html></html>', 'neither a manifest nor an index'],
])('a registry that has %s', async (body, how) => {
  await using server = await serve(() => [
    200,
    { 'content-type': 'application/vnd.docker.distribution.manifest.v1+json' },
    body,
  ]);
  const { descriptor } = blob(body);
  const failure = await failureOf(
    resolveBase({
      lock: lockOf(descriptor.digest),
      config: {},
      platforms: both,
      open: () => ({ repository: () => server.repository() }),
    }),
  );
  expect(failure.code).toBe('FL2503');
  expect(failure.text).toContain(how);
});

test('a manifest that the registry mixed up is not taken, and not kept', async () => {
  await using at = await resolving();
  await using server = await serve(() => [200, {}, '{"schemaVersion":2,"manifests":[]}']);
  const cache = join(at.root.path, 'cache');
  await mkdir(cache);
  expect(
    await codeOf(resolveBase({ ...at.input, open: () => ({ repository: () => server.repository() }), cache })),
  ).toBe('FL2204');
  expect(await readdir(cache)).toEqual([]);
});
