export { Bucket, type BucketConfig } from './bucket.ts';
export { ObjectNotFound, ObjectsError, PreconditionFailed } from './errors.ts';
export type {
  ListEntry,
  ListOptions,
  ObjectAttrs,
  SignedUrl,
  SignedUrlOptions,
  UploadOptions,
  VersionOptions,
} from './options.ts';
export type {
  Attrser,
  BucketPerms,
  Downloader,
  Lister,
  PublicUrler,
  ReadWriter,
  Remover,
  SignedDownloader,
  SignedUploader,
  Uploader,
} from './permissions.ts';
