/** One file or link of a layer. */
export type LayerFile = RegularFile | SymbolicLink;

export interface RegularFile {
  /** Where it lies in the layer, with `/`, such as `node_modules/pg/package.json`. */
  path: string;
  /** @default 0o644 */
  mode?: FileMode;
  content: Uint8Array | DiskFile;
}

export interface SymbolicLink {
  path: string;
  /** Relative to the directory of the link, with `/`; it must stay in the layer. */
  link: string;
}

/** Readable by everybody, writable by root; the second can be executed. */
export type FileMode = 0o644 | 0o755;

/** A file on this machine that is read when the layer is made. */
export interface DiskFile {
  file: string;
  /** In bytes, as it was when somebody decided to ship the file. */
  size: number;
  /** The SHA-256 it had then, in hex. Absent: only what changes while it is read is noticed. */
  hash?: string;
}

export function isLink(file: LayerFile): file is SymbolicLink {
  return 'link' in file;
}
