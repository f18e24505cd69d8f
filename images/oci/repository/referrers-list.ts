import type { Digest } from '../../../pipeline/mod.ts';
import type { Descriptor } from '../descriptor.ts';
import { type Parts, referrerDescriptor, referrersIndex, referrersTag, tryParseManifest } from './content.ts';
import type { CallOptions, StoredManifest } from './repository.ts';

/** How the index behind a tag is read and written. */
export interface IndexStore {
  read(tag: string, options: CallOptions): Promise<StoredManifest | undefined>;
  write(bytes: Uint8Array, tag: string, options: CallOptions): Promise<void>;
}

/** Reading back finds what another writer overwrote; as often as this. */
const attempts = 5;

/**
 * The referrers of a digest where the registry does not list them itself: an index under the tag `sha256-<hex>`, which
 * its clients keep. Two of them may write at the same time and the later one wins, so that each looks again afterwards.
 */
export class ReferrersList {
  readonly #store: IndexStore;
  /** One change at a time per subject within this process. */
  readonly #changes = new Map<Digest, Promise<void>>();

  constructor(store: IndexStore) {
    this.#store = store;
  }

  async read(subject: Digest, options: CallOptions): Promise<Descriptor[]> {
    const found = await this.#store.read(referrersTag(subject), options);
    return (found && tryParseManifest(found.bytes)?.manifests) ?? [];
  }

  add(subject: Digest, bytes: Uint8Array, parts: Parts, options: CallOptions): Promise<void> {
    const added = referrerDescriptor(bytes, parts);
    return this.#change(subject, options, (all) =>
      all.some(({ digest }) => digest === added.digest) ? undefined : [...all, added],
    );
  }

  drop(subject: Digest, referrer: Digest, options: CallOptions): Promise<void> {
    return this.#change(subject, options, (all) => {
      const left = all.filter(({ digest }) => digest !== referrer);
      return left.length === all.length ? undefined : left;
    });
  }

  /** `change` gives the new list, or undefined when it is right already. */
  #change(
    subject: Digest,
    options: CallOptions,
    change: (all: Descriptor[]) => Descriptor[] | undefined,
  ): Promise<void> {
    const before = this.#changes.get(subject) ?? Promise.resolve();
    const work = before.then(() => this.#settle(subject, options, change));
    // Who made the change hears of its failure; whoever comes next only waits for its end.
    this.#changes.set(
      subject,
      work.catch(() => undefined),
    );
    return work;
  }

  async #settle(
    subject: Digest,
    options: CallOptions,
    change: (all: Descriptor[]) => Descriptor[] | undefined,
  ): Promise<void> {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const next = change(await this.read(subject, options));
      if (!next) return;
      await this.#store.write(referrersIndex(next), referrersTag(subject), options);
    }
  }
}
