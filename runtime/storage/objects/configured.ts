import { infra } from '../../infra/config.ts';
import { isUnreachable, reaching, unreachable } from '../../unavailable.ts';
import type { DiskBucket, DiskStorage, StorageBackend } from '../../wire.ts';
import { publicObjectUrl } from './disk/urls.ts';
import { allowing } from './operations.ts';
import type { BucketProvider } from './provider.ts';

/** One bucket of a {@link StorageBackend}. */
export type ConfiguredBucket = StorageBackend['buckets'][string];

/** What asks the bucket: the public URL of an object is known without. */
export type RemoteBucket = Omit<BucketProvider, 'publicUrl'>;

const known = new Map<string, BucketProvider>();

/** The bucket as the configuration has it; undefined when it does not. Nothing is loaded before the first call. */
export function configuredBucket(bucket: string): BucketProvider | undefined {
  const provider = known.get(bucket) ?? find(bucket);
  if (provider) known.set(bucket, provider);
  return provider;
}

function find(bucket: string): BucketProvider | undefined {
  const { object_storage = [], fairlead } = infra();
  for (const storage of object_storage) {
    const config = own(storage.buckets, bucket);
    if (config) return remote(bucket, storage, config);
  }
  for (const storage of fairlead?.object_storage ?? []) {
    const config = own(storage.buckets, bucket);
    if (config) return allowing(onDisk(bucket, storage, config), bucket, config.operations);
  }
  return undefined;
}

function own<T>(buckets: Record<string, T>, bucket: string): T | undefined {
  return Object.hasOwn(buckets, bucket) ? buckets[bucket] : undefined;
}

function remote(bucket: string, storage: StorageBackend, config: ConfiguredBucket): BucketProvider {
  const asked = reached(
    bucket,
    lazily(() => openRemote(storage, config)),
  );
  return { ...asked, publicUrl: (name) => publicUrl(bucket, config, name) };
}

async function openRemote(storage: StorageBackend, config: ConfiguredBucket): Promise<RemoteBucket> {
  if (storage.type === 'gcs') return (await import('./gcs.ts')).openBucket(storage, config);
  return (await import('./s3.ts')).openBucket(storage, config);
}

function onDisk(bucket: string, storage: DiskStorage, config: DiskBucket): BucketProvider {
  const load = () => import('./disk.ts').then(({ openDiskBucket }) => openDiskBucket(storage, bucket, config));
  return {
    ...lazily(load),
    publicUrl(name) {
      if (!config.public) throw notPublic(bucket);
      return publicObjectUrl(storage.base_url, bucket, name);
    },
  };
}

function lazily(open: () => Promise<RemoteBucket>): RemoteBucket {
  let loading: Promise<RemoteBucket> | undefined;
  const load = (): Promise<RemoteBucket> => {
    loading ??= open();
    return loading;
  };
  return {
    list: async function* (options) {
      yield* (await load()).list(options);
    },
    attrs: async (object) => (await load()).attrs(object),
    upload: async (name, data, options) => (await load()).upload(name, data, options),
    uploadStream: async (name, bytes, options) => (await load()).uploadStream(name, bytes, options),
    download: async (object) => (await load()).download(object),
    downloadStream: async (object) => (await load()).downloadStream(object),
    remove: async (object) => (await load()).remove(object),
    signedUploadUrl: async (name, ttl) => (await load()).signedUploadUrl(name, ttl),
    signedDownloadUrl: async (name, ttl) => (await load()).signedDownloadUrl(name, ttl),
  };
}

/** The same bucket; a call that meets one that does not answer ends as `unavailable`. */
function reached(bucket: string, { list, uploadStream, ...others }: RemoteBucket): RemoteBucket {
  const what = `bucket ${bucket}`;
  type Ask = (...given: unknown[]) => Promise<unknown>;
  const asking = Object.entries(others as Record<string, Ask>).map(([operation, ask]): [string, Ask] => [
    operation,
    (...given) => reaching(what, () => ask(...given)),
  ]);
  return {
    ...(Object.fromEntries(asking) as unknown as typeof others),
    list: async function* (options) {
      try {
        yield* list(options);
      } catch (error) {
        throw unreachable(what, error);
      }
    },
    uploadStream: (name, bytes, options) => {
      // A client that goes while it sends, or a server that the bytes are from, is not the bucket.
      let failed: unknown;
      const read = async function* () {
        try {
          yield* bytes;
        } catch (error) {
          failed = error;
          throw error;
        }
      };
      const given = (error: unknown) =>
        error === failed || (options.signal?.aborted && error === options.signal.reason);
      const isLost = (error: unknown) => !given(error) && isUnreachable(error);
      return reaching(what, () => uploadStream(name, read(), options), isLost);
    },
  };
}

function publicUrl(
  bucket: string,
  { public_base_url: base, key_prefix: prefix = '' }: ConfiguredBucket,
  name: string,
): string {
  if (base === undefined) throw notPublic(bucket);
  const path = `${prefix}${name}`.split('/').map(encodeURIComponent).join('/');
  return `${base.replace(/\/$/, '')}/${path}`;
}

function notPublic(bucket: string): Error {
  return new Error(`bucket ${bucket}: this bucket has no public URL in this environment`);
}
