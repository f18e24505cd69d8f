import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crypto } from '../../../node.ts';

/** What is known of an object: the first line of its file, as JSON. The content follows. */
export interface Header {
  name: string;
  /** Tells it from every other object that ever had the name. */
  version: string;
  /** Bytes. */
  size: number;
  etag: string;
  contentType?: string;
  /** It stands for the object's removal, in a bucket that keeps versions. */
  removed?: true;
}

/** A file that is open for reading; whoever gets it closes it. */
export interface Opened {
  header: Header;
  handle: FileHandle;
  /** Where the content begins. */
  start: number;
}

/** How many bytes size and entity tag take at most, for a header that is written before they are known. */
const reserve = 96;

/** A file that is being written, where nobody looks for objects. */
export class Draft {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #hash = crypto.createHash('sha256');
  readonly #known: Omit<Header, 'size' | 'etag'>;
  readonly #start: number;
  #size = 0;

  private constructor(path: string, handle: FileHandle, known: Omit<Header, 'size' | 'etag'>) {
    this.path = path;
    this.#handle = handle;
    this.#known = known;
    this.#start = Buffer.byteLength(JSON.stringify(known)) + reserve;
  }

  /** @param directory on the disk that it will stay on; made when it is missing */
  static async open(directory: string, known: Omit<Header, 'size' | 'etag' | 'version'>): Promise<Draft> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const version = crypto.randomBytes(12).toString('hex');
    const path = join(directory, version);
    return new Draft(path, await open(path, 'wx', 0o600), { ...known, version });
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#hash.update(chunk);
    await this.#put(chunk, this.#start + this.#size);
    this.#size += chunk.length;
  }

  /** Completes the file, which then has to be moved to its place. */
  async finish(): Promise<Header> {
    const etag = `"${this.#hash.digest('hex').slice(0, 32)}"`;
    const header: Header = { ...this.#known, size: this.#size, etag };
    const line = `${JSON.stringify(header)}`.padEnd(this.#start - 1 - wide(header)).concat('\n');
    await this.#put(Buffer.from(line), 0);
    await this.#handle.close();
    return header;
  }

  /** A disk that is nearly full takes a part of it first, and fails with the rest. */
  async #put(bytes: Uint8Array, position: number): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, at, bytes.length - at, position + at);
      at += bytesWritten;
    }
  }

  /** Leaves nothing behind. What was written is not wanted, so neither is an error of the last write. */
  async drop(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await rm(this.path, { force: true });
  }
}

/** How many bytes a text has more than characters, which are what is counted when it is filled up. */
function wide(header: Header): number {
  const text = JSON.stringify(header);
  return Buffer.byteLength(text) - text.length;
}

/** Undefined when the file is not there. @throws Error when it is not one of ours */
export async function openObject(path: string): Promise<Opened | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const line = await firstLine(handle);
    return { header: JSON.parse(line.toString()) as Header, handle, start: line.length + 1 };
  } catch (error) {
    await handle.close();
    throw new Error(`${path} is damaged: ${(error as Error).message}`, { cause: error });
  }
}

async function firstLine(handle: FileHandle): Promise<Buffer> {
  for (let length = 4096; ; length *= 4) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, 0);
    const end = buffer.subarray(0, bytesRead).indexOf('\n');
    if (end >= 0) return buffer.subarray(0, end);
    if (bytesRead < length) throw new Error('it has no header');
  }
}
