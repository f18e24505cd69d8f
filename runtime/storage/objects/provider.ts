import type { Buffer, Readable } from '../../node-types.ts';
import { spans } from '../../tracing/spans.ts';
import { configuredBucket } from './configured.ts';
import type { ListEntry, ObjectAttrs } from './options.ts';

/** Where the objects of one bucket are. One per backend, loaded when it is configured; names and options are valid. */
export interface BucketProvider {
  /** In ascending order of the names' UTF-8 bytes; more than `limit` are not read. */
  list(options: Listing): AsyncIterable<ListEntry>;
  /** Undefined when it is not there. */
  attrs(object: ObjectVersion): Promise<ObjectAttrs | undefined>;
  /** @throws PreconditionFailed with `notExists`, when it is there; two that upload at once do not both succeed */
  upload(name: string, data: Buffer, options: { contentType?: string; notExists: boolean }): Promise<ObjectAttrs>;
  /**
   * Reads `bytes` as fast as they are taken. One that fails, the bytes or the backend, leaves nothing.
   * @throws PreconditionFailed with `notExists`, when it is there; two that upload at once do not both succeed
   * @throws the reason of `signal`, which the bytes hear too
   */
  uploadStream(name: string, bytes: AsyncIterable<Uint8Array>, options: StreamedOptions): Promise<ObjectAttrs>;
  /** Undefined when it is not there. */
  download(object: ObjectVersion): Promise<Buffer | undefined>;
  /** Undefined when it is not there. Whoever gets it reads or destroys it. */
  downloadStream(object: ObjectVersion): Promise<Readable | undefined>;
  /** Resolves as well when it is not there. */
  remove(object: ObjectVersion): Promise<void>;
  /** @param ttl seconds */
  signedUploadUrl(name: string, ttl: number): Promise<string>;
  /** @param ttl seconds */
  signedDownloadUrl(name: string, ttl: number): Promise<string>;
  /** @throws Error when the bucket is not public */
  publicUrl(name: string): string;
}

/** How an object is uploaded as a stream. */
export interface StreamedOptions {
  contentType?: string;
  notExists: boolean;
  /** Gives it up until it is complete. */
  signal?: AbortSignal;
}

/** Which objects are listed. */
export interface Listing {
  prefix: string;
  /** @default all */
  limit?: number;
}

export interface ObjectVersion {
  name: string;
  /** @default the latest */
  version?: string;
}

type Find = (bucket: string) => BucketProvider | undefined;

let find: Find = configuredBucket;

/** Says where this process finds its buckets. @default where the configuration says */
export function provideBuckets(providers: Find): void {
  find = providers;
}

/** @throws Error when this process does not have the bucket */
export function bucketProvider(bucket: string): BucketProvider {
  const provider = find(bucket);
  if (!provider) throw new Error(`bucket ${bucket}: this bucket is not configured for use by this process`);
  return spans()?.watched(bucket, provider) ?? provider;
}
