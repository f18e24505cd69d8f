import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { type Layout, openLayout, openRegistry, type Repository } from '../../../../images/oci/repository/mod.ts';
import { sealRelease } from '../../../../images/release/mod.ts';
import type { Digest, Release, ReleaseContent, Source } from '../../../../pipeline/mod.ts';
import {
  dockerRegistry,
  goRegistry,
  startDockerRegistry,
  startGoRegistry,
  type TestRegistry,
} from '../../../support/registries.ts';
import { artifact, type Blob, blob, image, index, push } from '../../oci/content.ts';
import { directory, graph } from '../../sample.ts';

/** An image with an SBOM for each platform; the same bytes for the same text. */
export async function pushImage(
  repository: Repository,
  text: string,
  architectures: readonly string[] = ['amd64', 'arm64'],
): Promise<Digest> {
  const platforms: Blob[] = [];
  for (const architecture of architectures) {
    const one = image([blob(`all of ${text}`), blob(`${architecture} of ${text}`)]);
    await push(repository, one);
    await push(repository, artifact('application/vnd.cyclonedx+json', one.manifest, `sbom of ${architecture} ${text}`));
    const platform = { os: 'linux', architecture };
    platforms.push({ ...one.manifest, descriptor: { ...one.manifest.descriptor, platform } });
  }
  const { bytes, descriptor } = index(platforms);
  return (await repository.putManifest(bytes, descriptor.mediaType)).digest;
}

export function contentOf(images: Record<string, Digest>, parts: Partial<ReleaseContent> = {}): ReleaseContent {
  return { version: 2, tool: '1.0.0', graph: graph({}), images, databases: {}, inputs: {}, ...parts };
}

export const source = (letter: string, commit?: string): Source => ({
  hash: `sha256:${letter.repeat(64)}`,
  ...(commit !== undefined && { commit }),
});

/** A release with one image of its own, which is pushed. */
export async function pushRelease(
  repository: Repository,
  name: string,
  images: Record<string, Digest> = {},
): Promise<Release> {
  const own = await pushImage(repository, name);
  return sealRelease(contentOf({ 'all-in-one/app': own, ...images }, { tool: name }), source('a', name));
}

/** As if everything in a layout had been written a day ago. */
export async function age(layout: string): Promise<void> {
  const yesterday = new Date(Date.now() - 86_400_000);
  const blobs = join(layout, 'blobs', 'sha256');
  for (const name of await readdir(blobs).catch(() => [])) await utimes(join(blobs, name), yesterday, yesterday);
}

export async function layout(): Promise<AsyncDisposable & { path: string; repository: Layout }> {
  const root = await directory();
  return { path: root.path, repository: openLayout(root.path), [Symbol.asyncDispose]: root[Symbol.asyncDispose] };
}

type Place = AsyncDisposable & { repository: Repository };

const running = new Map<string, Promise<TestRegistry>>();
let repositories = 0;

/** A fresh repository of each kind that is to be had here: a registry is started once for all tests of a file. */
export const places: [name: string, present: boolean, open: () => Promise<Place>][] = [
  ['a layout on disk', true, layout],
  [
    'docker-registry',
    dockerRegistry !== undefined,
    () => remote('docker-registry', () => startDockerRegistry(dockerRegistry!)),
  ],
  [
    "go-containerregistry's registry",
    goRegistry !== undefined,
    () => remote('go', () => startGoRegistry(goRegistry!, { referrers: true })),
  ],
];

afterAll(async () => {
  for (const registry of running.values()) await (await registry).stop();
});

async function remote(name: string, start: () => Promise<TestRegistry>): Promise<Place> {
  const started = running.get(name) ?? start();
  running.set(name, started);
  const opened = openRegistry((await started).host);
  repositories += 1;
  return {
    repository: opened.repository(`team/shop${repositories}`),
    [Symbol.asyncDispose]: async () => opened.close(),
  };
}
