import canonicalize from 'canonicalize';
import type { Digest } from '../../../pipeline/mod.ts';
import {
  type ContainerConfig,
  type Descriptor,
  digestOf,
  type HistoryEntry,
  type ImageConfig,
  type Index,
  type Manifest,
  mediaTypes,
} from '../descriptor.ts';
import { type Base, checkBase } from './base.ts';

/** Bytes and what they are called. */
export interface Encoded {
  descriptor: Descriptor;
  bytes: Uint8Array;
}

/** An image for one platform. Its layers lie elsewhere. */
export interface Image {
  config: Encoded;
  /** The descriptor has the platform, as an index needs it. */
  manifest: Encoded;
}

export interface ImageLayer {
  descriptor: Descriptor;
  diffId: Digest;
  /** One line for `docker history`: what the layer is. */
  createdBy: string;
}

/** What a container of the image is. Nothing is taken from the machine that builds. */
export interface ImageSettings {
  /** The command, whole or up to `cmd`. */
  entrypoint: readonly string[];
  /** Arguments that can be given anew when a container is started. @default none */
  cmd?: readonly string[];
  /** Added to the base's; the same name replaces. */
  env?: Readonly<Record<string, string>>;
  /** TCP ports that the process listens on. */
  ports?: readonly number[];
  /** By number, so that an orchestrator can see that it is not root. @default '65532:65532' */
  user?: string;
  /** @default '/app' */
  workingDirectory?: string;
  /** The signal to end with. @default 'SIGTERM' */
  stopSignal?: string;
  /** Labels of the image and annotations of its manifest, such as `org.opencontainers.image.revision`. */
  labels?: Readonly<Record<string, string>>;
  /** How Docker finds out whether a container works; orchestrators have their own way. @default none, whatever the base has */
  healthcheck?: Healthcheck;
}

/** Times in seconds. */
export interface Healthcheck {
  command: readonly string[];
  interval: number;
  timeout: number;
  startPeriod: number;
  retries: number;
}

export interface ImageInput {
  base: Base;
  /** Lowest first; they lie on the base's. */
  layers: readonly ImageLayer[];
  settings: ImageSettings;
}

/** Everything is from then: a build's time would make other bytes of the same sources. */
const epoch = '1970-01-01T00:00:00Z';

/** A platform's image: config and manifest as bytes of canonical JSON (RFC 8785). @throws UserError FL2308 about the base */
export function imageOf({ base, layers, settings }: ImageInput): Image {
  checkBase(base);
  const { platform } = base;
  const config = encode(mediaTypes.config, {
    ...platform,
    created: epoch,
    config: containerConfig(base.config.config ?? {}, settings),
    rootfs: { type: 'layers', diff_ids: [...base.config.rootfs.diff_ids, ...layers.map(({ diffId }) => diffId)] },
    history: [
      ...baseHistory(base),
      ...layers.map(({ createdBy }): HistoryEntry => ({ created: epoch, created_by: createdBy })),
    ],
  } satisfies ImageConfig);
  const { labels = {} } = settings;
  const manifest = encode(mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: config.descriptor,
    layers: [...base.layers, ...layers.map(({ descriptor }) => descriptor)].map(plainDescriptor),
    ...(Object.keys(labels).length > 0 && { annotations: { ...labels } }),
  } satisfies Manifest);
  return { config, manifest: { ...manifest, descriptor: { ...manifest.descriptor, platform } } };
}

/** One name for the images of several platforms, in the order of the platforms' names. */
export function indexOf(images: readonly Image[], annotations: Readonly<Record<string, string>> = {}): Encoded {
  const byPlatform = new Map(images.map(({ manifest }) => [canonicalize(manifest.descriptor.platform)!, manifest]));
  if (byPlatform.size !== images.length) throw new Error('an index has one image per platform');
  const manifests = [...byPlatform].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { descriptor }]) => descriptor);
  return encode(mediaTypes.index, {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests,
    ...(Object.keys(annotations).length > 0 && { annotations: { ...annotations } }),
  } satisfies Index);
}

/** A value as canonical JSON, which is the same for equal values. */
export function encode(mediaType: string, value: object): Encoded {
  const bytes = Buffer.from(canonicalize(value)!);
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

/** The base's volumes and labels stay; how it is started does not. */
function containerConfig(base: ContainerConfig, settings: ImageSettings): ContainerConfig {
  const { entrypoint, cmd, env = {}, ports = [], labels = {}, healthcheck } = settings;
  const variables = new Map([...(base.Env ?? []).map(variable), ...Object.entries(env)]);
  const exposed = { ...base.ExposedPorts, ...Object.fromEntries(ports.map((port) => [`${port}/tcp`, {}])) };
  const allLabels = { ...base.Labels, ...labels };
  return {
    User: settings.user ?? '65532:65532',
    WorkingDir: settings.workingDirectory ?? '/app',
    Entrypoint: [...entrypoint],
    ...(cmd && { Cmd: [...cmd] }),
    Env: [...variables].map(([name, value]) => `${name}=${value}`),
    StopSignal: settings.stopSignal ?? 'SIGTERM',
    ...(Object.keys(exposed).length > 0 && { ExposedPorts: exposed }),
    ...(base.Volumes && { Volumes: base.Volumes }),
    ...(Object.keys(allLabels).length > 0 && { Labels: allLabels }),
    ...(healthcheck && { Healthcheck: dockerHealthcheck(healthcheck) }),
  };
}

function variable(text: string): [name: string, value: string] {
  const equals = text.indexOf('=');
  return equals === -1 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
}

function dockerHealthcheck(check: Healthcheck): NonNullable<ContainerConfig['Healthcheck']> {
  const nanoseconds = (seconds: number): number => Math.round(seconds * 1e9);
  return {
    Test: ['CMD', ...check.command],
    Interval: nanoseconds(check.interval),
    Timeout: nanoseconds(check.timeout),
    StartPeriod: nanoseconds(check.startPeriod),
    Retries: check.retries,
  };
}

/** As the base tells it when that accounts for each of its layers; else an entry for each. */
function baseHistory({ config, layers }: Base): HistoryEntry[] {
  const { history = [] } = config;
  if (history.filter(({ empty_layer }) => empty_layer !== true).length === layers.length) return history;
  return layers.map(() => ({ created: epoch, created_by: 'base image' }));
}

/** In a manifest's list: where a layer came from, or for what platform, would change bytes without a reason. */
function plainDescriptor({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType: ociLayerTypes[mediaType] ?? mediaType, digest, size };
}

/** The same bytes have another name in Docker's own manifests; one manifest has names of one kind. */
const ociLayerTypes: Record<string, string> = {
  'application/vnd.docker.image.rootfs.diff.tar.gzip': mediaTypes.layer,
  'application/vnd.docker.image.rootfs.diff.tar': 'application/vnd.oci.image.layer.v1.tar',
};
