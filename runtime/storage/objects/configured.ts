import { infra } from '../../infra/config.ts';
import type { S3Storage } from '../../wire.ts';
import type { BucketProvider } from './provider.ts';
import type { RemoteBucket } from './s3.ts';

/** One bucket of an {@link S3Storage}. */
export type S3Bucket = S3Storage['buckets'][string];

const known = new Map<string, BucketProvider>();

/** The bucket as the configuration has it; undefined when it does not. Nothing is loaded before the first call. */
export function configuredBucket(bucket: string): BucketProvider | undefined {
  const made = known.get(bucket);
  if (made) return made;
  for (const storage of infra().object_storage ?? []) {
    const config = Object.hasOwn(storage.buckets, bucket) ? storage.buckets[bucket] : undefined;
    if (!config) continue;
    const provider = lazily(bucket, storage, config);
    known.set(bucket, provider);
    return provider;
  }
  return undefined;
}

function lazily(bucket: string, storage: S3Storage, config: S3Bucket): BucketProvider {
  let loading: Promise<RemoteBucket> | undefined;
  const load = (): Promise<RemoteBucket> => {
    loading ??= import('./s3.ts').then(({ openBucket }) => openBucket(storage, config));
    return loading;
  };
  return {
    list: async function* (options) {
      yield* (await load()).list(options);
    },
    attrs: async (object) => (await load()).attrs(object),
    upload: async (name, data, options) => (await load()).upload(name, data, options),
    download: async (object) => (await load()).download(object),
    remove: async (object) => (await load()).remove(object),
    signedUploadUrl: async (name, ttl) => (await load()).signedUploadUrl(name, ttl),
    signedDownloadUrl: async (name, ttl) => (await load()).signedDownloadUrl(name, ttl),
    publicUrl: (name) => publicUrl(bucket, config, name),
  };
}

function publicUrl(bucket: string, { public_base_url: base, key_prefix: prefix = '' }: S3Bucket, name: string): string {
  if (base === undefined) throw new Error(`bucket ${bucket}: this bucket has no public URL in this environment`);
  const path = `${prefix}${name}`.split('/').map(encodeURIComponent).join('/');
  return `${base.replace(/\/$/, '')}/${path}`;
}
