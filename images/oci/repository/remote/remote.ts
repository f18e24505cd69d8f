import type { Digest } from '../../../../pipeline/mod.ts';
import { type Descriptor, digestOf, type Index, mediaTypes } from '../../descriptor.ts';
import {
  isDescriptor,
  isReferrersTag,
  manifestTypes,
  parseJson,
  parseManifest,
  referrerDescriptor,
  tryParseManifest,
} from '../content.ts';
import { at, damaged, missing, notTheProtocol, repositoryError, tooLarge } from '../errors.ts';
import { isDigest, requireReference, requireTag } from '../name.ts';
import { ReferrersList } from '../referrers-list.ts';
import {
  type ByteStream,
  type CallOptions,
  type Content,
  manifestLimit,
  type Open,
  type Reference,
  type Repository,
  type StoredManifest,
} from '../repository.ts';
import { verified } from '../verify.ts';
import { download } from './download.ts';
import type { Call, Exchange } from './exchange.ts';
import { nextLink } from './link.ts';
import { discard, type HttpResponse } from './transport.ts';
import { type UploadOptions, upload } from './upload.ts';

/** Pages of a list that are read at most: nothing that ends has more. */
const mostPages = 10_000;

/** What registries answer that do not list referrers themselves. */
const noReferrers = [404, 400, 405, 406, 501];

/** One repository of a registry that speaks the OCI distribution protocol. */
export class RemoteRepository implements Repository {
  readonly place: string;
  readonly registry: string;
  readonly name: string;
  readonly #exchange: Exchange;
  readonly #upload: UploadOptions;
  readonly #list: ReferrersList;

