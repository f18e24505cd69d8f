import { randomBytes } from 'node:crypto';
import { type Descriptor, digestOf, type Index, type Manifest, mediaTypes } from '../../../images/oci/descriptor.ts';
import type { Repository } from '../../../images/oci/repository/mod.ts';
import { type Digest, UserError } from '../../../pipeline/mod.ts';

/** Bytes with the descriptor that belongs to them. */
export interface Blob {
  descriptor: Descriptor;
  bytes: Buffer;
}

export function blob(bytes: Uint8Array | string, mediaType: string = mediaTypes.layer): Blob {
  const all = Buffer.from(bytes);
  return { descriptor: { mediaType, digest: digestOf(all), size: all.length }, bytes: all };
}

export function randomBlob(size: number): Blob {
  return blob(randomBytes(size));
}

export function json(value: unknown, mediaType: string): Blob {
  return blob(JSON.stringify(value), mediaType);
}

/** An image of these layers; `parts` go into its manifest. */
export function image(layers: Blob[], parts: Partial<Manifest> = {}): { manifest: Blob; blobs: Blob[] } {
  const config = json(
    { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [] } },
    mediaTypes.config,
  );
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: config.descriptor,
    layers: layers.map(({ descriptor }) => descriptor),
    ...parts,
  };
  return { manifest: json(manifest, mediaTypes.manifest), blobs: [config, ...layers] };
}

/** What is not an image, about `subject`. */
export function artifact(artifactType: string, subject: Blob, text: string): { manifest: Blob; blobs: Blob[] } {
  const [config, payload] = [blob('{}', mediaTypes.empty), blob(text, 'text/plain')];
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType,
    config: config.descriptor,
    layers: [payload.descriptor],
    subject: subject.descriptor,
    annotations: { note: text },
  };
  return { manifest: json(manifest, mediaTypes.manifest), blobs: [config, payload] };
}

export function index(manifests: Blob[]): Blob {
  const value: Index = {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: manifests.map(({ descriptor }) => descriptor),
  };
  return json(value, mediaTypes.index);
}

export async function write(repository: Repository, { descriptor, bytes }: Blob): Promise<void> {
  await repository.writeBlob(descriptor, () => bytes);
}

export async function push(
  repository: Repository,
  { manifest, blobs }: { manifest: Blob; blobs: Blob[] },
  tag?: string,
): Promise<Digest> {
  for (const part of blobs) await write(repository, part);
  return (await repository.putManifest(manifest.bytes, manifest.descriptor.mediaType, tag)).digest;
}

export async function read(repository: Pick<Repository, 'readBlob'>, content: Descriptor): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of repository.readBlob(content)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The code and the whole text of the user's error that the work ends with. */
export async function failureOf(work: Promise<unknown>): Promise<{ code: string; text: string }> {
  const error = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof UserError)) throw new Error('there was no error of the user', { cause: error });
  const { code, message, help } = error.diagnostics[0]!;
  return { code, text: `${message}\n${help}` };
}

export async function codeOf(work: Promise<unknown>): Promise<string> {
  return (await failureOf(work)).code;
}
