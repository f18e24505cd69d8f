import type { Digest } from '../../../pipeline/mod.ts';
import type { Descriptor } from '../descriptor.ts';
import { isDistributed, parseManifest } from './content.ts';
import { missing } from './errors.ts';
import { createPool } from './pool.ts';
import type { ByteStream, Repository } from './repository.ts';
import { pieces } from './verify.ts';

/** What happened to one part of an image. */
export interface CopyEvent {
  descriptor: Descriptor;
  /** `present` and `mounted` cost nothing; `copying` comes often, with growing bytes. */
  state: 'present' | 'mounted' | 'copying' | 'copied';
  /** Passed on so far. They fall back when a transfer had to start again. */
  bytes: number;
}

/** What a copy asks of the repository it copies from. */
export type CopySource = Pick<Repository, 'place' | 'registry' | 'name' | 'manifest' | 'readBlob' | 'referrers'>;

export interface CopyOptions {
  /** Given last of all, so that nothing half there ever has a name. */
  tags?: readonly string[];
  /** Takes along what refers to it: SBOMs, signatures. @default false */
  referrers?: boolean;
  /** Looks at the bytes of what a layout has already, and writes again what is damaged. @default false */
  mend?: boolean;
  /** The repository that has a blob, when that is not the one copied from; its registry may hand the blob over. */
  origin?: (digest: Digest) => Promise<Pick<Repository, 'registry' | 'name'>>;
  /** Transfers at the same time. @default 4 */
  concurrency?: number;
  onProgress?: (event: CopyEvent) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Copies an image or an index with all that it names, only what is missing, blobs before the manifests that name them.
 * A copy that failed or was ended is taken up again by calling once more.
 */
export async function copy(
  from: CopySource,
  to: Repository,
  digest: Digest,
  options: CopyOptions = {},
): Promise<Descriptor> {
  const [descriptor] = await copyAll(from, to, [digest], options);
  for (const tag of options.tags ?? []) await to.tag(digest, tag, { signal: options.signal });
  return descriptor!;
}

/** Copies several at the same time, and what they share once. None of them gets a tag. */
export async function copyAll(
  from: CopySource,
  to: Repository,
  digests: readonly Digest[],
  options: Omit<CopyOptions, 'tags'> = {},
): Promise<Descriptor[]> {
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  return new Copier(from, to, { ...options, signal }, stop).manifests(digests);
}

/** One copy, which knows what it has in hand already: images of one index share layers. */
class Copier {
  readonly #from: CopySource;
  readonly #to: Repository;
  readonly #options: CopyOptions;
  readonly #stop: AbortController;
  readonly #pool;
  readonly #begun = new Map<Digest, Promise<Descriptor>>();

  constructor(from: CopySource, to: Repository, options: CopyOptions, stop: AbortController) {
    [this.#from, this.#to, this.#options, this.#stop] = [from, to, options, stop];
    this.#pool = createPool(options.concurrency ?? 4);
  }

  manifests(digests: readonly Digest[]): Promise<Descriptor[]> {
    return this.#all(digests.map((digest) => this.manifest(digest)));
  }

  manifest(digest: Digest): Promise<Descriptor> {
    return this.#once(digest, async () => {
      const { signal, referrers, mend } = this.#options;
      const there = mend ? undefined : await this.#pool(() => this.#to.manifest(digest, { signal }));
      if (there) this.#tell(there.descriptor, 'present');
      const descriptor = there?.descriptor ?? (await this.#copyManifest(digest));
      if (referrers) await this.#copyReferrers(digest);
      return descriptor;
    });
  }

  async #copyManifest(digest: Digest): Promise<Descriptor> {
    const { signal } = this.#options;
    const found = await this.#pool(() => this.#from.manifest(digest, { signal }));
    if (!found) throw missing(`manifest ${digest}`, this.#from.place);
    const { manifests, blobs } = parseManifest(found.bytes, this.#from.place);
    await this.#all([
      ...manifests.map((child) => this.manifest(child.digest)),
      ...blobs.filter(({ mediaType }) => isDistributed(mediaType)).map((child) => this.#blob(child)),
    ]);
    const { bytes, descriptor } = found;
    await this.#pool(() => this.#to.putManifest(bytes, descriptor.mediaType, undefined, { signal }));
    this.#tell(descriptor, 'copied');
    return descriptor;
  }

  async #copyReferrers(digest: Digest): Promise<void> {
    const referrers = await this.#pool(() => this.#from.referrers(digest, undefined, { signal: this.#options.signal }));
    await this.#all(referrers.map((referrer) => this.manifest(referrer.digest)));
  }

  #blob(blob: Descriptor): Promise<Descriptor> {
    return this.#once(blob.digest, () => this.#pool(() => this.#copyBlob(blob)));
  }

  async #copyBlob(blob: Descriptor): Promise<Descriptor> {
    const { signal, mend } = this.#options;
    signal?.throwIfAborted();
    const origin = (await this.#options.origin?.(blob.digest)) ?? this.#from;
    if (origin.registry === this.#to.registry) {
      const there = !mend && (await this.#to.hasBlob(blob.digest, { signal }));
      const mounted = !there && (await this.#to.mountBlob(blob.digest, origin.name, { signal }));
      if (there || mounted) return this.#tell(blob, there ? 'present' : 'mounted');
    }
    let opened = false;
    const open = () => {
      opened = true;
      return this.#counted(blob);
    };
    await this.#to.writeBlob(blob, open, { signal });
    return this.#tell(blob, opened ? 'copied' : 'present');
  }

  async *#counted(blob: Descriptor): ByteStream {
    let bytes = 0;
    this.#options.onProgress?.({ descriptor: blob, state: 'copying', bytes });
    for await (const chunk of pieces(this.#from.readBlob(blob, { signal: this.#options.signal }))) {
      bytes += chunk.length;
      this.#options.onProgress?.({ descriptor: blob, state: 'copying', bytes });
      yield chunk;
    }
  }

  #once(digest: Digest, work: () => Promise<Descriptor>): Promise<Descriptor> {
    const begun = this.#begun.get(digest) ?? work();
    this.#begun.set(digest, begun);
    return begun;
  }

  /** Waits for all to end whatever happens, so that nothing goes on behind an error. */
  async #all<T>(works: Promise<T>[]): Promise<T[]> {
    let first: { error: unknown } | undefined;
    const fail = (error: unknown) => {
      first ??= { error };
      this.#stop.abort(error);
    };
    const done = await Promise.all(works.map((work) => work.catch(fail)));
    if (first) throw first.error;
    return done as T[];
  }

  #tell(descriptor: Descriptor, state: 'present' | 'mounted' | 'copied'): Descriptor {
    this.#options.onProgress?.({ descriptor, state, bytes: state === 'copied' ? descriptor.size : 0 });
    return descriptor;
  }
}
