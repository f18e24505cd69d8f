import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Repository } from '../../../images/oci/repository/mod.ts';
import { createReleaseRegistry, sealRelease } from '../../../images/release/mod.ts';
import { verifyRelease } from '../../../images/release/verify.ts';
import type { Digest, Release } from '../../../pipeline/mod.ts';
import { codeOf } from '../oci/content.ts';
import { createMemoryRegistry } from './support/memory.ts';
import { age, contentOf, layout, pushImage, source } from './support/releases.ts';

const start = Date.parse('2026-03-04T00:00:00Z');
const hours = (count: number) => new Date(start + count * 3_600_000);

async function releaseOf(repository: Repository, tool: string, images: string[]): Promise<Release> {
  const digests: Record<string, Digest> = {};
  for (const text of images) digests[`per-service/${text}`] = await pushImage(repository, text, ['amd64']);
  return sealRelease(contentOf(digests, { tool }), source('a'));
}

/** One release that goes and one that stays, with an image that both name; and one of the same images as goes, not kept yet. */
async function prepare(repository: Repository): Promise<{ goes: Release; stays: Release; back: Release }> {
  const [goes, stays] = [
    await releaseOf(repository, 'goes', ['own', 'shared']),
    await releaseOf(repository, 'stays', ['other', 'shared']),
  ];
  const registry = createReleaseRegistry(repository);
  for (const release of [goes, stays]) await registry.put(release, { environment: 'production', at: hours(0) });
  return { goes, stays, back: sealRelease({ ...goes.content, tool: 'back' }, goes.source) };
}

const remove = (repository: Repository, { digest }: Release) =>
  createReleaseRegistry(repository).remove([digest], { now: hours(3), dryRun: false });

const problemsOf = async (repository: Repository, digest: Digest) =>
  (await verifyRelease(repository, digest)).problems.map(({ message }) => message);

const listed = async (repository: Repository) =>
  (await createReleaseRegistry(repository).list()).map(({ digest }) => digest);

/** Where a removal can be interrupted: before its calls, by their names. */
async function callsOfRemoval(): Promise<string[]> {
  const { open } = createMemoryRegistry();
  const calls: string[] = [];
  const { goes } = await prepare(open());
  await remove(
    open(async (name) => {
      calls.push(name);
    }),
    goes,
  );
  return calls;
}

test('whenever somebody keeps an image that goes again, it stays, or its keeper hears that it is gone', async () => {
  const outcomes = new Set<string>();
  const calls = await callsOfRemoval();
  for (const [nth, name] of calls.entries()) {
    // Between the last look and the removal nothing helps but being quick.
    if (name === 'remove' && calls[nth - 1] === 'tags') continue;
    const { open } = createMemoryRegistry();
    const repository = open();
    const { goes, stays, back } = await prepare(repository);
    let count = 0;
    let refusal: string | undefined;
    const keep = async () => {
      count += 1;
      if (count !== nth + 1) return;
      const work = createReleaseRegistry(repository).put(back, { environment: 'pr-1', at: hours(3) });
      const failed = await work.then(
        () => false,
        () => true,
      );
      if (failed) refusal = await codeOf(work);
    };
    await remove(open(keep), goes);
    outcomes.add(refusal ?? 'kept');
    expect(await problemsOf(repository, stays.digest)).toEqual([]);
    expect((await listed(repository)).includes(back.digest)).toBe(refusal === undefined);
    if (refusal === undefined) expect(await problemsOf(repository, back.digest)).toEqual([]);
  }
  expect(outcomes).toEqual(new Set(['FL2101', 'kept']));
});

test('whenever an image is removed while somebody keeps it, its keeper hears that, or it stays', async () => {
  const outcomes = new Set<string>();
  for (let nth = 0; nth < 14; nth += 1) {
    const { open } = createMemoryRegistry();
    const repository = open();
    const { goes, back } = await prepare(repository);
    let count = 0;
    const keeper = open(async () => {
      count += 1;
      if (count === nth + 1) await remove(repository, goes);
    });
    const work = createReleaseRegistry(keeper).put(back, { environment: 'pr-1', at: hours(3) });
    const failed = await work.then(
      () => false,
      () => true,
    );
    outcomes.add(failed ? await codeOf(work) : 'kept');
    for (const digest of await listed(repository)) expect(await problemsOf(repository, digest)).toEqual([]);
    expect((await listed(repository)).includes(back.digest)).toBe(!failed);
  }
  expect(outcomes).toEqual(new Set(['FL2101', 'kept']));
});

