import type { Buffer } from '../../node-types.ts';
import type { StringLiteral } from '../../types/literal.ts';
import { checkLimit, checkName, ttlOf } from './checks.ts';
import { ObjectNotFound } from './errors.ts';
import type {
  ListEntry,
  ListOptions,
  ObjectAttrs,
  SignedUrl,
  SignedUrlOptions,
  UploadOptions,
  VersionOptions,
} from './options.ts';
import type { BucketPerms, PublicUrler, ReadWriter } from './permissions.ts';
import { type BucketProvider, bucketProvider } from './provider.ts';

/** Every value is a literal, since the analyzer reads it and never runs it. */
export interface BucketConfig {
  /** Lets everybody read the objects, by `publicUrl`. @default false */
  public?: boolean;
  /** Keeps former versions of objects. @default false */
  versioned?: boolean;
}

/** Objects by name. Every call fails with an `ObjectsError` for what the caller did, else with the error of the backend. */
export class Bucket implements ReadWriter, PublicUrler {
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

  async *list(options: ListOptions = {}): AsyncGenerator<ListEntry, void, undefined> {
    const { prefix = '', limit } = options;
    checkLimit(limit);
    let left = limit ?? Number.POSITIVE_INFINITY;
    if (left === 0) return;
    for await (const entry of this.#provider().list({ prefix, ...(limit !== undefined && { limit }) })) {
      yield entry;
      if (--left === 0) return;
    }
  }

  async exists(name: string, options: VersionOptions = {}): Promise<boolean> {
    return (await this.#provider().attrs(select(name, options))) !== undefined;
  }

  async attrs(name: string, options: VersionOptions = {}): Promise<ObjectAttrs> {
    return (await this.#provider().attrs(select(name, options))) ?? this.#missing(name, options);
  }

  async upload(name: string, data: Buffer, options: UploadOptions = {}): Promise<ObjectAttrs> {
    const { contentType, preconditions } = options;
    return this.#provider().upload(checkName(name), data, {
      ...(contentType !== undefined && { contentType }),
      notExists: preconditions?.notExists ?? false,
    });
  }

  async download(name: string, options: VersionOptions = {}): Promise<Buffer> {
    return (await this.#provider().download(select(name, options))) ?? this.#missing(name, options);
  }

  async remove(name: string, options: VersionOptions = {}): Promise<void> {
    await this.#provider().remove(select(name, options));
  }

  async signedUploadUrl(name: string, options: SignedUrlOptions = {}): Promise<SignedUrl> {
    return { url: await this.#provider().signedUploadUrl(checkName(name), ttlOf(options)) };
  }

  async signedDownloadUrl(name: string, options: SignedUrlOptions = {}): Promise<SignedUrl> {
    return { url: await this.#provider().signedDownloadUrl(checkName(name), ttlOf(options)) };
  }

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

function select(name: string, { version }: VersionOptions): { name: string; version?: string } {
  return { name: checkName(name), ...(version !== undefined && { version }) };
}
