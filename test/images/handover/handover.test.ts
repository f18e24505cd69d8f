import { randomBytes } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { handoverBuilder, handoverLayout, openHandover, writeHandover } from '../../../images/handover/mod.ts';
import { createReleaseRegistry } from '../../../images/release/mod.ts';
import { parseConfig, UserError } from '../../../pipeline/mod.ts';
import { layout, pushRelease } from '../release/support/releases.ts';
import { directory } from '../sample.ts';

const now = new Date('2026-03-04T10:00:00Z');
const quiet = { step: <T>(_: string, work: () => Promise<T>) => work(), info() {}, warn() {} };

async function handover(config?: string) {
  const work = await directory({
    'app/package.json': '{}',
    ...(config !== undefined && { 'app/fairlead.json': config }),
  });
  const path = join(work.path, 'handover');
  const release = await pushRelease(handoverLayout(path), 'one');
  const digest = await writeHandover(path, { release, root: join(work.path, 'app'), now });
  return { path, release, digest, work: work.path, [Symbol.asyncDispose]: () => work[Symbol.asyncDispose]() };
}

async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof UserError) return error.diagnostics[0]!.code;
    throw error;
  }
  return 'no refusal';
}

test('what one job hands over, another opens and brings to its own repository', async () => {
  await using one = await handover('{"releases": {"keep": 3}}');
  await using to = await layout();
  const opened = await openHandover(one.path, { digest: one.digest, commit: 'c'.repeat(40) });
  expect(opened).toMatchObject({
    application: 'sample',
    config: { releases: { keep: 3 } },
    release: { digest: one.release.digest, source: { hash: one.release.source.hash, commit: 'c'.repeat(40) } },
  });
  const release = await handoverBuilder(opened, to.repository).build('', opened.config, quiet);
  await createReleaseRegistry(to.repository).put(release, { at: now });
  expect(await createReleaseRegistry(to.repository).get(one.release.digest)).toMatchObject({
    content: one.release.content,
  });
});

test('without a fairlead.json the defaults count, and one that is slipped in does not', async () => {
  await using one = await handover();
  await writeFile(join(one.path, 'fairlead.json'), '{"name": "another"}');
  expect((await openHandover(one.path, one)).config).toEqual(parseConfig('{}', 'fairlead.json'));
});

test('a handover that is copied elsewhere stays the same', async () => {
  await using one = await handover('{}');
  const copied = join(one.work, 'copied');
  await cp(one.path, copied, { recursive: true });
  expect((await openHandover(copied, one)).release.digest).toBe(one.release.digest);
});

test('another handover under the same name is refused', async () => {
  await using one = await handover('{}');
  await using two = await handover('{"name": "two"}');
  expect(await refusalOf(openHandover(two.path, one))).toBe('FL6202');
});

test('an exchanged fairlead.json is refused', async () => {
  await using one = await handover('{}');
  await writeFile(join(one.path, 'fairlead.json'), '{"name": "two"}');
  expect(await refusalOf(openHandover(one.path, one))).toBe('FL6202');
  await rm(join(one.path, 'fairlead.json'));
  expect(await refusalOf(openHandover(one.path, one))).toBe('FL6201');
});

test('every file of the images is vouched for', async () => {
  await using one = await handover('{}');
  const blobs = join(one.path, 'oci', 'blobs', 'sha256');
  const names = await readdir(blobs);
  expect(names.length).toBeGreaterThan(5);
  for (const name of names) {
    const content = await readFile(join(blobs, name));
    await writeFile(join(blobs, name), randomBytes(content.length));
    expect([name, await refusalOf(openHandover(one.path, one))]).toEqual([name, expect.stringMatching(/^FL2/)]);
    await writeFile(join(blobs, name), content);
  }
  expect(await refusalOf(openHandover(one.path, one))).toBe('no refusal');
});

test('what is not there is said', async () => {
  await using one = await handover('{}');
  expect(await refusalOf(openHandover(join(one.work, 'nowhere'), one))).toBe('FL6201');
  await mkdir(join(one.work, 'empty'));
  expect(await refusalOf(openHandover(join(one.work, 'empty'), one))).toBe('FL6201');
});

test('links and endless files are refused before they are read', async () => {
  await using one = await handover('{}');
  await symlink('/etc/hostname', join(one.path, 'oci', 'more'));
  expect(await refusalOf(openHandover(one.path, one))).toBe('FL6203');
  await rm(join(one.path, 'oci', 'more'));
  await truncate(join(one.path, 'fairlead.json'), 2 ** 40);
  expect(await refusalOf(openHandover(one.path, one))).toBe('FL6203');
});

test('a release of an application that is not the named one is refused', async () => {
  await using one = await handover('{}');
  const text = await readFile(join(one.path, 'handover.json'), 'utf8');
  const { digestOf } = await import('../../../images/oci/descriptor.ts');
  for (const [from, to, code] of [
    ['"sample"', '"another"', 'FL6203'],
    ['"version": 1', '"version": 2', 'FL6203'],
    ['{', '', 'FL6203'],
  ] as const) {
    const changed = text.replace(from, to);
    await writeFile(join(one.path, 'handover.json'), changed);
    expect(await refusalOf(openHandover(one.path, { digest: digestOf(changed) }))).toBe(code);
  }
});
