import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type Lock, libcWarnings, updateBase } from '../../../images/base/mod.ts';
import { openLayout } from '../../../images/oci/repository/mod.ts';
import { codeOf, failureOf } from '../oci/content.ts';
import { directory } from '../sample.ts';
import { pushBase } from './support/base-image.ts';

const image = 'registry.example/team/node:24';

async function updating() {
  const root = await directory();
  const repository = openLayout(join(root.path, 'registry'));
  const asked: string[] = [];
  const update = (lock: Lock | undefined, config: { base?: string }, base?: string) =>
    updateBase({
      ...{ lock, config, base, platforms: ['linux/amd64', 'linux/arm64'] },
      open: (host) => ({
        repository(name) {
          asked.push(`${host}/${name}`);
          return repository;
        },
      }),
    });
  return { repository, asked, update, [Symbol.asyncDispose]: () => root[Symbol.asyncDispose]() };
}

test('the lock follows the tag', async () => {
  await using at = await updating();
  const first = await pushBase(at.repository, '24');
  const created = await at.update(undefined, { base: image });
  expect(created).toEqual({ lock: { version: 1, base: { image, digest: first } }, moved: true });
  const before = created!.lock.base;
  expect(await at.update(created!.lock, { base: image })).toEqual({ before, lock: created!.lock, moved: false });
  const second = await pushBase(at.repository, '24', { author: 'other' });
  const moved = await at.update(created!.lock, {});
  expect(moved).toEqual({ before, lock: { version: 1, base: { image, digest: second } }, moved: true });
  expect(second).not.toBe(first);
});

test('an image that is named is followed from then on', async () => {
  await using at = await updating();
  await pushBase(at.repository, '24');
  await pushBase(at.repository, '26');
  const { lock } = (await at.update(undefined, {}, image))!;
  const other = await at.update(lock, {}, 'registry.example/team/node:26');
  expect([other?.moved, other?.before?.image, other?.lock.base.image]).toEqual([
    true,
    image,
    'registry.example/team/node:26',
  ]);
  expect((await at.update(other?.lock, {}))?.lock.base.image).toBe('registry.example/team/node:26');
});

test('the default is of a registry that anyone can read', async () => {
  await using at = await updating();
  await pushBase(at.repository, 'nonroot');
  await at.update(undefined, {});
  expect(at.asked[0]).toBe('gcr.io/distroless/nodejs24-debian13');
});

test('what cannot be built on does not get into the lock', async () => {
  await using at = await updating();
  expect(await codeOf(at.update(undefined, { base: image }))).toBe('FL2503');
  await pushBase(at.repository, '24', { platforms: ['linux/amd64'] });
  expect(await codeOf(at.update(undefined, { base: image }))).toBe('FL2504');
  await pushBase(at.repository, '24', { config: { Cmd: ['bash'] } });
  expect(await codeOf(at.update(undefined, { base: image }))).toBe('FL2505');
});

test('there is nothing to follow where the application names a digest', async () => {
  await using at = await updating();
  expect(await at.update(undefined, { base: `node@sha256:${'a'.repeat(64)}` })).toBeUndefined();
  expect(at.asked).toEqual([]);
});

test.each([
  [{}, `${image}@sha256:${'a'.repeat(64)}`, 'has a digest'],
  [{ base: 'node:24' }, 'node:26', 'names another base image, node:24'],
])('with the setting %j, --base %s is refused', async (config, base, how) => {
  await using at = await updating();
  const failure = await failureOf(at.update(undefined, config, base));
  expect(failure.code).toBe('FL2506');
  expect(failure.text).toContain(how);
});

test.each<['glibc' | 'musl', string[][], string | undefined]>([
  ['glibc', [['glibc'], ['glibc', 'musl']], undefined],
  ['musl', [['glibc', 'musl'], ['musl']], undefined],
  ['musl', [['glibc'], ['glibc'], ['musl']], 'for which p0@1.0.0, p1@1.0.0 were not made'],
  ['glibc', [['musl']], 'for which p0@1.0.0 was not made'],
])('on %s, packages for %j', (libc, made, warning) => {
  const packages = made.map((libc, index) => ({ name: `p${index}`, version: '1.0.0', libc }));
  const warnings = libcWarnings({ image, libc }, packages);
  expect(warnings.map(({ code, severity }) => [code, severity])).toEqual(warning ? [['FL2511', 'warning']] : []);
  if (warning) expect(warnings[0]?.message).toContain(warning);
});
