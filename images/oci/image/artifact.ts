import { type Descriptor, type Manifest, mediaTypes } from '../descriptor.ts';
import { type Encoded, encode } from './image.ts';

/** Something that is stored beside an image and refers to it. */
export interface Artifact {
  /** The two bytes `{}`. */
  config: Encoded;
  content: Encoded;
  manifest: Encoded;
}

/**
 * An artifact about `subject`, such as its SBOM, whose type is that of its content.
 * @param title the name of the file that clients write when they pull it
 */
export function artifactOf(content: Encoded, subject: Descriptor, title: string): Artifact {
  const config = encode(mediaTypes.empty, {});
  const { mediaType, digest, size } = subject;
  const manifest = encode(mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: content.descriptor.mediaType,
    config: config.descriptor,
    layers: [{ ...content.descriptor, annotations: { 'org.opencontainers.image.title': title } }],
    subject: { mediaType, digest, size },
  } satisfies Manifest);
  return {
    config,
    content,
    manifest: { ...manifest, descriptor: { ...manifest.descriptor, artifactType: content.descriptor.mediaType } },
  };
}
