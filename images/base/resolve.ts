import { isDeepStrictEqual } from 'node:util';
import type { Digest, UserError } from '../../pipeline/mod.ts';
import type { Descriptor, ImageConfig, Platform } from '../oci/descriptor.ts';
import { type Base, checkBase } from '../oci/image/base.ts';
import { type Parts, parseJson, tryParseManifest } from '../oci/repository/content.ts';
import type { ImageSource } from '../oci/repository/mod.ts';
import { manifestLimit } from '../oci/repository/repository.ts';
import { readAll } from '../oci/repository/verify.ts';
import { type ContentCache, contentCache, noCache } from './cache.ts';
import { baseError, unusable } from './errors.ts';
import { type Lock, lockFile } from './lock.ts';
import { type BaseName, defaultBase, parseBaseName, renderBaseName } from './name.ts';
import { type Libc, libcOf, nodeOf } from './node.ts';

/** A registry that base images are read from. */
export interface BaseRegistry {
  repository(name: string): ImageSource;
}

/** The world of the base image. */
export interface BaseSource {
  /** `os/architecture`, each. */
  platforms: readonly string[];
  /** The client of a registry, by its host. Whoever opens it closes it. */
  open(registry: string): BaseRegistry | Promise<BaseRegistry>;
  /** A directory for what was read before; with all of it there the registry is not asked. @default nothing is kept */
  cache?: string | undefined;
  signal?: AbortSignal | undefined;
}

export interface BaseInput extends BaseSource {
  lock: Lock | undefined;
  /** What the application asks for: `build.base` of fairlead.json, else `build.docker.base_image` of encore.app. */
  config: { base?: string | undefined };
}

/** A base image, by digest, for every platform that was asked for. */
export interface ResolvedBase {
  /** Where its layers are. */
  repository: ImageSource;
  /** By platform, `os/architecture`, in the order asked for. */
  bases: Map<string, Base>;
  /** The full name with the tag. */
  image: string;
  /** Of the index, or of the manifest when there is none. */
  digest: Digest;
  /** How Node is started in it; arguments and the program follow. */
  entrypoint: string[];
  /** As far as it can be told. */
  libc: Libc;
}

/**
 * Reads what the base image is: index, manifests and configs, a few kilobytes, and no layer.
 * @throws UserError FL2501 when no digest is pinned, FL2503 when it cannot be built on, FL2504 when it lacks a platform,
 * FL2505 when there seems to be no Node in it; and those of the registry
 */
export async function resolveBase({ lock, config, ...source }: BaseInput): Promise<ResolvedBase> {
  return readBase(pinnedBase({ lock, config }), source);
}

/** What is asked for, else what was locked, else the default; with the digest if one is known. */
function wantedBase(lock: Lock | undefined, base: string | undefined): BaseName {
  const wanted = parseBaseName(base ?? lock?.base.image ?? defaultBase);
  if (wanted.digest !== undefined || lock === undefined) return wanted;
  const same = renderBaseName(wanted) === renderBaseName(parseBaseName(lock.base.image));
  return same ? { ...wanted, digest: lock.base.digest } : wanted;
}

/** The base that a build would take, before anything is asked. @throws UserError FL2501 when no digest is pinned */
export function pinnedBase({
  lock,
  config: { base },
}: Pick<BaseInput, 'lock' | 'config'>): BaseName & { digest: Digest } {
  const { digest, ...name } = wantedBase(lock, base);
  if (digest !== undefined) return { ...name, digest };
  throw baseError(
    'FL2501',
    lock
      ? `${lockFile} pins ${lock.base.image}, but the application asks for ${renderBaseName(name)}`
      : `no digest is pinned for the base image ${renderBaseName(name)}`,
    `Run "fairlead images update" and commit ${lockFile}.`,
  );
}

/** As {@link resolveBase}, of an image whose digest is known. */
export async function readBase(
  name: BaseName & { digest: Digest },
  { platforms, open, cache, signal }: BaseSource,
): Promise<ResolvedBase> {
  const image = renderBaseName(name);
  const repository = (await open(name.registry)).repository(name.name);
  const reader = new Reader(repository, image, cache === undefined ? noCache : contentCache(cache), signal);
  const top = await reader.manifest(name.digest);
  const found = await Promise.all(platforms.map((platform) => reader.base(top, platform)));
  const missing = platforms.filter((_, index) => found[index] === undefined);
  if (missing.length > 0) throw platformMissing(image, missing, await reader.platformsOf(top));
  const bases = new Map(platforms.map((platform, index) => [platform, found[index]!]));
  for (const base of bases.values()) checkBase(base);
  const configs = [...bases.values()].map(({ config }) => config);
  const libc = configs.some((config) => libcOf(image, config) === 'musl') ? 'musl' : 'glibc';
  return { repository, bases, image, digest: name.digest, entrypoint: entrypointOf(image, configs), libc };
}

type Manifest = Parts & { digest: Digest };

class Reader {
  readonly #repository: ImageSource;
  readonly #image: string;
  readonly #cache: ContentCache;
  readonly #signal: AbortSignal | undefined;

