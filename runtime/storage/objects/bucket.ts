import type { Buffer, Readable } from '../../node-types.ts';
import type { StringLiteral } from '../../types/literal.ts';
import { bytesOf } from './bytes.ts';
import {
  checkContentType,
  checkData,
  checkLimit,
  checkMaxSize,
  checkName,
  checkOptions,
  checkPrefix,
  checkSignal,
  checkSource,
  checkVersion,
  ttlOf,
} from './checks.ts';
import { ObjectNotFound } from './errors.ts';
import type {
  ByteSource,
  ListEntry,
  ListOptions,
  ObjectAttrs,
  SignedUrl,
  SignedUrlOptions,
  UploadOptions,
  UploadStreamOptions,
  VersionOptions,
} from './options.ts';
import type { BucketPerms, PublicUrler, ReadWriter, StreamDownloader, StreamUploader } from './permissions.ts';
import { type BucketProvider, bucketProvider } from './provider.ts';

/** Every value is a literal, since the analyzer reads it and never runs it. */
export interface BucketConfig {
  /** Lets everybody read the objects, by `publicUrl`. @default false */
  public?: boolean;
  /** Keeps former versions of objects. @default false */
  versioned?: boolean;
}

/** Objects by name. Every call fails with an `ObjectsError` for what the caller did, else with the error of the backend. */
export class Bucket implements ReadWriter, StreamUploader, StreamDownloader, PublicUrler {
  readonly name: string;
  readonly config: BucketConfig;

  constructor(name: string, config: BucketConfig = {}) {
    this.name = name;
    this.config = config;
  }

  /** A bucket that another module declares. */
  static named<Name extends string>(name: StringLiteral<Name>): Bucket {
    return new Bucket(name);
  }

  /** By name, in ascending order of its UTF-8 bytes. @throws ObjectsError for a `limit` that is no whole number */
  async *list(options: ListOptions = {}): AsyncGenerator<ListEntry, void, undefined> {
    const { prefix = '', limit } = checkOptions(options);
    checkPrefix(prefix);
    checkLimit(limit);
    let left = limit ?? Number.POSITIVE_INFINITY;
    if (left === 0) return;
    for await (const entry of this.#provider().list({ prefix, ...(limit !== undefined && { limit }) })) {
      yield entry;
      if (--left === 0) return;
    }
  }

  /** Whether there is such an object, or such a version of it. */
  async exists(name: string, options: VersionOptions = {}): Promise<boolean> {
    return (await this.#provider().attrs(select(name, options))) !== undefined;
  }

  /** What is known of an object. @throws ObjectNotFound */
  async attrs(name: string, options: VersionOptions = {}): Promise<ObjectAttrs> {
    return (await this.#provider().attrs(select(name, options))) ?? this.#missing(name, options);
  }

  /** Takes the place of what is there. The whole content is in memory. @throws PreconditionFailed for `notExists` where there is one */
  async upload(name: string, data: Buffer, options: UploadOptions = {}): Promise<ObjectAttrs> {
    const { contentType, preconditions } = checkOptions(options);
    checkData(data);
    checkContentType(contentType);
    return this.#provider().upload(checkName(name), data, {
      ...(contentType !== undefined && { contentType }),
      notExists: checkOptions(preconditions ?? {}).notExists ?? false,
    });
  }

  /**
   * Takes the place of what is there once it is complete. However large it is, only a few parts of it are in memory. An upload that fails,
   * as with an error of the source, leaves nothing.
   * @throws PreconditionFailed for `notExists` where there is one @throws ObjectsError for more bytes than `maxSize`
   */
  async uploadStream(name: string, source: ByteSource, options: UploadStreamOptions = {}): Promise<ObjectAttrs> {
    const { contentType, preconditions, maxSize, signal } = checkOptions(options);
    checkSource(source);
    checkSignal(signal);
    checkContentType(contentType);
    checkMaxSize(maxSize);
    const provider = this.#provider();
    const bytes = bytesOf(source, options);
    try {
      return await provider.uploadStream(checkName(name), bytes, {
        ...(contentType !== undefined && { contentType }),
        notExists: checkOptions(preconditions ?? {}).notExists ?? false,
        ...(signal && { signal }),
      });
    } finally {
      // A source that is not read to its end is let go.
      await bytes.return();
    }
  }

  /** The whole content. @throws ObjectNotFound */
  async download(name: string, options: VersionOptions = {}): Promise<Buffer> {
    return (await this.#provider().download(select(name, options))) ?? this.#missing(name, options);
  }

  /** The content as it is read. One that is not read to its end is to be destroyed. @throws ObjectNotFound */
  async downloadStream(name: string, options: VersionOptions = {}): Promise<Readable> {
    return (await this.#provider().downloadStream(select(name, options))) ?? this.#missing(name, options);
  }

  /** Removes the object, or one version of it; of one that is not there, nothing. */
  async remove(name: string, options: VersionOptions = {}): Promise<void> {
    await this.#provider().remove(select(name, options));
  }

  /** A URL that takes one object of this name by PUT. @throws ObjectsError for a `ttl` that is out of bounds */
  async signedUploadUrl(name: string, options: SignedUrlOptions = {}): Promise<SignedUrl> {
    return { url: await this.#provider().signedUploadUrl(checkName(name), ttlOf(checkOptions(options))) };
  }

  /** A URL that gives the object by GET, whether there is one or not. @throws ObjectsError for a `ttl` that is out of bounds */
  async signedDownloadUrl(name: string, options: SignedUrlOptions = {}): Promise<SignedUrl> {
    return { url: await this.#provider().signedDownloadUrl(checkName(name), ttlOf(checkOptions(options))) };
  }

  /** The URL that everybody can read the object by. @throws Error when the environment has no public URLs for it */
  publicUrl(name: string): string {
    return this.#provider().publicUrl(checkName(name));
  }

  /** A reference that can be handed around and tells the analyzer what is done with it: `ref<Uploader & Remover>()`. */
  ref<Perms extends BucketPerms>(): Perms {
    return this as unknown as Perms;
  }

  #provider(): BucketProvider {
    return bucketProvider(this.name);
  }

  #missing(name: string, { version }: VersionOptions): never {
    const of = version === undefined ? '' : ` of version ${version}`;
    throw new ObjectNotFound(`bucket ${this.name}: there is no object ${name}${of}`);
  }
}

function select(name: string, options: VersionOptions): { name: string; version?: string } {
  const { version } = checkOptions(options);
  return { name: checkName(name), ...(version !== undefined && { version: checkVersion(version) }) };
}
