import { mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Digest } from '../../../../pipeline/mod.ts';
import { type Descriptor, digestOf, mediaTypes } from '../../descriptor.ts';
import {
  isDistributed,
  isReferrersTag,
  parseJson,
  parseManifest,
  referrerDescriptor,
  referrersIndex,
  referrersTag,
  tryParseManifest,
} from '../content.ts';
import { changedWhileRead, codeOf, damaged, missing, notALayout, tooLarge } from '../errors.ts';
import { isDigest, requireReference, requireTag } from '../name.ts';
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
import { searchReferrers } from './parts.ts';
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
  /** Several without a tag, each after those that it names: one change of the index, which the disk has to confirm. */
  putManifests(manifests: readonly StoredManifest[], options?: PutOptions): Promise<void>;
  /** Lends a directory on the same disk for what is being made. It goes in the end, or with a prune after a crash. */
  withScratch<T>(work: (directory: string) => Promise<T>): Promise<T>;
  /** Whether a blob, which a manifest is too, is there with the bytes of its digest. Who asks counts on it being there. */
  isIntact(content: Content): Promise<boolean>;
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
  /** What the disk may not have yet. It has to before a tag names it. */
  readonly #unsettled = new Set<Digest>();
  /** Parsing takes longer than reading, where there are thousands of tags. */
  #known: { bytes: Buffer; entries: Entry[] } | undefined;

  constructor(directory: string) {
    this.place = directory;
    this.name = directory;
    this.#files = new LayoutFiles(directory);
  }

  hasBlob(digest: Digest): Promise<boolean> {
    return this.#guarded(async () => {
      const path = this.#files.blob(digest);
      if ((await sizeOf(path)) === undefined) return false;
      await touch(path);
      return true;
    });
  }

  isIntact(content: Content): Promise<boolean> {
    return this.#guarded(async () => {
      if (!(await this.#files.isIntact(content))) return false;
      this.#unsettled.add(content.digest);
      await touch(this.#files.blob(content.digest));
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

  writeBlob(content: Content, open: Open, options: CallOptions = {}): Promise<void> {
    return this.#write(content, open, (how) => changedWhileRead(content.digest, how), options);
  }

  /** `from` is the directory of another layout. Its file is copied: one that both had would be pruned by the time of either. */
  mountBlob(digest: Digest, from: string, options: CallOptions = {}): Promise<boolean> {
    return this.#guarded(async () => {
      const source = new LayoutFiles(resolve(from));
      const path = source.blob(digest);
      const size = await sizeOf(path);
      if (size === undefined) return false;
      const wrong = (how: string) => damaged(digest, source.directory, how);
      await this.#write({ digest, size }, () => readStream(path), wrong, options);
      return true;
    });
  }

  withScratch<T>(work: (directory: string) => Promise<T>): Promise<T> {
    return this.#guarded(async () => {
      await this.#files.prepare();
      const directory = await mkdtemp(join(this.#files.drafts, 'scratch-'));
      try {
        return await work(directory);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    });
  }

  manifest(reference: Reference): Promise<StoredManifest | undefined> {
    return this.#guarded(() => this.#manifest(reference));
  }

  async putManifest(bytes: Uint8Array, mediaType: string, tag?: string, options: PutOptions = {}): Promise<Descriptor> {
    const descriptor: Descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await this.putManifests([{ bytes, descriptor }], options, tag);
    return descriptor;
  }

  putManifests(manifests: readonly StoredManifest[], options: PutOptions = {}, tag?: string): Promise<void> {
    return this.#guarded(async () => {
      if (tag !== undefined) requireTag(tag);
      for (const { bytes } of manifests) {
        parseManifest(bytes, this.place);
        if (bytes.length > manifestLimit) throw tooLarge(this.place, manifestLimit);
      }
      await this.#change(async (entries) => {
        let after = entries;
        for (const manifest of manifests) after = await this.#with(after, manifest, options, tag);
        return after;
      }, options);
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

  referrers(digest: Digest, artifactType?: string): Promise<Descriptor[]> {
    return this.#guarded(async () => {
      const all = await this.#listed(digest);
      return artifactType === undefined ? all : all.filter((descriptor) => descriptor.artifactType === artifactType);
    });
  }

  remove(reference: Reference, options: CallOptions = {}): Promise<void> {
    return this.#guarded(async () => {
      requireReference(reference);
      if (!isDigest(reference)) return this.#change(async (entries) => withoutTag(entries, reference), options);
      const found = await this.#manifest(reference);
      if (!found) return;
      const subject = tryParseManifest(found.bytes)?.subject;
      await this.#change(async (entries) => {
        const left = withoutManifest(entries, reference);
        return subject ? this.#withoutReferrer(left, subject.digest, reference) : left;
      }, options);
      await rm(this.#files.blob(reference), { force: true });
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

  /** Writes what is not there, or damaged. */
  #write(content: Content, open: Open, wrong: (how: string) => Error, { signal }: CallOptions): Promise<void> {
    return this.#guarded(async () => {
      if (await this.isIntact(content)) return;
      await this.#files.prepare();
      const stream = verified(pieces(open()), content, wrong);
      await this.#files.write(this.#files.blob(content.digest), abortable(stream, signal));
      this.#unsettled.add(content.digest);
    });
  }

  /** The lock is held. */
  async #with(
    entries: Entry[],
    { bytes, descriptor }: StoredManifest,
    options: PutOptions,
    tag: string | undefined,
  ): Promise<Entry[]> {
    const parts = { ...parseManifest(bytes, this.place), mediaType: descriptor.mediaType };
    const { subject, manifests, blobs } = parts;
    await this.#requireAll([...manifests, ...blobs.filter(({ digest }) => !options.elsewhere?.has(digest))]);
    await this.writeBlob(descriptor, () => bytes, options);
    const roots = withoutChildren(entries, manifests);
    const named = tag === undefined ? withManifest(roots, descriptor) : withTag(roots, descriptor, tag);
    return subject ? this.#withReferrer(named, subject.digest, referrerDescriptor(bytes, parts)) : named;
  }

  /** What is lost or damaged of those that are listed already goes, since nobody can read it. */
  async #withReferrer(entries: readonly Entry[], subject: Digest, added: Descriptor): Promise<Entry[]> {
    const all = await this.#listed(subject).catch((error: unknown) => {
      if (codeOf(error) !== 'FL2204') throw error;
      return searchReferrers(this.#files, subject);
    });
    const intact = await Promise.all(all.map((one) => one.digest === added.digest || this.#files.isIntact(one)));
    const left = all.filter((_, at) => intact[at]);
    const listed = left.some(({ digest }) => digest === added.digest);
    return this.#withList(entries, subject, listed ? left : [...left, added]);
  }

  async #withoutReferrer(entries: readonly Entry[], subject: Digest, gone: Digest): Promise<Entry[]> {
    const all = await this.#listed(subject);
    if (!all.some(({ digest }) => digest === gone)) return [...entries];
    return this.#withList(
      entries,
      subject,
      all.filter(({ digest }) => digest !== gone),
    );
  }

  async #withList(entries: readonly Entry[], subject: Digest, all: readonly Descriptor[]): Promise<Entry[]> {
    const bytes = referrersIndex(all);
    const descriptor: Descriptor = { mediaType: mediaTypes.index, digest: digestOf(bytes), size: bytes.length };
    await this.writeBlob(descriptor, () => bytes);
    return withTag(withoutChildren(entries, all), descriptor, referrersTag(subject));
  }

  async #listed(subject: Digest): Promise<Descriptor[]> {
    const found = await this.#manifest(referrersTag(subject));
    return (found && tryParseManifest(found.bytes)?.manifests) ?? [];
  }

  async #requireAll(children: readonly Descriptor[]): Promise<void> {
    for (const { digest, mediaType, size } of children) {
      if (!isDistributed(mediaType)) continue;
      if (!(await this.hasBlob(digest))) throw missing(`content ${digest}, which a manifest names`, this.place);
      const found = await sizeOf(this.#files.blob(digest));
      if (found !== size) throw damaged(digest, this.place, `it has ${found} bytes instead of ${size}`);
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
        const after = await change(before);
        const bytes = renderEntries(after);
        if (Buffer.from(renderEntries(before)).equals(bytes) && before.length > 0) return;
        if (after.some((entry) => isTag(entry.tag) && !before.includes(entry))) await this.#settle();
        await this.#files.writeDurably(this.#files.index, bytes);
      },
      signal,
    );
  }

  /** Waits for the disk once for all that was written. */
  async #settle(): Promise<void> {
    const digests = [...this.#unsettled];
    await Promise.all(digests.map((digest) => this.#files.settle(this.#files.blob(digest))));
    for (const digest of digests) this.#unsettled.delete(digest);
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

function isTag(tag: string | undefined): boolean {
  return tag !== undefined && !isReferrersTag(tag);
}

async function* abortable(stream: ByteStream, signal: AbortSignal | undefined): ByteStream {
  for await (const chunk of stream) {
    signal?.throwIfAborted();
    yield chunk;
  }
}