  constructor(exchange: Exchange, registry: string, name: string, uploadOptions: UploadOptions) {
    [this.#exchange, this.registry, this.name, this.#upload] = [exchange, registry, name, uploadOptions];
    this.place = `${registry}/${name}`;
    this.#list = new ReferrersList({
      read: (tag, options) => this.manifest(tag, options),
      write: (bytes, tag, options) => this.#put(bytes, mediaTypes.index, tag, options).then(discard),
    });
  }

  async hasBlob(digest: Digest, options: CallOptions = {}): Promise<boolean> {
    const response = await this.#exchange.send(this.#call('HEAD', `blobs/${digest}`, digest, [200, 404], options));
    await discard(response);
    return response.status === 200;
  }

  readBlob(content: Content, options: CallOptions = {}): ByteStream {
    const { digest } = content;
    const call = this.#call('GET', `blobs/${digest}`, digest, [], options);
    return verified(download(this.#exchange, call, content), content, (how) => damaged(digest, this.place, how));
  }

  async writeBlob(content: Content, open: Open, options: CallOptions = {}): Promise<void> {
    if (await this.hasBlob(content.digest, options)) return;
    const call = {
      path: `/v2/${this.name}/blobs/uploads/`,
      scopes: [this.#scope('pull,push')],
      place: this.place,
      signal: options.signal,
    };
    await upload(this.#exchange, call, content, open, this.#upload);
  }

  async mountBlob(digest: Digest, from: string, options: CallOptions = {}): Promise<boolean> {
    const query = new URLSearchParams({ mount: digest, from });
    const call = this.#call('POST', `blobs/uploads/?${query}`, digest, [201, 202, 400, 401, 403, 404, 405], options);
    const response = await this.#exchange.send({
      ...call,
      headers: { 'content-length': '0' },
      scopes: [this.#scope('pull,push'), `repository:${from}:pull`],
    });
    await discard(response);
    if (response.status === 202) await this.#abandon(response, call);
    return response.status === 201;
  }

  async manifest(reference: Reference, options: CallOptions = {}): Promise<StoredManifest | undefined> {
    requireReference(reference);
    const call = this.#call('GET', `manifests/${reference}`, reference, [200, 404], options);
    const { response, body } = await this.#exchange.read(
      { ...call, headers: { accept: manifestTypes.join(', ') } },
      manifestLimit,
    );
    if (response.status === 404) return undefined;
    if (!body) throw notTheProtocol(call.place, `a manifest has more than ${manifestLimit} bytes`);
    const digest = digestOf(body);
    const promised = isDigest(reference) ? reference : response.header('docker-content-digest');
    if (promised?.startsWith('sha256:') && promised !== digest)
      throw damaged(promised as Digest, this.place, `its digest is ${digest}`);
    const mediaType =
      response.header('content-type')?.split(';')[0]?.trim() || parseManifest(body, this.place).mediaType;
    return { descriptor: { mediaType, digest, size: body.length }, bytes: body };
  }

  async putManifest(
    bytes: Uint8Array,
    mediaType: string,
    tag?: string,
    options: CallOptions = {},
  ): Promise<Descriptor> {
    if (tag !== undefined) requireTag(tag);
    const parts = parseManifest(bytes, this.place);
    const descriptor: Descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    const response = await this.#put(bytes, mediaType, tag ?? descriptor.digest, options);
    await discard(response);
    if (parts.subject && response.header('oci-subject') === undefined)
      await this.#list.add(parts.subject.digest, bytes, { ...parts, mediaType }, options);
    return descriptor;
  }

  async tag(digest: Digest, tag: string, options: CallOptions = {}): Promise<void> {
    requireTag(tag);
    const found = await this.manifest(digest, options);
    if (!found) throw missing(`manifest ${digest}`, this.place);
    await discard(await this.#put(found.bytes, found.descriptor.mediaType, tag, options));
  }

  async tags(options: CallOptions = {}): Promise<string[]> {
    const pages = await this.#pages('tags/list', [404], options, (page) => (page as { tags?: unknown }).tags ?? []);
    const tags = (pages ?? []).filter((tag): tag is string => typeof tag === 'string' && !isReferrersTag(tag));
    return [...new Set(tags)].sort();
  }

  async referrers(digest: Digest, artifactType?: string, options: CallOptions = {}): Promise<Descriptor[]> {
    const query = artifactType === undefined ? '' : `?${new URLSearchParams({ artifactType })}`;
    const pages = await this.#pages(
      `referrers/${digest}${query}`,
      noReferrers,
      options,
      (page) => (page as Partial<Index>).manifests,
    );
    const listed = pages?.filter(isDescriptor);
    const all = listed
      ? await Promise.all(listed.map((referrer) => this.#withType(referrer, options)))
      : await this.#list.read(digest, options);
    return artifactType === undefined ? all : all.filter((descriptor) => descriptor.artifactType === artifactType);
  }

  async remove(reference: Reference, options: CallOptions = {}): Promise<void> {
    requireReference(reference);
    const found = isDigest(reference) ? await this.manifest(reference, options) : undefined;
    await this.#delete(reference, options);
    const subject = found && tryParseManifest(found.bytes)?.subject;
    if (subject) await this.#list.drop(subject.digest, found.descriptor.digest, options);
  }

  /** Some registries list what a manifest's config is instead of what the manifest is. */
  async #withType(referrer: Descriptor, options: CallOptions): Promise<Descriptor> {
    if (referrer.artifactType !== undefined && referrer.artifactType !== mediaTypes.empty) return referrer;
    const found = await this.manifest(referrer.digest, options);
    const parts = found && tryParseManifest(found.bytes);
    return parts ? referrerDescriptor(found.bytes, { ...parts, mediaType: found.descriptor.mediaType }) : referrer;
  }

  #put(bytes: Uint8Array, mediaType: string, reference: Reference, options: CallOptions): Promise<HttpResponse> {
    if (bytes.length > manifestLimit) throw tooLarge(this.place, manifestLimit);
    return this.#exchange.send({
      ...this.#call('PUT', `manifests/${reference}`, reference, [201, 200, 202, 204], options),
      headers: { 'content-type': mediaType },
      body: () => bytes,
    });
  }

  async #delete(reference: Reference, options: CallOptions): Promise<void> {
    const call = this.#call(
      'DELETE',
      `manifests/${reference}`,
      reference,
      [202, 200, 204, 404, 400, 405, 501],
      options,
    );
    const response = await this.#exchange.send({ ...call, scopes: [this.#scope('pull,push,delete')] });
    if ([400, 405, 501].includes(response.status))
      throw repositoryError(
        'FL2207',
        `${this.registry} does not remove ${isDigest(reference) ? 'manifests' : 'tags'} (${call.place})`,
        isDigest(reference)
          ? 'Allow it in the settings of the registry.'
          : 'Remove the manifest by its digest, which takes its tags along.',
      );
    await discard(response);
  }

  /** All entries of a list that comes in pages; undefined when there is no such list. */
  async #pages(
    path: string,
    none: readonly number[],
    options: CallOptions,
    entriesOf: (page: object) => unknown,
  ): Promise<unknown[] | undefined> {
    const all: unknown[] = [];
    let call: Call = this.#call('GET', path, undefined, [200, ...none], options);
    for (let page = 0; page < mostPages; page += 1) {
      const { response, body } = await this.#exchange.read(call, manifestLimit);
      if (response.status !== 200) return undefined;
      const value = body && parseJson(body);
      const entries = typeof value === 'object' && value !== null ? entriesOf(value) : undefined;
      if (!Array.isArray(entries)) throw notTheProtocol(this.place, `${path.split('?')[0]} gives no list`);
      all.push(...entries);
      const next = nextLink(response.headers('link'));
      if (next === undefined) return all;
      call = { ...call, path: this.#exchange.resolve(next, response.url, this.place) };
    }
    throw notTheProtocol(this.place, `${path.split('?')[0]} does not end`);
  }

  /** An upload that nobody will go on with. The registry forgets it in the end, whether it hears of this or not. */
  async #abandon(response: HttpResponse, call: Call): Promise<void> {
    const location = response.header('location');
    if (location === undefined) return;
    const path = this.#exchange.resolve(location, response.url, call.place);
    await this.#exchange.once({ ...call, method: 'DELETE', path }).then(discard, () => undefined);
  }

  #call(
    method: Call['method'],
    path: string,
    reference: Reference | undefined,
    expect: readonly number[],
    { signal }: CallOptions,
  ): Call {
    const reads = method === 'GET' || method === 'HEAD';
    return {
      method,
      path: `/v2/${this.name}/${path}`,
      scopes: [this.#scope(reads ? 'pull' : 'pull,push')],
      expect,
      place: reference === undefined ? this.place : at(this.place, reference),
      signal,
    };
  }

  #scope(actions: string): string {
    return `repository:${this.name}:${actions}`;
  }
}
