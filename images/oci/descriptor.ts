import { createHash } from 'node:crypto';
import type { Digest } from '../../pipeline/mod.ts';

/** The types of content that images are made of, by the OCI image specification 1.1. */
export const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  /** The two bytes `{}`, the config of what is not an image. */
  empty: 'application/vnd.oci.empty.v1+json',
} as const;

/** Names content by what it is, how long it is in bytes, and its digest. */
export interface Descriptor {
  mediaType: string;
  digest: Digest;
  size: number;
  /** In an index only. */
  platform?: Platform;
  artifactType?: string;
  annotations?: Record<string, string>;
}

/** In Go's words: `linux`, `amd64`. */
export interface Platform {
  os: string;
  architecture: string;
  variant?: string;
}

export interface Manifest {
  schemaVersion: 2;
  mediaType: string;
  artifactType?: string;
  config: Descriptor;
  layers: Descriptor[];
  /** What this is about: an SBOM's image. */
  subject?: Descriptor;
  annotations?: Record<string, string>;
}

export interface Index {
  schemaVersion: 2;
  mediaType: string;
  manifests: Descriptor[];
  subject?: Descriptor;
  annotations?: Record<string, string>;
}

/** What a container is started with, and what each layer is. */
export interface ImageConfig extends Platform {
  /** RFC 3339. */
  created?: string;
  author?: string;
  config?: ContainerConfig;
  /** The digests of the layers as plain tar, lowest first. */
  rootfs: { type: 'layers'; diff_ids: Digest[] };
  history?: HistoryEntry[];
}

export interface ContainerConfig {
  User?: string;
  ExposedPorts?: Record<string, Record<string, never>>;
  /** `NAME=value`, each. */
  Env?: string[];
  Entrypoint?: string[];
  Cmd?: string[];
  Volumes?: Record<string, Record<string, never>>;
  WorkingDir?: string;
  Labels?: Record<string, string>;
  StopSignal?: string;
  /** Docker's extension; durations in nanoseconds. */
  Healthcheck?: { Test: string[]; Interval?: number; Timeout?: number; StartPeriod?: number; Retries?: number };
}

export interface HistoryEntry {
  created?: string;
  created_by?: string;
  comment?: string;
  /** True when the step made no layer. */
  empty_layer?: boolean;
}

/** SHA-256 of the bytes as they are. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
