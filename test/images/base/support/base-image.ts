import type { ContainerConfig, Descriptor, HistoryEntry, Platform } from '../../../../images/oci/descriptor.ts';
import type { Repository } from '../../../../images/oci/repository/mod.ts';
import type { Digest } from '../../../../pipeline/mod.ts';
import { type Blob, json, push, randomBlob } from '../../oci/content.ts';

/** As `gcr.io/distroless/nodejs…` is started. */
export const distroless: ContainerConfig = {
  User: '65532',
  Entrypoint: ['/nodejs/bin/node'],
  Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
};

/** As `node:…-slim` is. */
export const slim: ContainerConfig = {
  Entrypoint: ['docker-entrypoint.sh'],
  Cmd: ['node'],
  Env: ['PATH=/usr/local/bin:/usr/bin', 'NODE_VERSION=24.1.0', 'YARN_VERSION=1.22.22'],
};

export interface Making {
  config?: ContainerConfig | null;
  platforms?: readonly string[];
  history?: HistoryEntry[];
  /** Written into each config: so that two bases have two digests. */
  author?: string;
}

/** Puts a base image of one layer into a repository: an index of its platforms with attestations, as builders make them. */
export async function pushBase(repository: Repository, tag: string | undefined, making: Making = {}): Promise<Digest> {
  const { platforms = ['linux/amd64', 'linux/arm64'] } = making;
  const manifests: Descriptor[] = [];
  for (const name of platforms) {
    const [os = '', architecture = '', variant] = name.split('/');
    const platform: Platform = { os, architecture, ...(variant !== undefined && { variant }) };
    manifests.push({ ...(await pushPlatform(repository, platform, making)), platform });
  }
  const attestation = await pushPlatform(repository, { os: 'unknown', architecture: 'unknown' }, making);
  manifests.push({ ...attestation, platform: { os: 'unknown', architecture: 'unknown' } });
  const type = 'application/vnd.oci.image.index.v1+json';
  const index = json({ schemaVersion: 2, mediaType: type, manifests }, type);
  return (await repository.putManifest(index.bytes, type, tag)).digest;
}

/** One platform's image, without an index. */
export async function pushPlatform(
  repository: Repository,
  platform: Platform,
  { config = distroless, history = [], author = 'test' }: Making,
): Promise<Descriptor> {
  const layer = randomBlob(1000);
  const type = 'application/vnd.oci.image.config.v1+json';
  const written = {
    ...platform,
    author,
    config,
    history,
    rootfs: { type: 'layers', diff_ids: [layer.descriptor.digest] },
  };
  const blob = json(written, type);
  const manifest = manifestOf(blob, [layer]);
  await push(repository, { manifest, blobs: [blob, layer] });
  return manifest.descriptor;
}

export function manifestOf(config: Blob, layers: Blob[]): Blob {
  const type = 'application/vnd.oci.image.manifest.v1+json';
  const value = {
    schemaVersion: 2,
    mediaType: type,
    config: config.descriptor,
    layers: layers.map((l) => l.descriptor),
  };
  return json(value, type);
}
