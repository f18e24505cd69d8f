import type { Digest } from '../../../pipeline/mod.ts';
import { type Descriptor, digestOf, type Index, type Manifest, mediaTypes } from '../descriptor.ts';
import { damaged } from './errors.ts';
import { isDigest } from './name.ts';

/** Docker's own names for what OCI took over from it; base images have them. */
const docker = {
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  index: 'application/vnd.docker.distribution.manifest.list.v2+json',
};

/** What a client asks for, so that no registry converts what it has. */
export const manifestTypes: readonly string[] = [mediaTypes.index, mediaTypes.manifest, docker.index, docker.manifest];

export interface Parts {
  /** The media type it says it has, or that its shape shows. */
  mediaType: string;
  artifactType?: string;
  annotations?: Record<string, string>;
  subject?: Descriptor;
  /** In order, an index's. */
  manifests: Descriptor[];
  /** The config, then the layers; an index's entries that are not manifests. */
  blobs: Descriptor[];
}

/** @throws UserError FL2204 when it is neither a manifest nor an index; `place` is where it was found. */
export function parseManifest(bytes: Uint8Array, place: string): Parts {
  const parts = tryParseManifest(bytes);
  if (parts === undefined) throw damaged(digestOf(bytes), place, 'it is neither a manifest nor an index');
  return parts;
}

/** Undefined when it is neither a manifest nor an index. */
export function tryParseManifest(bytes: Uint8Array): Parts | undefined {
  const value = parseJson(bytes) as Partial<Manifest & Index> | null | undefined;
  if (typeof value !== 'object' || value === null || value.schemaVersion !== 2) return undefined;
  const { artifactType, annotations, subject, config, layers, manifests } = value;
  const children = manifests ?? [config, ...(Array.isArray(layers) ? layers : [undefined])];
  if (!Array.isArray(children) || ![...children, ...(subject ? [subject] : [])].every(isDescriptor)) return undefined;
  const shape = manifests ? mediaTypes.index : mediaTypes.manifest;
  const isManifest = ({ mediaType }: Descriptor) => manifests !== undefined && manifestTypes.includes(mediaType);
  return {
    mediaType: typeof value.mediaType === 'string' ? value.mediaType : shape,
    ...whatItIs(artifactType ?? (manifests ? undefined : config?.mediaType)),
    ...(annotations && { annotations }),
    ...(subject && { subject }),
    manifests: (children as Descriptor[]).filter(isManifest),
    blobs: (children as Descriptor[]).filter((child) => !isManifest(child)),
  };
}

/** As a list of referrers names it: with its type and annotations, so that readers need not open it. */
export function referrerDescriptor(bytes: Uint8Array, { mediaType, artifactType, annotations }: Parts): Descriptor {
  return {
    mediaType,
    digest: digestOf(bytes),
    size: bytes.length,
    ...whatItIs(artifactType),
    ...(annotations && { annotations }),
  };
}

/** The tag that lists the referrers of a digest where the registry has no interface for it. */
export function referrersTag(digest: Digest): string {
  return digest.replace(':', '-');
}

export function isReferrersTag(tag: string): boolean {
  return isDigest(tag.replace('-', ':'));
}

/** An index of referrers, the same bytes for the same list. */
export function referrersIndex(manifests: readonly Descriptor[]): Uint8Array {
  return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests }));
}

/** Layers that a licence forbids to pass on are named by address, and no registry has them. */
export function isDistributed(mediaType: string): boolean {
  return !/\.(foreign|nondistributable)\./.test(mediaType);
}

export function isDescriptor(value: unknown): value is Descriptor {
  const { mediaType, digest, size } = (value ?? {}) as Partial<Descriptor>;
  return (
    typeof mediaType === 'string' &&
    typeof digest === 'string' &&
    isDigest(digest) &&
    Number.isSafeInteger(size) &&
    size! >= 0
  );
}

export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}

function whatItIs(artifactType: unknown): { artifactType?: string } {
  return typeof artifactType === 'string' ? { artifactType } : {};
}
