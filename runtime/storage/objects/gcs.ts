import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { credentials, GoogleApi, GoogleError } from '../../google/api.ts';
import type { GoogleStorage } from '../../wire.ts';
import type { ConfiguredBucket, RemoteBucket } from './configured.ts';
import { PreconditionFailed } from './errors.ts';
import { partSize, uploadResumable } from './gcs-resumable.ts';
import { signUrl } from './gcs-signature.ts';
import type { ListEntry, ObjectAttrs } from './options.ts';
import { partsOrWhole } from './parts.ts';
import type { Listing, ObjectVersion, StreamedOptions } from './provider.ts';

const google = 'https://storage.googleapis.com';

/** Names that one request lists. */
const pageSize = 1000;

/** What an object is that nobody said the type of. */
const anyType = 'application/octet-stream';

/** What is asked of an object's metadata. */
const fields = 'name,size,etag,generation,contentType';

interface Resource {
  name: string;
  /** Decimal. */
  size?: string;
  etag?: string;
  generation?: string;
  contentType?: string;
}

/** A bucket of Google Cloud Storage, by its JSON API. */
export function openBucket({ endpoint = google }: GoogleStorage, config: ConfiguredBucket): RemoteBucket {
  return new CloudStorage(new GoogleApi(endpoint), config);
}

class CloudStorage implements RemoteBucket {
  readonly #api: GoogleApi;
  readonly #bucket: string;
  readonly #prefix: string;

  constructor(api: GoogleApi, { name, key_prefix = '' }: ConfiguredBucket) {
    this.#api = api;
    this.#bucket = name;
    this.#prefix = key_prefix;
  }

  async *list({ prefix, limit = Number.POSITIVE_INFINITY }: Listing): AsyncGenerator<ListEntry> {
    let left = limit;
    let token: string | undefined;
    do {
      const query = new URLSearchParams({
        prefix: `${this.#prefix}${prefix}`,
        maxResults: `${Math.min(left, pageSize)}`,
        fields: 'nextPageToken,items(name,size,etag)',
        ...(token !== undefined && { pageToken: token }),
      });
      const response = await this.#api.send({ method: 'GET', path: `/storage/v1/b/${this.#bucket}/o?${query}` });
      const page = (await response.json()) as { items?: Resource[]; nextPageToken?: string };
      for (const { name, size = '0', etag = '' } of page.items ?? []) {
        if (left <= 0) return;
        yield { name: name.slice(this.#prefix.length), size: Number(size), etag };
        left -= 1;
      }
      token = page.nextPageToken;
    } while (token && left > 0);
  }

  async attrs(object: ObjectVersion): Promise<ObjectAttrs | undefined> {
    const response = await this.#ask('GET', object, { fields });
    return response && attrsOf(object.name, (await response.json()) as Resource);
  }

  async upload(name: string, data: Buffer, { contentType, notExists, signal }: StreamedOptions): Promise<ObjectAttrs> {
    const key = this.#key(name);
    const { type, body } = multipart({ name: key }, checkType(contentType ?? anyType), data);
    const query = this.#uploadQuery('multipart', notExists);
    try {
      const response = await this.#api.send({
        method: 'POST',
        path: `/upload/storage/v1/b/${this.#bucket}/o?${query}`,
        headers: { 'content-type': type },
        body,
        ...(signal && { cancel: signal }),
      });
      return attrsOf(name, (await response.json()) as Resource);
    } catch (error) {
      throw notExists && statusOf(error) === 412 ? alreadyThere(name, error) : error;
    }
  }

