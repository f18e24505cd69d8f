import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { JsonSchema } from '../../../analyzer/graph.ts';
import type { Repository } from '../../../images/oci/repository/mod.ts';
import { inspectImages } from '../../../images/release/inspect.ts';
import { createReleaseRegistry, sealRelease } from '../../../images/release/mod.ts';
import { verifyRelease } from '../../../images/release/verify.ts';
import type { Digest, Release } from '../../../pipeline/mod.ts';
import { blob, codeOf, failureOf, image, index, push, write } from '../oci/content.ts';
import { contentOf, layout, places, pushRelease, source } from './support/releases.ts';

const at = new Date('2026-03-04T10:00:00Z');
const key = 'all-in-one/app';

async function kept(repository: Repository): Promise<Release> {
  const release = await pushRelease(repository, 'one');
  await createReleaseRegistry(repository).put(release, { environment: 'production', at });
  return release;
}

for (const [name, present, open] of places) {
  describe(name, () => {
    if (!present) {
      test.skip('is not installed', () => {});
      return;
    }

    test('a whole release is found whole, and what it is made of can be seen', async () => {
      await using place = await open();
      const { repository } = place;
      const { digest, content } = await kept(repository);
      const found = await verifyRelease(repository, digest);
      expect(found).toMatchObject({ content, problems: [], elsewhere: 0 });
      expect(found.parts).toBeGreaterThan(10);
      const platform = { layers: 2, bytes: expect.any(Number) };
      expect(await inspectImages(repository, { ...content.images, gone: `sha256:${'1'.repeat(64)}` })).toEqual({
        [key]: {
          digest: content.images[key],
          platforms: [
            { platform: 'linux/amd64', ...platform },
            { platform: 'linux/arm64', ...platform },
          ],
          sbom: true,
        },
        gone: { digest: `sha256:${'1'.repeat(64)}`, sbom: false },
      });
    });

    test('a release that is not there is said to be none', async () => {
      await using place = await open();
      expect(await codeOf(verifyRelease(place.repository, `sha256:${'1'.repeat(64)}`))).toBe('FL2105');
    });

    test('a release that is none by its schema is damaged', async () => {
      await using place = await open();
      const { repository } = place;
      const content = contentOf({});
      const odd = sealRelease({ ...content, graph: { ...content.graph, services: 'all' } as never }, source('a'));
      await createReleaseRegistry(repository).put(odd, { at });
      const { code, text } = await failureOf(verifyRelease(repository, odd.digest));
      expect(code).toBe('FL2102');
      expect(text).toContain('/graph/services must be array');
    });
  });
}

test('all that is missing or damaged is told at once, with what it belongs to', async () => {
  await using place = await layout();
  const { digest, content } = await kept(place.repository);
  const file = (of: Digest) => join(place.path, 'blobs', 'sha256', of.slice('sha256:'.length));
  const indexBytes = (await place.repository.manifest(content.images[key]!))!.bytes;
  const [amd, arm] = (JSON.parse(`${Buffer.from(indexBytes)}`) as { manifests: { digest: Digest }[] }).manifests;
  await rm(file(arm!.digest));
  const manifest = JSON.parse(`${Buffer.from((await place.repository.manifest(amd!.digest))!.bytes)}`);
  const [shared, own] = manifest.layers as { digest: Digest; size: number }[];
  await writeFile(file(shared!.digest), 'x'.repeat(shared!.size));
  await rm(file(own!.digest));
  const { problems } = await verifyRelease(place.repository, digest);
  const short = digest.slice(7, 19);
  expect(problems.map(({ code, message }) => `${code}: ${message}`)).toEqual([
    expect.stringContaining(
      `FL2102: the release ${short} in ${place.path} is damaged: application/vnd.oci.image.layer`,
    ),
    expect.stringContaining(`FL2101: the release ${short} lacks application/vnd.oci.image.layer`),
    expect.stringContaining(`FL2101: the release ${short} lacks its image ${key}`),
  ]);
  for (const { help } of problems) expect(help).toContain('Build it again');
});

test('in a layout layers of the base may stay where the base is, and no others', async () => {
  await using place = await layout();
  const { repository } = place;
  const [base, ...own] = [blob('base'), blob('dependencies'), blob('application')];
  const one = image([base, ...own]);
  for (const part of [base, ...own]) await write(repository, part);
  await push(repository, one);
  const all = index([one.manifest]);
  await repository.putManifest(all.bytes, all.descriptor.mediaType);
  const images = { [key]: all.descriptor.digest };
  const on = { base: { image: 'registry.example/node:24', digest: base.descriptor.digest } };
  const [based, whole] = [contentOf(images, on), contentOf(images)].map((content) => sealRelease(content, source('a')));
  for (const release of [based!, whole!]) await createReleaseRegistry(repository).put(release, { at });
  const file = (of: Digest) => join(place.path, 'blobs', 'sha256', of.slice('sha256:'.length));
  await rm(file(base.descriptor.digest));
  expect(await verifyRelease(repository, based!.digest)).toMatchObject({ problems: [], elsewhere: 1 });
  expect((await verifyRelease(repository, whole!.digest)).problems).toMatchObject([{ code: 'FL2101' }]);
  await rm(file(own[0]!.descriptor.digest));
  expect((await verifyRelease(repository, based!.digest)).problems).toMatchObject([{ code: 'FL2101' }]);
});

test('a Graph whose schemas go on and on is refused, not run out of', async () => {
  await using place = await layout();
  const { repository } = place;
  const deep = Array.from({ length: 3000 }).reduce<JsonSchema>((items) => ({ items }), {});
  const schemas = { deep };
  const { graph, ...rest } = contentOf({});
  const release = sealRelease({ ...rest, graph: { ...graph, schemas } }, source('a'));
  await createReleaseRegistry(repository).put(release, { at });
  await expect(verifyRelease(repository, release.digest)).rejects.toThrow(/FL2102.*nested too deeply/);
});
