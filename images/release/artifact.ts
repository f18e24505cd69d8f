import type { Digest, Release, ReleaseContent, Source } from '../../pipeline/mod.ts';
import { type Descriptor, type Manifest, mediaTypes } from '../oci/descriptor.ts';
import { type Encoded, encode } from '../oci/image/image.ts';

/** Of the manifest of a release, and of `release.json` in it. */
export const releaseType = 'application/vnd.fairlead.release.v1+json';

/** Of what refers to a release and says where it was built from. */
export const buildType = 'application/vnd.fairlead.build.v1+json';

/** A manifest with the blobs that it names. */
export interface Sealed {
  blobs: Encoded[];
  manifest: Encoded;
}

/** A build of a release: from what, and when it was first built from that. */
export interface BuildRecord {
  source: Source;
  /** ISO 8601 in UTC, to the second. */
  at: string;
}

/** A release as a registry keeps it: `release.json` as canonical JSON (RFC 8785), the only layer of an artifact. */
export function releaseArtifact(content: ReleaseContent): Sealed {
  const config = encode(mediaTypes.empty, {});
  const file = encode(releaseType, content);
  const manifest = encode(mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: releaseType,
    config: config.descriptor,
    layers: [{ ...file.descriptor, annotations: { 'org.opencontainers.image.title': 'release.json' } }],
  } satisfies Manifest);
  return { blobs: [config, file], manifest };
}

/** The content with the digest that it has wherever it is kept. */
export function sealRelease(content: ReleaseContent, source: Source): Release {
  return { digest: releaseArtifact(content).manifest.descriptor.digest, content, source };
}

const [created, revision, hash] = [
  'org.opencontainers.image.created',
  'org.opencontainers.image.revision',
  'vnd.fairlead.source',
];

/** A build record as a registry keeps it: all in annotations, so that a list of referrers has it, too. */
export function buildArtifact({ source, at }: BuildRecord, { mediaType, digest, size }: Descriptor): Sealed {
  const config = encode(mediaTypes.empty, {});
  const manifest = encode(mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: buildType,
    config: config.descriptor,
    layers: [config.descriptor],
    subject: { mediaType, digest, size },
    annotations: {
      [created]: at,
      [hash]: source.hash,
      ...(source.commit !== undefined && { [revision]: source.commit }),
    },
  } satisfies Manifest);
  return { blobs: [config], manifest };
}

/** Undefined when the annotations are not those of a build record. */
export function parseBuildRecord(annotations: Readonly<Record<string, string>> = {}): BuildRecord | undefined {
  const { [created]: at, [hash]: of, [revision]: commit } = annotations;
  if (typeof at !== 'string' || typeof of !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(of)) return undefined;
  return { source: { hash: of as Digest, ...(typeof commit === 'string' && { commit }) }, at };
}
