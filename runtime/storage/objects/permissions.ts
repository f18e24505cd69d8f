import type { Buffer, Readable } from '../../node-types.ts';
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

/** Permission to upload objects. */
export interface Uploader {
  /** @throws PreconditionFailed */
  upload(name: string, data: Buffer, options?: UploadOptions): Promise<ObjectAttrs>;
}

/** Permission to upload objects, of any size as well. The same as {@link Uploader} to the backend. */
export interface StreamUploader extends Uploader {
  /** @throws PreconditionFailed */
  uploadStream(name: string, source: ByteSource, options?: UploadStreamOptions): Promise<ObjectAttrs>;
}

/** Permission to let others upload by a URL. */
export interface SignedUploader {
  /** A URL that takes one object of this name by PUT. */
  signedUploadUrl(name: string, options?: SignedUrlOptions): Promise<SignedUrl>;
}

/** Permission to download objects. */
export interface Downloader {
  /** @throws ObjectNotFound */
  download(name: string, options?: VersionOptions): Promise<Buffer>;
}

/** Permission to download objects, of any size as well. The same as {@link Downloader} to the backend. */
export interface StreamDownloader extends Downloader {
  /** @throws ObjectNotFound */
  downloadStream(name: string, options?: VersionOptions): Promise<Readable>;
}

/** Permission to let others download by a URL. */
export interface SignedDownloader {
  /** A URL that gives the object by GET. */
  signedDownloadUrl(name: string, options?: SignedUrlOptions): Promise<SignedUrl>;
}

/** Permission to read what is known of objects. */
export interface Attrser {
  /** @throws ObjectNotFound */
  attrs(name: string, options?: VersionOptions): Promise<ObjectAttrs>;
  exists(name: string, options?: VersionOptions): Promise<boolean>;
}

/** Permission to list objects. */
export interface Lister {
  /** By name, in ascending order of its UTF-8 bytes. */
  list(options?: ListOptions): AsyncGenerator<ListEntry, void, undefined>;
}

/** Permission to remove objects. */
export interface Remover {
  /** Removes the object, or one version of it; of one that is not there, nothing. */
  remove(name: string, options?: VersionOptions): Promise<void>;
}

/** Permission to name the URL of objects in a public bucket. */
export interface PublicUrler {
  /** The URL that everybody can read the object by. */
  publicUrl(name: string): string;
}

/** Permission to do everything with objects that works in any bucket. */
export interface ReadWriter extends Uploader, SignedUploader, Downloader, SignedDownloader, Attrser, Lister, Remover {}

/** What a reference to a bucket can be for; combined with `&`. */
export type BucketPerms =
  | Uploader
  | StreamUploader
  | SignedUploader
  | Downloader
  | StreamDownloader
  | SignedDownloader
  | Attrser
  | Lister
  | Remover
  | PublicUrler
  | ReadWriter;
