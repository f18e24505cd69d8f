export { Bucket, type BucketConfig } from './bucket.ts';
export { ObjectNotFound, ObjectsError, PreconditionFailed } from './errors.ts';
export type {
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
  StreamDownloader,
  StreamUploader,
  Uploader,
} from './permissions.ts';
