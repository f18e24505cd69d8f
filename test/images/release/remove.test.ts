import { describe, expect, test } from '@jest/globals';
import type { Repository } from '../../../images/oci/repository/mod.ts';
import { createReleaseRegistry } from '../../../images/release/mod.ts';
import type { Digest } from '../../../pipeline/mod.ts';
import { age, places, pushImage, pushRelease } from './support/releases.ts';

const now = new Date('2026-03-04T12:00:00Z');
const yesterday = new Date('2026-03-03T12:00:00Z');

/** Whether an image, and for each of its platforms the image, the layers and the SBOM are there. */
async function isWhole(repository: Repository, image: Digest): Promise<boolean[]> {
  const index = await repository.manifest(image);
  if (!index) return [false];
  const { manifests } = JSON.parse(`${Buffer.from(index.bytes)}`) as { manifests: { digest: Digest }[] };
  const parts = manifests.map(async ({ digest }) => {
    const manifest = await repository.manifest(digest);
    if (!manifest) return [false];
    const { layers } = JSON.parse(`${Buffer.from(manifest.bytes)}`) as { layers: { digest: Digest }[] };
    const there = await Promise.all(layers.map((layer) => repository.hasBlob(layer.digest)));
    return [...there, (await repository.referrers(digest)).length > 0];
  });
  return (await Promise.all(parts)).flat();
}

for (const [name, present, open] of places) {
  describe(name, () => {
    if (!present) {
      test.skip('is not installed', () => {});
      return;
    }

    test('a release goes with its images, but for those that others name', async () => {
      await using place = await open();
      const { repository } = place;
      const registry = createReleaseRegistry(repository);
      const shared = await pushImage(repository, 'shared');
      const images = { 'per-service/orders': shared };
      const [one, two] = [await pushRelease(repository, 'one', images), await pushRelease(repository, 'two', images)];
      await registry.put(one, { environment: 'production', at: yesterday });
      await registry.put(one, { environment: 'pr-1', at: yesterday });
      await registry.put(two, { environment: 'production', at: yesterday });
      await repository.tag(shared, 'latest');
      if ('prune' in repository) await age(repository.place);

      const own = one.content.images['all-in-one/app']!;
      const before = await repository.tags();
      const foreseen = await registry.remove([one.digest], { now, dryRun: true });
      expect(foreseen).toMatchObject({ releases: [one.digest], spared: [], images: [own] });
      expect(await repository.tags()).toEqual(before);
      expect(await registry.get(one.digest)).toEqual(one);

      expect(await registry.remove([one.digest], { now, dryRun: false })).toEqual(foreseen);
      expect(await registry.list()).toEqual([expect.objectContaining({ digest: two.digest })]);
      expect(await registry.get(one.digest)).toBeUndefined();
      expect(await registry.builds(one.digest)).toEqual([]);
      expect(await repository.manifest(own)).toBeUndefined();
      expect(await registry.get(two.digest)).toEqual(two);
      for (const image of Object.values(two.content.images))
        expect(await isWhole(repository, image)).toEqual([true, true, true, true, true, true]);
      expect((await repository.manifest('latest'))?.descriptor.digest).toBe(shared);
      expect(await registry.remove([], { now, dryRun: false })).toMatchObject({ releases: [], images: [] });
    });

    test('a release that was kept again since it was decided stays', async () => {
      await using place = await open();
      const { repository } = place;
      const registry = createReleaseRegistry(repository);
      const one = await pushRelease(repository, 'one');
      await registry.put(one, { environment: 'production', at: yesterday });
      await registry.put(one, { environment: 'pr-9', at: new Date('2026-03-04T11:59:00Z') });
      if ('prune' in repository) await age(repository.place);
      expect(await registry.remove([one.digest], { now, dryRun: false })).toMatchObject({
        releases: [],
        spared: [one.digest],
        images: [],
      });
      expect(await registry.get(one.digest)).toEqual(one);
      expect(await isWhole(repository, one.content.images['all-in-one/app']!)).not.toContain(false);
    });

    test('what is left of a removal that ended half-way goes the next time', async () => {
      await using place = await open();
      const { repository } = place;
      const registry = createReleaseRegistry(repository);
      const [one, two] = [await pushRelease(repository, 'one'), await pushRelease(repository, 'two')];
      for (const release of [one, two]) await registry.put(release, { environment: 'production', at: yesterday });
      if ('prune' in repository) await age(repository.place);
      // Releases go before their images.
      await repository.remove(one.digest);
      for (const tag of (await repository.tags()).filter((tag) => tag.endsWith(one.digest.slice(7, 19))))
        await repository.remove(tag);
      const own = one.content.images['all-in-one/app']!;
      const { images } = await registry.remove([], { now, dryRun: false });
      expect(images).toEqual([own]);
      expect(await repository.manifest(own)).toBeUndefined();
      expect(await isWhole(repository, two.content.images['all-in-one/app']!)).not.toContain(false);
    });
  });
}
