export interface ListOptions {
  /** Only objects whose names begin with it. */
  prefix?: string;
  /** The most objects to list. @default all */
  limit?: number;
}

export interface ListEntry {
  name: string;
  /** Bytes. */
  size: number;
  etag: string;
}

/** Which version of an object, in a bucket that keeps them. @default the latest */
export interface VersionOptions {
  version?: string;
}

export interface ObjectAttrs {
  name: string;
  /** In a bucket that keeps versions. */
  version?: string;
  /** Bytes. */
  size: number;
  etag: string;
  contentType?: string;
}

export interface UploadOptions {
  contentType?: string;
  preconditions?: {
    /** Fail with `PreconditionFailed` rather than replace an object. */
    notExists?: boolean;
  };
}

export interface SignedUrlOptions {
  /** Seconds that the URL is valid, 7 days at most. @default 3600 */
  ttl?: number;
}

export interface SignedUrl {
  url: string;
}
