import type { BaseImage, Digest } from '../pipeline/mod.ts';
import type { Libc } from './base/mod.ts';
import { type FileHash, hashOf, type ImageFile } from './files.ts';
import { type LayerMaker, workingDirectory } from './layer-maker.ts';
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

/** Everything a process is made of. */
export interface ProcessContent {
  application: string;
  /** As in `imageKey`. */
  key: string;
  /** The runtime, and the packages that are not bundled: what changes seldom. */
  dependencies: readonly LayerFile[];
  /** What changes with the application's code. */
  own: readonly ImageFile[];
  packages: readonly ShippedPackage[];
}

/** How many layers an image has above its base. */
export const ownLayers = 2;

/** The port that a process listens on unless `PORT` says another. */
const port = 8080;

/** What Docker runs to find out whether a container works. */
const healthScript =
  "fetch('http://127.0.0.1:'+(process.env.PORT||8080)+'/__encore/healthz').then((r)=>process.exit(r.ok?0:1),()=>process.exit(1))";

/**
 * Writes the image of a process into a layout, without the layers of its base: an index over its platforms, their manifests and configs, two layers,
 * and an SBOM that refers to the index. Answers the digest of the index.
 */
export async function writeProcessImage(
  content: ProcessContent,
  { image, entrypoint, platforms }: Bases,
  { repository, layers }: { repository: Layout; layers: LayerMaker },
): Promise<Digest> {
  const [dependencies, application] = await Promise.all([
    layers.make(content.dependencies),
    layers.make(filesOf(content.own)),
  ]);
  const labels = labelsOf(content, image);
  const images = platforms.map((base) =>
    imageOf({
      base,
      layers: [
        { ...dependencies, createdBy: 'fairlead: dependencies' },
        { ...application, createdBy: 'fairlead: application' },
      ],
      settings: settingsOf(entrypoint, labels),
    }),
  );
  const index = indexOf(images, labels);
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

function settingsOf(node: readonly string[], labels: Record<string, string>): ImageSettings {
  return {
    entrypoint: [...node, '--enable-source-maps'],
    cmd: ['main.mjs'],
    workingDirectory,
    env: { NODE_ENV: 'production' },
    ports: [port],
    labels,
    healthcheck: { command: [...node, '-e', healthScript], interval: 10, timeout: 3, startPeriod: 10, retries: 3 },
  };
}

/** Nothing of where or when it was built: the merge of a reviewed tree is the same image. */
function labelsOf({ application, key }: ProcessContent, base: BaseImage | undefined): Record<string, string> {
  return {
    'org.opencontainers.image.title': `${application} ${key}`,
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

async function sbomFor(content: ProcessContent, index: Encoded): Promise<Artifact> {
  const sbom = await sbomOf({
    name: `${content.application}/${content.key}`,
    packages: content.packages,
    files: content.own.map(({ path, bytes }): FileHash => ({ path, hash: hashOf(bytes) })),
  });
  return artifactOf(sbom, index.descriptor, 'sbom.cdx.json');
}