test('a removal that is killed before any of its calls has lost nothing that stays, and the next one ends it', async () => {
  const calls = await callsOfRemoval();
  for (const nth of calls.keys()) {
    const { open } = createMemoryRegistry();
    const repository = open();
    const { goes, stays } = await prepare(repository);
    let count = 0;
    const dying = open(async () => {
      count += 1;
      if (count > nth) throw new Error('killed');
    });
    await expect(remove(dying, goes)).rejects.toThrow('killed');
    for (const digest of await listed(repository)) expect(await problemsOf(repository, digest)).toEqual([]);
    await remove(repository, goes);
    expect(await listed(repository)).toEqual([stays.digest]);
    expect(await repository.manifest(goes.content.images['per-service/own']!)).toBeUndefined();
    expect((await repository.tags()).filter((tag) => tag.includes(goes.digest.slice(7, 19)))).toEqual([]);
    expect(await problemsOf(repository, stays.digest)).toEqual([]);
  }
});

test('in a layout, keeping and removing at the same time never leave a release without its images', async () => {
  const outcomes = new Set<string>();
  for (let round = 0; round < 6; round += 1) {
    await using place = await layout();
    const { repository } = place;
    const { goes, stays, back } = await prepare(repository);
    await age(place.path);
    const putting = createReleaseRegistry(repository).put(back, { environment: 'pr-1', at: hours(3) });
    const removing = new Promise((resolve) => setTimeout(resolve, round * 4)).then(() => remove(repository, goes));
    const [put] = await Promise.allSettled([putting, removing]);
    outcomes.add(put.status);
    if (put.status === 'rejected') expect(await codeOf(putting)).toBe('FL2101');
    for (const digest of await listed(repository)) expect(await problemsOf(repository, digest)).toEqual([]);
    expect(await listed(repository)).toContain(stays.digest);
  }
  expect(outcomes).toContain('fulfilled');
}, 20_000);

type Step =
  | { kind: 'put'; name: string; images: string[]; environment: string }
  | { kind: 'remove'; names: string[] }
  | { kind: 'begin'; image: string };

const name = fc.constantFrom('a', 'b', 'c', 'd');
const names = fc.uniqueArray(name, { maxLength: 3 });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('put'),
      name,
      images: names,
      environment: fc.constantFrom('production', 'pr-1', 'staging'),
    }),
    fc.record({ kind: fc.constant('remove'), names }),
    fc.record({ kind: fc.constant('begin'), image: name }),
  ),
  { minLength: 3, maxLength: 12 },
);

/** Keeps and removes releases as the steps say, two hours apart; `before` each removal everything has become old. */
async function play(repository: Repository, all: readonly Step[], before: () => Promise<void>): Promise<void> {
  const registry = createReleaseRegistry(repository);
  const kept = new Map<Digest, Release>();
  let hour = 0;
  for (const step of all) {
    hour += 2;
    if (step.kind === 'begin') {
      // A build that came no further than this.
      const image = await pushImage(repository, step.image, ['amd64']);
      await repository.tag(image, `pr-2-20260304t000000z-${'0'.repeat(12)}.per-service.x`);
    } else if (step.kind === 'put') {
      const release = await releaseOf(repository, step.name, step.images);
      await registry.put(release, { environment: step.environment, at: hours(hour) });
      kept.set(release.digest, release);
    } else {
      await before();
      const gone = [...kept.values()].filter(({ content: { tool } }) => step.names.includes(tool));
      const digests = gone.map(({ digest }) => digest);
      const removed = await registry.remove(digests, { now: hours(hour), dryRun: false });
      for (const digest of digests) kept.delete(digest);
      expect(removed).toMatchObject({ releases: digests, spared: [] });
      for (const image of removed.images) expect(await repository.manifest(image)).toBeUndefined();
      const marks = (await repository.tags()).map((tag) => tag.split('.')[0]!);
      for (const tag of marks) expect([...kept.keys()].map((digest) => digest.slice(7, 19))).toContain(tag.slice(-12));
    }
    expect(new Set(await listed(repository))).toEqual(new Set(kept.keys()));
    for (const digest of kept.keys()) expect(await problemsOf(repository, digest)).toEqual([]);
  }
}

const title = 'whatever was kept and removed in whatever order, what stays is whole, and nothing else does';

test(`in a registry: ${title}`, async () => {
  await fc.assert(
    fc.asyncProperty(steps, (all) => play(createMemoryRegistry().open(), all, async () => {})),
    { numRuns: 60, seed: 4 },
  );
}, 20_000);

test(`in a layout: ${title}`, async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      await using place = await layout();
      await play(place.repository, all, () => age(place.path));
    }),
    { numRuns: 4, seed: 4 },
  );
}, 20_000);
