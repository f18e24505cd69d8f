import { describe, expect, test } from '@jest/globals';
import { mediaTypes } from '../../../images/oci/descriptor.ts';
import type { Repository } from '../../../images/oci/repository/mod.ts';
import { createReleaseRegistry, sealRelease } from '../../../images/release/mod.ts';
import type { Digest, KeptRelease } from '../../../pipeline/mod.ts';
import { blob, codeOf, failureOf, push } from '../oci/content.ts';
import { contentOf, places, pushRelease, source } from './support/releases.ts';

const at = (time: string) => new Date(`2026-03-04T${time}Z`);
const nowhere = `sha256:${'1'.repeat(64)}` as const;

test('the digest of a release is that of its content alone, and stays the same in later versions', () => {
  const content = contentOf({ 'all-in-one/app': nowhere });
  const { digest } = sealRelease(content, source('a', 'one'));
  expect(sealRelease(structuredClone(content), source('b')).digest).toBe(digest);
  expect(sealRelease({ ...content, tool: '1.0.1' }, source('a', 'one')).digest).not.toBe(digest);
  expect(digest).toBe('sha256:f218eb2866d83225d61647aadc1b2784abc98403342b8decd715d31a45fd3895');
});

for (const [name, present, open] of places) {
  describe(name, () => {
    if (!present) {
      test.skip('is not installed', () => {});
      return;
    }

    test('a release comes back as it was put, with the source it was last built from', async () => {
      await using place = await open();
      const registry = createReleaseRegistry(place.repository);
      const release = await pushRelease(place.repository, 'one');
      expect(await registry.get(release.digest)).toBeUndefined();
      await registry.put(release, { environment: 'pr-7', at: at('10:00:00') });
      expect(await registry.get(release.digest)).toEqual(release);

      const merged = { ...release, source: source('a', 'merge') };
      await registry.put(merged, { environment: 'production', at: at('11:00:00') });
      await registry.put(merged, { environment: 'production', at: at('12:00:00') });
      expect(await registry.get(release.digest)).toEqual(merged);
      await registry.put({ ...release, source: source('c') }, { at: at('13:00:00') });
      expect(await registry.builds(release.digest)).toEqual([
        { source: source('c'), at: '2026-03-04T13:00:00Z' },
        { source: source('a', 'merge'), at: '2026-03-04T11:00:00Z' },
        { source: source('a', 'one'), at: '2026-03-04T10:00:00Z' },
      ]);
    });

    test('releases are listed by environment, the newest first, and their images have tags that say whose they are', async () => {
      await using place = await open();
      const { repository } = place;
      const registry = createReleaseRegistry(repository);
      expect(await registry.list()).toEqual([]);
      const [one, two] = [await pushRelease(repository, 'one'), await pushRelease(repository, 'two')];
      await registry.put(one, { environment: 'pr-7', at: at('10:00:00') });
      await registry.put(two, { environment: 'production', at: at('11:00:00') });
      await registry.put(one, { environment: 'production', at: at('12:00:00.9') });
      await registry.put(two, { at: at('13:00:00') });
      const entry = (digest: Digest, time: string, environment?: string): KeptRelease => ({
        digest,
        at: `2026-03-04T${time}Z`,
        ...(environment !== undefined && { environment }),
      });
      expect(await registry.list()).toEqual([
        entry(two.digest, '13:00:00'),
        entry(one.digest, '12:00:00', 'production'),
        entry(two.digest, '11:00:00', 'production'),
        entry(one.digest, '10:00:00', 'pr-7'),
      ]);
      expect(await registry.list('pr-7')).toEqual([entry(one.digest, '10:00:00', 'pr-7')]);
      expect(await registry.list('pr-8')).toEqual([]);
      const tag = `pr-7-20260304t100000z-${one.digest.slice(7, 19)}`;
      expect((await repository.tags()).filter((one) => one.startsWith('pr-7'))).toEqual([tag, `${tag}.all-in-one.app`]);
      expect((await repository.manifest(`${tag}.all-in-one.app`))?.descriptor.digest).toBe(
        one.content.images['all-in-one/app'],
      );
    });

    test('a release without one of its images is refused, and nothing of it can be found', async () => {
      await using place = await open();
      const registry = createReleaseRegistry(place.repository);
      const release = await pushRelease(place.repository, 'one', { 'per-service/orders': nowhere });
      const { code, text } = await failureOf(registry.put(release, { at: at('10:00:00') }));
      expect(code).toBe('FL2101');
      expect(text).toContain(`its image per-service/orders (${nowhere})`);
      expect(await registry.list()).toEqual([]);
      expect(await registry.get(release.digest)).toBeUndefined();
    });

    test('a few digits are enough to find a release, when they are of no other', async () => {
      await using place = await open();
      const { repository } = place;
      const registry = createReleaseRegistry(repository);
      const [one, two] = await alike(repository);
      for (const [index, release] of [one, two].entries()) await registry.put(release, { at: at(`10:00:0${index}`) });
      const hex = one.digest.slice('sha256:'.length);
      for (const text of [one.digest, hex, hex.slice(0, 12), hex.slice(0, 30), `sha256:${hex.slice(0, 8)}`])
        expect(await registry.find(text)).toBe(one.digest);
      const { code, text } = await failureOf(registry.find(hex.slice(0, 6)));
      expect(code).toBe('FL2106');
      for (const { digest } of [one, two]) expect(text).toContain(digest);
      for (const wrong of ['ffffff', hex.slice(0, 5), 'production', `${hex}0`, `${hex.slice(0, 12)}000000`])
        expect(await codeOf(registry.find(wrong))).toBe('FL2105');
    }, 20_000);

    test('what is no release of ours is neither listed nor read as one', async () => {
      await using place = await open();
      const { repository } = place;
      const registry = createReleaseRegistry(repository);
      const release = await pushRelease(repository, 'one');
      const image = release.content.images['all-in-one/app']!;
      await repository.tag(image, 'latest');
      await repository.tag(image, 'v1.0-20260304t100000z-0123456789ab');
      await repository.tag(image, `pr-1-20269904t100000z-${image.slice(7, 19)}`);
      await repository.tag(image, 'pr-1-20260304t100000z-0123456789ab');
      expect(await registry.list()).toEqual([]);
      expect(await registry.get(image)).toBeUndefined();
    });

    test.each([
      ['by a newer Fairlead', { version: 3, tool: '9.1.0' }, 'FL2103', 'Fairlead 9.1.0'],
      ['by a newer one that says no more', { version: 3 }, 'FL2103', 'a newer version'],
      ['without its images', { version: 2 }, 'FL2102', 'its tool is not as it should be'],
      ['as no object', 'all of it', 'FL2102', 'it is no object'],
      ['with an image that has no digest', { ...contentOf({}), images: { a: 'b' } }, 'FL2102', 'its images'],
      ['with a migrate image that it does not have', contentOf({}, { migrate: 'all-in-one/app' }), 'FL2102', 'migrate'],
    ])('a release that was written %s is refused', async (_how, content, code, words) => {
      await using place = await open();
      const { repository } = place;
      const type = 'application/vnd.fairlead.release.v1+json';
      const [config, file] = [blob('{}', mediaTypes.empty), blob(JSON.stringify(content), type)];
      const manifest = blob(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: mediaTypes.manifest,
          artifactType: type,
          config: config.descriptor,
          layers: [file.descriptor],
        }),
        mediaTypes.manifest,
      );
      const digest = await push(repository, { manifest, blobs: [config, file] });
      const failure = await failureOf(createReleaseRegistry(repository).get(digest));
      expect(failure.code).toBe(code);
      expect(failure.text).toContain(words);
    });
  });
}

/** Two releases whose digests begin with the same six digits. */
async function alike(repository: Repository) {
  const first = await pushRelease(repository, 'one');
  const seen = new Map<string, number>();
  for (let count = 0; ; count += 1) {
    const digits = sealRelease({ ...first.content, tool: `${count}` }, first.source).digest.slice(7, 13);
    const other = seen.get(digits);
    seen.set(digits, count);
    if (other === undefined) continue;
    return [other, count].map((tool) => sealRelease({ ...first.content, tool: `${tool}` }, first.source)) as [
      typeof first,
      typeof first,
    ];
  }
}
