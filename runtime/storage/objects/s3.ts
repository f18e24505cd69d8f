import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { resolveEnv } from '../../infra/config.ts';
import type { S3Storage } from '../../wire.ts';
import type { ConfiguredBucket, RemoteBucket } from './configured.ts';
import { PreconditionFailed } from './errors.ts';
import type { ListEntry, ObjectAttrs } from './options.ts';
import { partsOrWhole } from './parts.ts';
import type { Listing, ObjectVersion, StreamedOptions } from './provider.ts';
import { again, statusOf } from './s3-conflict.ts';
import { partSize, uploadParts } from './s3-parts.ts';

/** Names that one request lists. */
const pageSize = 1000;

const clients = new Map<S3Storage, S3Client>();

/** A bucket on anything that speaks S3. */
export function openBucket(storage: S3Storage, config: ConfiguredBucket): RemoteBucket {
  const client = clients.get(storage) ?? openClient(storage);
  clients.set(storage, client);
  return new S3(client, config);
}

function openClient({ region, endpoint, access_key_id, secret_access_key }: S3Storage): S3Client {
  return new S3Client({
    region,
    // Others than AWS rarely have a host name for each bucket.
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    ...(access_key_id !== undefined &&
      secret_access_key !== undefined && {
        credentials: {
          accessKeyId: resolveEnv(access_key_id, 'an access key of object storage'),
          secretAccessKey: resolveEnv(secret_access_key, 'a secret key of object storage'),
        },
      }),
    // Not all of the others know the newer checksums; TLS and the length guard what travels.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      httpsAgent: { keepAlive: true, maxSockets: 200 },
      connectionTimeout: 5_000,
      socketTimeout: 60_000,
    },
  });
}

class S3 implements RemoteBucket {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  constructor(client: S3Client, { name, key_prefix = '' }: ConfiguredBucket) {
    this.#client = client;
    this.#bucket = name;
    this.#prefix = key_prefix;
  }

  async *list({ prefix, limit = Number.POSITIVE_INFINITY }: Listing): AsyncGenerator<ListEntry> {
    let left = limit;
    let token: string | undefined;
    do {
      const page = await this.#client.send(
        new ListObjectsV2Command({
          Bucket: this.#bucket,
          Prefix: `${this.#prefix}${prefix}`,
          MaxKeys: Math.min(left, pageSize),
          // Names may have characters that XML has not.
          EncodingType: 'url',
          ContinuationToken: token,
        }),
      );
      for (const { Key = '', Size: size = 0, ETag: etag = '' } of page.Contents ?? []) {
        const key = page.EncodingType === 'url' ? decodeURIComponent(Key.replaceAll('+', ' ')) : Key;
        yield { name: key.slice(this.#prefix.length), size, etag };
        left -= 1;
      }
      token = page.NextContinuationToken;
    } while (token !== undefined && left > 0);
  }

  async attrs(object: ObjectVersion): Promise<ObjectAttrs | undefined> {
    const found = await unlessMissing(object, () => this.#client.send(new HeadObjectCommand(this.#locate(object))));
    if (!found) return undefined;
    const { ContentLength: size = 0, ETag: etag = '', ContentType: contentType, VersionId } = found;
    return {
      name: object.name,
      size,
      etag,
      ...versionOf(VersionId),
      ...(contentType !== undefined && { contentType }),
    };
  }

  async upload(name: string, data: Buffer, { contentType, notExists, signal }: StreamedOptions): Promise<ObjectAttrs> {
    const input = {
      ...this.#locate({ name }),
      Body: data,
      ContentLength: data.byteLength,
      ...(contentType !== undefined && { ContentType: contentType }),
      ...(notExists && { IfNoneMatch: '*' }),
    };
    try {
      const send = () => this.#client.send(new PutObjectCommand(input), signal && { abortSignal: signal });
      const { ETag: etag = '', VersionId } = await (notExists ? again(send, signal) : send());
      const type = contentType !== undefined && { contentType };
      return { name, size: data.byteLength, etag, ...versionOf(VersionId), ...type };
    } catch (error) {
      throw failureOf(error, name, notExists, signal);
    }
  }

  async uploadStream(name: string, bytes: AsyncIterable<Uint8Array>, options: StreamedOptions): Promise<ObjectAttrs> {
    const parts = await partsOrWhole(bytes, partSize);
    if (Buffer.isBuffer(parts)) return this.upload(name, parts, options);
    const { contentType, notExists, signal } = options;
    try {
      const found = await uploadParts(this.#client, this.#locate({ name }), parts, options);
      const { size, ETag: etag = '', VersionId } = found;
      return { name, size, etag, ...versionOf(VersionId), ...(contentType !== undefined && { contentType }) };
    } catch (error) {
      throw failureOf(error, name, notExists, signal);
    }
  }

  async downloadStream(object: ObjectVersion): Promise<Readable | undefined> {
    const found = await unlessMissing(object, () => this.#client.send(new GetObjectCommand(this.#locate(object))));
    // In Node it is the answer itself.
    return found && ((found.Body as Readable | undefined) ?? Readable.from([]));
  }

  async download(object: ObjectVersion): Promise<Buffer | undefined> {
    const found = await unlessMissing(object, () => this.#client.send(new GetObjectCommand(this.#locate(object))));
    if (!found) return undefined;
    const bytes = await found.Body?.transformToByteArray();
    return bytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : Buffer.alloc(0);
  }

  async remove(object: ObjectVersion): Promise<void> {
    await unlessMissing(object, () => this.#client.send(new DeleteObjectCommand(this.#locate(object))));
  }

  signedUploadUrl(name: string, ttl: number): Promise<string> {
    return getSignedUrl(this.#client, new PutObjectCommand(this.#locate({ name })), { expiresIn: ttl });
  }

  signedDownloadUrl(name: string, ttl: number): Promise<string> {
    return getSignedUrl(this.#client, new GetObjectCommand(this.#locate({ name })), { expiresIn: ttl });
  }

  #locate({ name, version }: ObjectVersion): { Bucket: string; Key: string; VersionId?: string } {
    const place = { Bucket: this.#bucket, Key: `${this.#prefix}${name}` };
    return version === undefined ? place : { ...place, VersionId: version };
  }
}

/** What an upload failed with, in our words where we have some. */
function failureOf(error: unknown, name: string, notExists: boolean, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted && (error as Error).name === 'AbortError') return signal.reason;
  const status = statusOf(error);
  if (notExists && status === 412)
    return new PreconditionFailed(`there is an object ${name} already`, { cause: error });
  if (notExists && status === 409)
    return new PreconditionFailed(`another upload of ${name} was under way`, { cause: error });
  return error;
}

/** In a bucket without versions, and for objects from before there were any, it is `null`, in words. */
function versionOf(version: string | undefined): { version?: string } {
  return version === undefined || version === 'null' ? {} : { version };
}

/**
 * Undefined when there is no such object or version; a version may also be no version at all, or mark that the object was removed.
 * To whoever may read objects and not list them, as a process whose code never lists, S3 says of a missing one that it is forbidden.
 */
async function unlessMissing<T>({ version }: ObjectVersion, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    const status = statusOf(error);
    const missing = status === 404 && (error as Error).name !== 'NoSuchBucket';
    if (missing || status === 403 || (version !== undefined && (status === 400 || status === 405))) return undefined;
    throw error;
  }
}