  constructor(repository: ImageSource, image: string, cache: ContentCache, signal: AbortSignal | undefined) {
    [this.#repository, this.#image, this.#cache, this.#signal] = [repository, image, cache, signal];
  }

  async manifest(digest: Digest): Promise<Manifest> {
    const bytes = await this.#read(digest, async () => {
      const found = await this.#repository.manifest(digest, { signal: this.#signal });
      if (!found) throw unusable(this.#image, `${this.#repository.place} has no ${digest}`);
      return found.bytes;
    });
    const parts = tryParseManifest(bytes);
    if (parts) return { ...parts, digest };
    const { schemaVersion } = (parseJson(bytes) ?? {}) as { schemaVersion?: unknown };
    throw unusable(
      this.#image,
      schemaVersion === 1
        ? 'it is in the old format of Docker, schema 1; push it again with a tool of today'
        : 'what is there is neither a manifest nor an index',
    );
  }

  /** Undefined when the image is not for this platform. */
  async base(top: Manifest, platform: string): Promise<Base | undefined> {
    const entry = top.manifests.find((child) => !isIndex(child.mediaType) && nameOf(child.platform) === platform);
    if (isIndex(top.mediaType) && !entry) return undefined;
    const { config, layers } = await this.#parts(entry ? await this.manifest(entry.digest) : top);
    if (nameOf(config) !== platform) return undefined;
    return { platform: { os: config.os, architecture: config.architecture }, config, layers };
  }

  /** The platforms it says it is for. */
  async platformsOf(top: Manifest): Promise<string[]> {
    if (!isIndex(top.mediaType)) return [nameOf((await this.#parts(top)).config)];
    const names = top.manifests.flatMap(({ platform }) => (platform ? [nameOf(platform)] : []));
    return [...new Set(names)].filter((name) => name !== 'unknown/unknown').sort();
  }

  async #parts({ blobs, artifactType, digest }: Manifest): Promise<Pick<Base, 'config' | 'layers'>> {
    const [content, ...layers] = blobs;
    if (content === undefined || !configTypes.has(content.mediaType))
      throw unusable(this.#image, `${digest} is no image but ${artifactType ?? content?.mediaType ?? 'an index'}`);
    return { config: await this.#config(content), layers };
  }

  async #config(content: Descriptor): Promise<ImageConfig> {
    const bytes = await this.#read(content.digest, async () => {
      const all = await readAll(this.#repository.readBlob(content, { signal: this.#signal }), manifestLimit);
      if (!all) throw unusable(this.#image, `its config has more than ${manifestLimit} bytes`);
      return all;
    });
    const config = parseJson(bytes) === undefined ? undefined : parseConfig(bytes);
    if (!config) throw unusable(this.#image, `${content.digest} is not the config of an image`);
    return config;
  }

  async #read(digest: Digest, fetch: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const known = await this.#cache.read(digest);
    if (known) return known;
    const bytes = await fetch();
    await this.#cache.write(digest, bytes);
    return bytes;
  }
}

const configTypes = new Set([
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
]);

function isIndex(mediaType: string): boolean {
  return /\.(index\.v1|manifest\.list\.v2)\+json$/.test(mediaType);
}

function nameOf(platform: Partial<Platform> | undefined): string {
  return `${platform?.os}/${platform?.architecture}`;
}

/** Programs in Go write `null` for what is empty. Undefined when it is no config of an image. */
function parseConfig(bytes: Uint8Array): ImageConfig | undefined {
  const value = JSON.parse(Buffer.from(bytes).toString('utf8'), (_, part) => part ?? undefined);
  return isConfig(value) ? value : undefined;
}

function isConfig(value: unknown): value is ImageConfig {
  if (!isObject(value)) return false;
  const { os, architecture, rootfs, config = {}, history = [] } = value;
  if (typeof os !== 'string' || typeof architecture !== 'string') return false;
  if (!isObject(rootfs) || rootfs.diff_ids === undefined || !isTexts(rootfs.diff_ids)) return false;
  if (!isObject(config) || !isTexts(config.Entrypoint) || !isTexts(config.Cmd) || !isTexts(config.Env)) return false;
  return Array.isArray(history) && history.every(isObject);
}

function isTexts(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every((text) => typeof text === 'string'));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function platformMissing(image: string, missing: readonly string[], there: readonly string[]): UserError {
  const only = there.length > 0 ? `only for ${there.join(', ')}` : 'and does not say for what else';
  return baseError(
    'FL2504',
    `the base image ${image} is not for ${missing.join(', ')}, ${only}`,
    'Name another base image in `build.base` of fairlead.json, or fewer platforms in `build.platforms`.',
  );
}

function entrypointOf(image: string, configs: readonly ImageConfig[]): string[] {
  const [first, ...others] = configs.map(nodeOf);
  if (first !== undefined && others.every((other) => isDeepStrictEqual(other, first))) return first;
  const some = first ?? others.find((other) => other !== undefined);
  throw baseError(
    'FL2505',
    some === undefined
      ? `the base image ${image} does not say where its Node.js is`
      : `the base image ${image} does not start Node.js in the same way on every platform`,
    'Name an image whose entry point or command is `node`, or that has the variable NODE_VERSION and `node` in its PATH.',
  );
}
