import type { Digest } from '../../pipeline/mod.ts';
import type { Descriptor, Index, Manifest } from '../oci/descriptor.ts';
import { sbomType } from '../oci/image/mod.ts';
import { parseJson, tryParseManifest } from '../oci/repository/content.ts';
import type { Repository } from '../oci/repository/mod.ts';
import { createPool } from '../oci/repository/pool.ts';

/** An image as it is kept, without a look at its layers. */
export interface InspectedImage {
  digest: Digest;
  /** Absent: it is not there, or is no image. */
  platforms?: InspectedPlatform[];
  /** Whether what it is made of is listed beside it. */
  sbom: boolean;
}

export interface InspectedPlatform {
  /** `linux/amd64`; `any` when nothing says. */
  platform: string;
  layers: number;
  /** Of its layers as they are sent, those of the base among them. */
  bytes: number;
}

/** Requests at the same time. */
const concurrency = 8;

/** By the same keys. */
export async function inspectImages(
  repository: Repository,
  images: Readonly<Record<string, Digest>>,
): Promise<Record<string, InspectedImage>> {
  const pool = createPool(concurrency);
  const all = Object.entries(images).map(
    async ([key, digest]) => [key, await pool(() => inspect(repository, digest))] as const,
  );
  return Object.fromEntries(await Promise.all(all));
}

async function inspect(repository: Repository, digest: Digest): Promise<InspectedImage> {
  const found = await repository.manifest(digest);
  const parts = found && tryParseManifest(found.bytes);
  if (!found || !parts) return { digest, sbom: false };
  const index = parseJson(found.bytes) as Partial<Index>;
  const children: Pick<Descriptor, 'digest' | 'platform'>[] = index.manifests ? parts.manifests : [{ digest }];
  const platforms: InspectedPlatform[] = [];
  let sbom = await hasSbom(repository, digest);
  for (const child of children) {
    const one = await inspectPlatform(repository, child);
    if (one) platforms.push(one);
    sbom ||= await hasSbom(repository, child.digest);
  }
  return { digest, ...(platforms.length > 0 && { platforms }), sbom };
}

async function inspectPlatform(
  repository: Repository,
  { digest, platform }: Pick<Descriptor, 'digest' | 'platform'>,
): Promise<InspectedPlatform | undefined> {
  const found = await repository.manifest(digest);
  const layers = found && tryParseManifest(found.bytes) && (parseJson(found.bytes) as Partial<Manifest>).layers;
  if (!layers) return undefined;
  return {
    platform: platform ? [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/') : 'any',
    layers: layers.length,
    bytes: layers.reduce((sum, { size }) => sum + size, 0),
  };
}

async function hasSbom(repository: Repository, digest: Digest): Promise<boolean> {
  return (await repository.referrers(digest, sbomType)).length > 0;
}