  async uploadStream(name: string, bytes: AsyncIterable<Uint8Array>, options: StreamedOptions): Promise<ObjectAttrs> {
    const parts = await partsOrWhole(bytes, partSize);
    if (Buffer.isBuffer(parts)) return this.upload(name, parts, options);
    const { notExists, signal } = options;
    const contentType = checkType(options.contentType ?? anyType);
    const query = this.#uploadQuery('resumable', notExists);
    const request = {
      path: `/upload/storage/v1/b/${this.#bucket}/o?${query}`,
      metadata: { name: this.#key(name), contentType },
      contentType,
    };
    try {
      const response = await uploadResumable(this.#api, request, parts, signal);
      return attrsOf(name, (await response.json()) as Resource);
    } catch (error) {
      throw notExists && statusOf(error) === 412 ? alreadyThere(name, error) : error;
    }
  }

  async downloadStream(object: ObjectVersion): Promise<Readable | undefined> {
    const response = await this.#ask('GET', object, { alt: 'media' });
    return response && (response.body ? Readable.fromWeb(response.body as ReadableStream) : Readable.from([]));
  }

  #uploadQuery(uploadType: string, notExists: boolean): URLSearchParams {
    return new URLSearchParams({ uploadType, fields, ...(notExists && { ifGenerationMatch: '0' }) });
  }

  async download(object: ObjectVersion): Promise<Buffer | undefined> {
    const response = await this.#ask('GET', object, { alt: 'media' });
    return response && Buffer.from(await response.arrayBuffer());
  }

  async remove(object: ObjectVersion): Promise<void> {
    await (await this.#ask('DELETE', object))?.body?.cancel();
  }

  signedUploadUrl(name: string, ttl: number): Promise<string> {
    return this.#sign('PUT', name, ttl);
  }

  signedDownloadUrl(name: string, ttl: number): Promise<string> {
    return this.#sign('GET', name, ttl);
  }

  #sign(method: 'GET' | 'PUT', name: string, ttl: number): Promise<string> {
    const place = { endpoint: this.#api.endpoint, bucket: this.#bucket, name: this.#key(name) };
    return signUrl(credentials(), { method, ...place, ttl, now: new Date() });
  }

  /**
   * Undefined when there is no such object or version; a version may also be no version at all. A bucket that is not there is an error.
   */
  async #ask(
    method: 'GET' | 'DELETE',
    { name, version }: ObjectVersion,
    query: Record<string, string> = {},
  ): Promise<Response | undefined> {
    const search = new URLSearchParams({ ...query, ...(version !== undefined && { generation: version }) });
    const path = `/storage/v1/b/${this.#bucket}/o/${encodeURIComponent(this.#key(name))}?${search}`;
    try {
      return await this.#api.send({ method, path });
    } catch (error) {
      const status = statusOf(error);
      const noBucket = /bucket (does not|doesn't) exist/i.test((error as Error).message);
      if ((status === 404 && !noBucket) || (version !== undefined && status === 400)) return undefined;
      throw error;
    }
  }

  /** @throws Error for the names that Google has no objects of */
  #key(name: string): string {
    const key = `${this.#prefix}${name}`;
    if (key !== '.' && key !== '..' && !/[\r\n]/.test(key) && Buffer.byteLength(key) <= 1024) return key;
    throw new Error(`bucket ${this.#bucket}: Google Cloud Storage has no objects of the name ${JSON.stringify(name)}`);
  }
}

/** Every object there has a generation, also where former ones are not kept. */
function attrsOf(name: string, { size = '0', etag = '', generation, contentType }: Resource): ObjectAttrs {
  return {
    name,
    size: Number(size),
    etag,
    ...(generation !== undefined && { version: generation }),
    ...(contentType !== undefined && contentType !== '' && { contentType }),
  };
}

function alreadyThere(name: string, cause: unknown): PreconditionFailed {
  return new PreconditionFailed(`there is an object ${name} already`, { cause });
}

/** @throws Error for a type that no header can have */
function checkType(contentType: string): string {
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(contentType)) return contentType;
  throw new Error(`no content type: ${JSON.stringify(contentType)}`);
}

/** An object's metadata and its content in one body. */
function multipart(
  metadata: object,
  contentType: string,
  data: Buffer,
): { type: string; body: Uint8Array<ArrayBuffer> } {
  const boundary = crypto.randomUUID();
  const part = (type: string) => `--${boundary}\r\ncontent-type: ${type}\r\n\r\n`;
  return {
    type: `multipart/related; boundary=${boundary}`,
    body: Buffer.concat([
      Buffer.from(`${part('application/json; charset=utf-8')}${JSON.stringify(metadata)}\r\n`),
      Buffer.from(part(contentType)),
      data,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]),
  };
}

function statusOf(error: unknown): number | undefined {
  return error instanceof GoogleError ? error.status : undefined;
}
