import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Digest } from '../../../../pipeline/mod.ts';
import { type Descriptor, digestOf, mediaTypes } from '../../descriptor.ts';
import { isDistributed, isReferrersTag, parseJson, parseManifest, tryParseManifest } from '../content.ts';
import { changedWhileRead, damaged, missing, notALayout, tooLarge } from '../errors.ts';
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
import { pieces, verified } from '../verify.ts';
import {
  type Entry,
  parseEntries,
  renderEntries,
  withManifest,
  withoutChildren,
  withoutManifest,
  withoutTag,
  withTag,
} from './entries.ts';
import { LayoutFiles, readIfThere, readStream, sizeOf, touch } from './files.ts';
import { holdLock } from './lock.ts';
import { type Pruned, prune } from './prune.ts';
import { layoutRefusal } from './refusal.ts';

/** A repository in a directory of this machine, as the OCI image layout says; other tools read it, too. */
export interface Layout extends Repository {
  /**
   * Forgets the entries that are not to be kept, and removes the blobs that nothing needs any more. A manifest that is
   * kept keeps its referrers. What was written in the last hour and has no tag stays, since that may be about to follow.
   */
  prune(keep: (entry: Entry) => boolean, options?: CallOptions & { dryRun?: boolean }): Promise<Pruned>;
  /** What each tag names, but for the tags that hold referrers: one look for all of them. */
  tagged(): Promise<Map<string, Digest>>;
  /** Gives several tags at once, or none. */
  tagAll(digests: ReadonlyMap<string, Digest>, options?: CallOptions): Promise<void>;
  putManifest(bytes: Uint8Array, mediaType: string, tag?: string, options?: PutOptions): Promise<Descriptor>;
}

export interface PutOptions extends CallOptions {
  /** Blobs that the manifest names and that need not be here, such as the layers of a base image. @default none */
  elsewhere?: ReadonlySet<Digest>;
}

/** Any number of processes may share the directory, which is made when something is written. Throws FL2212 when the system refuses. */
export function openLayout(directory: string): Layout {
  return new DiskLayout(resolve(directory));
}

class DiskLayout implements Layout {
  readonly place: string;
  readonly registry = 'oci-layout';
  readonly name: string;
  readonly #files: LayoutFiles;
  readonly #list: ReferrersList;
  /** Parsing takes longer than reading, where there are thousands of tags. */
  #known: { bytes: Buffer; entries: Entry[] } | undefined;

