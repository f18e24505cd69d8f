/** Which objects to list. */
export interface ListOptions {
  /** Only objects whose names begin with it. */
  prefix?: string;
  /** The most objects to list. @default all */
  limit?: number;
}

/** An object of a list. */
export interface ListEntry {
  name: string;
  /** Bytes. */
  size: number;
  /** Tells the content from every other. */
  etag: string;
}

/** Which version of an object, in a bucket that keeps them. @default the latest */
export interface VersionOptions {
  version?: string;
}

/** What is known of an object. */
export interface ObjectAttrs {
  name: string;
  /** In a bucket that keeps versions. */
  version?: string;
  /** Bytes. */
  size: number;
  etag: string;
  contentType?: string;
}

/** How to upload. */
export interface UploadOptions {
  /** What answers to URLs say. @default what the backend says without one */
  contentType?: string;
  preconditions?: {
    /** Fail with `PreconditionFailed` rather than replace an object. @default false */
    notExists?: boolean;
  };
}

/**
 * Where the bytes of an upload come from: a `Readable`, a `ReadableStream`, or whatever else `for await` reads. It is read as fast as the
 * backend takes it.
 */
export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** How to upload a stream. */
export interface UploadStreamOptions extends UploadOptions {
  /** Fail with an `ObjectsError`, and leave nothing, when there are more bytes. @default as many as the backend takes */
  maxSize?: number;
  /** Gives the upload up, and leaves nothing. */
  signal?: AbortSignal;
}

/** How long a URL is valid. */
export interface SignedUrlOptions {
  /** Seconds that the URL is valid, 7 days at most. @default 3600 */
  ttl?: number;
}

/** A URL that is all the permission there is: whoever has it may use it. */
export interface SignedUrl {
  url: string;
}
