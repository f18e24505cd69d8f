import type { BucketProvider } from '../storage/objects/provider.ts';

/** Does one operation of a bucket, and tells of it. */
type Watch = <T>(operation: string, work: () => Promise<T>) => Promise<T>;

/** A bucket whose operations are watched. Names of objects are not told: they may be anybody's. */
export function watchBucket(provider: BucketProvider, watch: Watch): BucketProvider {
  return {
    list: (options) => watchedList(provider, options, watch),
    attrs: (object) => watch('attributes', () => provider.attrs(object)),
    upload: (name, data, options) => watch('upload', () => provider.upload(name, data, options)),
    uploadStream: (name, bytes, options) => watch('upload', () => provider.uploadStream(name, bytes, options)),
    download: (object) => watch('download', () => provider.download(object)),
    // Until it begins: how long it is read is up to the reader.
    downloadStream: (object) => watch('download', () => provider.downloadStream(object)),
    remove: (object) => watch('remove', () => provider.remove(object)),
    signedUploadUrl: (name, ttl) => watch('sign-upload', () => provider.signedUploadUrl(name, ttl)),
    signedDownloadUrl: (name, ttl) => watch('sign-download', () => provider.signedDownloadUrl(name, ttl)),
    publicUrl: (name) => provider.publicUrl(name),
  };
}

/** From the first entry that is asked for to the last, or to when nobody wants more. */
async function* watchedList(
  provider: BucketProvider,
  options: Parameters<BucketProvider['list']>[0],
  watch: Watch,
): ReturnType<BucketProvider['list']> & AsyncGenerator {
  const entries = provider.list(options)[Symbol.asyncIterator]();
  const end = Promise.withResolvers<void>();
  const watched = watch('list', () => end.promise);
  // It rejects as the reading below does, which is what the caller hears of.
  watched.catch(() => {});
  try {
    for (let next = await entries.next(); !next.done; next = await entries.next()) yield next.value;
  } catch (error) {
    end.reject(error);
    throw error;
  } finally {
    end.resolve();
    await entries.return?.();
  }
}