  constructor(directory: string) {
    this.place = directory;
    this.name = directory;
    this.#files = new LayoutFiles(directory);
    this.#list = new ReferrersList({
      read: (tag) => this.#manifest(tag),
      write: (bytes, tag, options) => this.#store(bytes, mediaTypes.index, tag, options).then(() => undefined),
      alone: (work, { signal }) => holdLock(this.#files.referrersLock, work, signal),
    });
  }

  hasBlob(digest: Digest): Promise<boolean> {
    return this.#guarded(async () => {
      const path = this.#files.blob(digest);
      if ((await sizeOf(path)) === undefined) return false;
      await touch(path);
      return true;
    });
  }

  async *readBlob(content: Content, { signal }: CallOptions = {}): ByteStream {
    const { digest } = content;
    const path = this.#files.blob(digest);
    try {
      if ((await sizeOf(path)) === undefined) throw missing(`blob ${digest}`, this.place);
      for await (const chunk of verified(readStream(path), content, (how) => damaged(digest, this.place, how))) {
        signal?.throwIfAborted();
        yield chunk;
      }
    } catch (error) {
      throw layoutRefusal(error, this.place);
    }
  }

  writeBlob(content: Content, open: Open, { signal }: CallOptions = {}): Promise<void> {
    return this.#guarded(async () => {
      const path = this.#files.blob(content.digest);
      if ((await sizeOf(path)) === content.size) return touch(path);
      await this.#files.prepare();
      const stream = verified(pieces(open()), content, (how) => changedWhileRead(content.digest, how));
      await this.#files.write(path, abortable(stream, signal));
    });
  }

  /** `from` is the directory of another layout. */
  mountBlob(digest: Digest, from: string): Promise<boolean> {
    return this.#guarded(async () => {
      const source = new LayoutFiles(resolve(from)).blob(digest);
      if ((await sizeOf(source)) === undefined) return false;
      await this.#files.prepare();
      await this.#files.adopt(this.#files.blob(digest), source);
      return true;
    });
  }

  manifest(reference: Reference): Promise<StoredManifest | undefined> {
    return this.#guarded(() => this.#manifest(reference));
  }

  putManifest(bytes: Uint8Array, mediaType: string, tag?: string, options: PutOptions = {}): Promise<Descriptor> {
    return this.#guarded(async () => {
      if (tag !== undefined) requireTag(tag);
      const parts = parseManifest(bytes, this.place);
      const descriptor = await this.#store(bytes, mediaType, tag, options);
      if (parts.subject) await this.#list.add(parts.subject.digest, bytes, { ...parts, mediaType }, options);
      return descriptor;
    });
  }

  tag(digest: Digest, tag: string, options: CallOptions = {}): Promise<void> {
    return this.tagAll(new Map([[tag, digest]]), options);
  }

  tagAll(digests: ReadonlyMap<string, Digest>, options: CallOptions = {}): Promise<void> {
    return this.#guarded(async () => {
      for (const tag of digests.keys()) requireTag(tag);
      await this.#change(async (entries) => {
        let after = entries;
        for (const [tag, digest] of digests) {
          const found = await this.#manifest(digest);
          if (!found) throw missing(`manifest ${digest}`, this.place);
          after = withTag(after, found.descriptor, tag);
        }
        return after;
      }, options);
    });
  }

  async tags(): Promise<string[]> {
    return [...(await this.tagged()).keys()].sort();
  }

  tagged(): Promise<Map<string, Digest>> {
    return this.#guarded(async () => {
      const tagged = (await this.#entries()).flatMap(({ tag, descriptor: { digest } }) =>
        tag === undefined || isReferrersTag(tag) ? [] : [[tag, digest] as const],
      );
      return new Map(tagged);
    });
  }

  referrers(digest: Digest, artifactType?: string, options: CallOptions = {}): Promise<Descriptor[]> {
    return this.#guarded(async () => {
      const all = await this.#list.read(digest, options);
      return artifactType === undefined ? all : all.filter((descriptor) => descriptor.artifactType === artifactType);
    });
  }

  remove(reference: Reference, options: CallOptions = {}): Promise<void> {
    return this.#guarded(async () => {
      requireReference(reference);
      if (!isDigest(reference)) return this.#change(async (entries) => withoutTag(entries, reference), options);
      const found = await this.#manifest(reference);
      if (!found) return;
      await this.#change(async (entries) => withoutManifest(entries, reference), options);
      await rm(this.#files.blob(reference), { force: true });
      const subject = tryParseManifest(found.bytes)?.subject;
      if (subject) await this.#list.drop(subject.digest, reference, options);
    });
  }

  prune(
    keep: (entry: Entry) => boolean,
    { signal, dryRun = false }: CallOptions & { dryRun?: boolean } = {},
  ): Promise<Pruned> {
    return this.#guarded(async () => {
      if (!(await this.#isThere())) return { manifests: [], blobs: [], bytes: 0 };
      return holdLock(
        this.#files.lock,
        async () => prune(this.#files, await this.#entries(), { keep, dryRun }),
        signal,
      );
    });
  }

  async #store(
    bytes: Uint8Array,
    mediaType: string,
    tag: string | undefined,
    options: PutOptions,
  ): Promise<Descriptor> {
    const descriptor: Descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    const { manifests, blobs } = parseManifest(bytes, this.place);
    if (bytes.length > manifestLimit) throw tooLarge(this.place, manifestLimit);
    await this.#files.prepare();
    await this.#change(async (entries) => {
      await this.#requireAll([...manifests, ...blobs.filter(({ digest }) => !options.elsewhere?.has(digest))]);
      await this.writeBlob(descriptor, () => bytes, options);
      const roots = withoutChildren(entries, manifests);
      return tag === undefined ? withManifest(roots, descriptor) : withTag(roots, descriptor, tag);
    }, options);
    return descriptor;
  }

  async #requireAll(children: readonly Descriptor[]): Promise<void> {
    for (const { digest, mediaType } of children) {
      if (!isDistributed(mediaType) || (await this.hasBlob(digest))) continue;
      throw missing(`content ${digest}, which a manifest names`, this.place);
    }
  }

  async #manifest(reference: Reference): Promise<StoredManifest | undefined> {
    requireReference(reference);
    const entries = await this.#entries();
    const entry = entries.find(({ tag, descriptor }) =>
      isDigest(reference) ? descriptor.digest === reference : tag === reference,
    );
    const digest = isDigest(reference) ? reference : entry?.descriptor.digest;
    if (digest === undefined) return undefined;
    const path = this.#files.blob(digest);
    const size = await sizeOf(path);
    const bytes = size === undefined || size > manifestLimit ? undefined : await readIfThere(path);
    if (!bytes) {
      if (entry) throw damaged(digest, this.place, size === undefined ? 'its file is gone' : 'its file is too large');
      return undefined;
    }
    const found = digestOf(bytes);
    if (found !== digest) throw damaged(digest, this.place, `its digest is ${found}`);
    const parts = entry ? parseManifest(bytes, this.place) : tryParseManifest(bytes);
    if (!parts) return undefined;
    return {
      descriptor: { mediaType: entry?.descriptor.mediaType ?? parts.mediaType, digest, size: bytes.length },
      bytes,
    };
  }

  async #change(change: (entries: Entry[]) => Promise<Entry[]>, { signal }: CallOptions): Promise<void> {
    await this.#files.prepare();
    await holdLock(
      this.#files.lock,
      async () => {
        const before = await this.#entries();
        const bytes = renderEntries(await change(before));
        if (!Buffer.from(renderEntries(before)).equals(bytes) || before.length === 0)
          await this.#files.write(this.#files.index, [bytes]);
      },
      signal,
    );
  }

  async #entries(): Promise<Entry[]> {
    if (!(await this.#isThere())) return [];
    const bytes = await readIfThere(this.#files.index);
    if (!bytes) return [];
    if (this.#known?.bytes.equals(bytes)) return this.#known.entries;
    const entries = parseEntries(bytes);
    if (!entries) throw notALayout(this.place, 'its index.json is not an index');
    this.#known = { bytes, entries };
    return entries;
  }

  async #isThere(): Promise<boolean> {
    const marker = await this.#files.marker();
    if (!marker) return false;
    const { imageLayoutVersion } = (parseJson(marker) ?? {}) as { imageLayoutVersion?: unknown };
    if (imageLayoutVersion !== '1.0.0') throw notALayout(this.place, 'its oci-layout is not of version 1.0.0');
    return true;
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw layoutRefusal(error, this.place);
    }
  }
}

async function* abortable(stream: ByteStream, signal: AbortSignal | undefined): ByteStream {
  for await (const chunk of stream) {
    signal?.throwIfAborted();
    yield chunk;
  }
}
