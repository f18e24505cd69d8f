import { resolveEnv } from '../../infra/config.ts';
import type { DiskBucket, DiskStorage } from '../../wire.ts';
import type { RemoteBucket } from './configured.ts';
import { DiskStore } from './disk/store.ts';
import { signedObjectUrl } from './disk/urls.ts';

/** A bucket in a directory that processes of one machine share. */
export function openDiskBucket(storage: DiskStorage, bucket: string, config: DiskBucket): RemoteBucket {
  const store = new DiskStore(config);
  const signed = async (method: 'GET' | 'PUT', name: string, ttl: number): Promise<string> => {
    if (storage.key === undefined) throw new Error(`bucket ${bucket}: no key is configured that URLs are signed with`);
    const key = resolveEnv(storage.key, 'the key for URLs of objects');
    return signedObjectUrl(storage.base_url, { method, bucket, name }, Math.floor(Date.now() / 1000) + ttl, key);
  };
  return {
    list: (options) => store.list(options),
    attrs: async (object) => {
      const header = await store.read(object);
      return header && store.attributes(header);
    },
    upload: (name, data, options) => store.upload(name, [data], options),
    uploadStream: (name, bytes, options) => store.upload(name, bytes, options),
    download: (object) => store.download(object),
    downloadStream: (object) => store.downloadStream(object),
    remove: (object) => store.remove(object),
    signedUploadUrl: (name, ttl) => signed('PUT', name, ttl),
    signedDownloadUrl: (name, ttl) => signed('GET', name, ttl),
  };
}
