import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Descriptor } from '../../../../images/oci/descriptor.ts';
import type { Artifact, Encoded, Image, Layer } from '../../../../images/oci/image/mod.ts';

type Blob = Encoded | Layer;

/** Writes an OCI image layout by hand, for tools that read one: what is listed by name, and what that needs. */
export async function writeLayout(path: string, names: Record<string, Encoded>, blobs: Blob[]): Promise<void> {
  await mkdir(join(path, 'blobs/sha256'), { recursive: true });
  for (const blob of [...Object.values(names), ...blobs]) await writeBlob(path, blob);
  const manifests = Object.entries(names).map(([name, { descriptor }]) => ({
    ...descriptor,
    annotations: { 'org.opencontainers.image.ref.name': name },
  })) satisfies Descriptor[];
  await writeFile(join(path, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(
    join(path, 'index.json'),
    JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests }),
  );
}

export function blobsOf({ config, manifest }: Image): Encoded[] {
  return [config, manifest];
}

export function blobsOfArtifact({ config, content, manifest }: Artifact): Encoded[] {
  return [config, content, manifest];
}

async function writeBlob(path: string, blob: Blob): Promise<void> {
  const target = join(path, 'blobs', blob.descriptor.digest.replace(':', '/'));
  if ('bytes' in blob) await writeFile(target, blob.bytes);
  else if (blob.content instanceof Uint8Array) await writeFile(target, blob.content);
  else await copyFile(blob.content!.file, target);
}
