import type { BaseImage, Digest } from '../pipeline/mod.ts';
import type { Libc } from './base/mod.ts';
import { type FileHash, hashOf, type ImageFile } from './files.ts';
import type { LayerMaker } from './layer-maker.ts';
import {
  type Artifact,
  artifactOf,
  type Base,
  type Encoded,
  type ImageSettings,
  imageOf,
  indexOf,
  type LayerFile,
  type ShippedPackage,
  sbomOf,
  sbomType,
} from './oci/image/mod.ts';
import { parseManifest } from './oci/repository/content.ts';
import { codeOf } from './oci/repository/errors.ts';
import type { Layout } from './oci/repository/mod.ts';

/** What images lie on, for each platform that is wanted. */
export interface Bases {
  /** Absent: nothing. */
  image?: BaseImage;
  /** The C library that they seem to have. Absent: nothing is known. */
  libc?: Libc;
  /** How Node is started in them; arguments and the program follow. */
  entrypoint: readonly string[];
  /** At least one. */
  platforms: readonly Base[];
}

/** What an image is made of, the same for each platform. */
export interface ImageContent {
  /** Of the SBOM: what the image is. */
  name: string;
  /** Lowest first. */
  layers: { files: readonly LayerFile[]; createdBy: string }[];
  /** Those of the files that are the image's own, not of a package: the SBOM lists them. */
  own: readonly ImageFile[];
  /** More of them, of which only the hashes are at hand. @default none */
  hashed?: readonly FileHash[];
  packages: readonly ShippedPackage[];
  settings: ImageSettings;
}

/**
 * Writes an image into a layout, without the layers of its base: an index over its platforms, their manifests and configs, its layers,
 * and an SBOM that refers to the index. Answers the digest of the index.
 */
export async function writeImage(
  content: ImageContent,
  { platforms }: Bases,
  { repository, layers }: { repository: Layout; layers: LayerMaker },
): Promise<Digest> {
  const { settings } = content;
  const made = await Promise.all(
    content.layers.map(async ({ files, createdBy }) => ({ ...(await layers.make(files)), createdBy })),
  );
  const images = platforms.map((base) => imageOf({ base, layers: made, settings }));
  const index = indexOf(images, settings.labels ?? {});
  if (await isComplete(repository, [index, ...images.flatMap(({ config, manifest }) => [config, manifest])]))
    return index.descriptor.digest;
  const elsewhere = new Set(platforms.flatMap((base) => base.layers.map(({ digest }) => digest)));
  const sbom = await sbomFor(content, index);
  for (const blob of [...images.map(({ config }) => config), sbom.config, sbom.content])
    await repository.writeBlob(blob.descriptor, () => blob.bytes);
  await repository.putManifests([...images.map(({ manifest }) => manifest), index, sbom.manifest], { elsewhere });
  return index.descriptor.digest;
}

/** Files at hand, as a layer takes them. */
export function filesOf(files: readonly ImageFile[]): LayerFile[] {
  return files.map(({ path, bytes }) => ({ path, content: bytes }));
}

/** What the image is, and what it lies on. Nothing of where or when it was built: the merge of a reviewed tree is the same image. */
export function labelsOf(title: string, base: BaseImage | undefined): Record<string, string> {
  return {
    'org.opencontainers.image.title': title,
    ...(base && {
      'org.opencontainers.image.base.name': base.image,
      'org.opencontainers.image.base.digest': base.digest,
    }),
  };
}

/**
 * Whether an index, what it names but for the layers, and its SBOM are there, each with its very bytes. What the SBOM says
 * follows from the image, so that any will do. All of it is as good as new then, and no prune removes it.
 */
async function isComplete(repository: Layout, [index, ...parts]: readonly [Encoded, ...Encoded[]]): Promise<boolean> {
  try {
    const [sbom] = await repository.referrers(index.descriptor.digest, sbomType);
    const manifest = sbom && (await repository.manifest(sbom.digest));
    if (!manifest) return false;
    const { blobs } = parseManifest(manifest.bytes, repository.place);
    const all = [index, ...parts, manifest].map(({ descriptor }) => descriptor);
    return !(await Promise.all([...all, ...blobs].map((part) => repository.isIntact(part)))).includes(false);
  } catch (error) {
    if (codeOf(error) === 'FL2204') return false;
    throw error;
  }
}

async function sbomFor({ name, packages, own, hashed = [] }: ImageContent, index: Encoded): Promise<Artifact> {
  const sbom = await sbomOf({
    name,
    packages,
    files: [...own.map(({ path, bytes }): FileHash => ({ path, hash: hashOf(bytes) })), ...hashed],
  });
  return artifactOf(sbom, index.descriptor, 'sbom.cdx.json');
}
