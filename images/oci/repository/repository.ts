import type { Digest } from '../../../pipeline/mod.ts';
import type { Descriptor } from '../descriptor.ts';

/** What identifies bytes and lets a reader check them: enough of a Descriptor. */
export type Content = Pick<Descriptor, 'digest' | 'size'>;

export type ByteStream = AsyncIterable<Uint8Array>;

/** Gives the bytes from their start. It is called again for each attempt. */
export type Open = () => ByteStream | Uint8Array;

/** `sha256:…`, or a tag. */
export type Reference = string;

/** A manifest or an index as it is stored, byte for byte. */
export interface StoredManifest {
  descriptor: Descriptor;
  bytes: Uint8Array;
}

/** What every call takes last. */
export interface CallOptions {
  /** Ends the call at once, with the signal's reason as the error. */
  signal?: AbortSignal | undefined;
}

/**
 * Images, artifacts and what they are made of, under one name. A manifest is accepted only after all that it names, so
 * that whoever finds a manifest finds the whole image. What the user can mend is thrown as a UserError of FL22xx.
 */
export interface Repository {
  /** For people: `registry.example/shop`, or the directory. */
  readonly place: string;
  /** Repositories with the same value can mount each other's blobs. */
  readonly registry: string;
  /** Within the registry. */
  readonly name: string;

  hasBlob(digest: Digest, options?: CallOptions): Promise<boolean>;
  /** Checked against digest and size while it is read; the last bytes come only when both are right. */
  readBlob(content: Content, options?: CallOptions): ByteStream;
  /** Opens nothing when the blob is there already. */
  writeBlob(content: Content, open: Open, options?: CallOptions): Promise<void>;
  /** Takes a blob over from the repository `from` of the same registry; false when the registry will not or has none. */
  mountBlob(digest: Digest, from: string, options?: CallOptions): Promise<boolean>;

  manifest(reference: Reference, options?: CallOptions): Promise<StoredManifest | undefined>;
  /** Keeps the list of referrers, too, when the manifest has a subject. */
  putManifest(bytes: Uint8Array, mediaType: string, tag?: string, options?: CallOptions): Promise<Descriptor>;

  /** Moves the tag when it is in use. */
  tag(digest: Digest, tag: string, options?: CallOptions): Promise<void>;
  /** In alphabetical order, without the tags that hold referrers. */
  tags(options?: CallOptions): Promise<string[]>;
  /** The manifests whose subject it is; with `artifactType`, those of that type only. */
  referrers(digest: Digest, artifactType?: string, options?: CallOptions): Promise<Descriptor[]>;
  /** A tag goes alone; a digest takes its tags along. Nothing happens when it is not there. */
  remove(reference: Reference, options?: CallOptions): Promise<void>;
}

/** What reading an image takes. */
export type ImageSource = Pick<Repository, 'place' | 'registry' | 'name' | 'manifest' | 'readBlob'>;

/** The largest manifest that is read or written, in bytes; registries have the same limit. */
export const manifestLimit = 4 * 1024 * 1024;
