import { link, mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { crypto } from '../../../node.ts';
import { PreconditionFailed } from '../errors.ts';
import type { ListEntry, ObjectAttrs } from '../options.ts';
import type { Listing, ObjectVersion, StreamedOptions } from '../provider.ts';
import { directoryOf, nameOf } from './names.ts';
import { Draft, type Header, type Opened, openObject } from './object-file.ts';

/** How old a draft is that nobody writes any more. Milliseconds. */
const abandoned = 24 * 3600 * 1000;

/** How often an object is looked for again that is replaced just then. */
const attempts = 1000;

/**
 * The objects of one bucket in a directory, for any number of processes at once. Each object is a directory, and each content that it
 * ever had a file in it, whose name says its place in their order: the last one is the object. A file is complete before it gets
 * that name and never changes, so that every operation is one step of the file system: there are no locks, and a process that
 * is killed leaves nothing half done, only a draft.
 */
export class DiskStore {
  readonly #objects: string;
  readonly #drafts: string;
  readonly #versioned: boolean;
  #tidied: Promise<void> | undefined;

  constructor({ directory, versioned = false }: { directory: string; versioned?: boolean }) {
    this.#objects = join(directory, 'objects');
    this.#drafts = join(directory, 'drafts');
    this.#versioned = versioned;
  }

  /** In the order of the names' bytes. */
  async *list({ prefix, limit = Number.POSITIVE_INFINITY }: Listing): AsyncGenerator<ListEntry> {
    let left = limit;
    for (const name of await this.#names(prefix)) {
      if (left <= 0) return;
      const header = await this.read({ name });
      if (!header) continue;
      yield { name, size: header.size, etag: header.etag };
      left -= 1;
    }
  }

  /** Undefined when it is not there. */
  async open({ name, version }: ObjectVersion): Promise<Opened | undefined> {
    const directory = join(this.#objects, directoryOf(name));
    for (let attempt = 1; ; attempt++) {
      const files = (await filesIn(directory)).reverse();
      let vanished = false;
      for (const file of files) {
        const opened = await openObject(join(directory, file));
        vanished ||= opened === undefined;
        if (!opened || (version !== undefined && (!this.#versioned || opened.header.version !== version))) {
          await opened?.handle.close();
          if (version === undefined) break;
          continue;
        }
        if (!opened.header.removed) return opened;
        await opened.handle.close();
        return undefined;
      }
      // What was there a moment ago has been replaced, or removed.
      if (!vanished || attempt === attempts) return undefined;
    }
  }

  /** Undefined when it is not there. */
  async read(object: ObjectVersion): Promise<Header | undefined> {
    const opened = await this.open(object);
    await opened?.handle.close();
    return opened?.header;
  }

  /** Undefined when it is not there. */
  async download(object: ObjectVersion): Promise<Buffer | undefined> {
    const opened = await this.open(object);
    if (!opened) return undefined;
    const { header, handle, start } = opened;
    try {
      const content = Buffer.alloc(header.size);
      for (let at = 0; at < content.length; ) {
        const { bytesRead } = await handle.read(content, at, content.length - at, start + at);
        if (bytesRead === 0) throw new Error(`the file of ${header.name} is shorter than it was`);
        at += bytesRead;
      }
      return content;
    } finally {
      await handle.close();
    }
  }

  /** Undefined when it is not there. The file is closed when it is read to its end, or destroyed. */
  async downloadStream(object: ObjectVersion): Promise<Readable | undefined> {
    const opened = await this.open(object);
    if (!opened) return undefined;
    const { header, handle, start } = opened;
    if (header.size > 0) return handle.createReadStream({ start, end: start + header.size - 1 });
    await handle.close();
    return Readable.from([]);
  }

  /** @throws PreconditionFailed with `notExists`, when it is there */
  async upload(
    name: string,
    content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    { contentType, notExists = false, signal }: Partial<StreamedOptions> = {},
  ): Promise<ObjectAttrs> {
    await this.#tidy();
    const draft = await Draft.open(this.#drafts, { name, ...(contentType !== undefined && { contentType }) });
    try {
      for await (const chunk of content) await draft.write(chunk);
      const header = await draft.finish();
      signal?.throwIfAborted();
      await this.#place(draft, name, notExists);
      return this.attributes(header);
    } catch (error) {
      await draft.drop();
      throw error;
    }
  }

  /** Resolves as well when it is not there. */
  async remove({ name, version }: ObjectVersion): Promise<void> {
    const directory = join(this.#objects, directoryOf(name));
    if (version !== undefined) return this.#removeVersion(directory, version);
    if (this.#versioned) {
      if (!(await this.read({ name }))) return;
      const draft = await Draft.open(this.#drafts, { name, removed: true });
      await draft.finish();
      return this.#place(draft, name, false);
    }
    // The last one goes last: none of those before may come to light.
    for (const file of await filesIn(directory)) await rm(join(directory, file), { force: true });
    await removeEmpty(directory);
  }

  attributes({ name, version, size, etag, contentType }: Header): ObjectAttrs {
    return {
      name,
      ...(this.#versioned && { version }),
      size,
      etag,
      ...(contentType !== undefined && { contentType }),
    };
  }

  /** Gives a complete draft the name by which it is the object. */
  async #place(draft: Draft, name: string, notExists: boolean): Promise<void> {
    const directory = join(this.#objects, directoryOf(name));
    for (;;) {
      try {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        await (notExists ? this.#create(draft, name, directory) : this.#replace(draft, directory));
        break;
      } catch (error) {
        // Whoever removed the object took the empty directory away.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        await stat(draft.path);
      }
    }
    if (this.#versioned) return;
    for (const file of (await filesIn(directory)).slice(0, -1)) await rm(join(directory, file), { force: true });
  }

  async #replace(draft: Draft, directory: string): Promise<void> {
    await rename(draft.path, join(directory, after((await filesIn(directory)).at(-1))));
  }

  /** Of all that found the same last file, the first one to take the name right after it wins. */
  async #create(draft: Draft, name: string, directory: string): Promise<void> {
    const last = (await filesIn(directory)).at(-1);
    if (await this.read({ name })) throw alreadyThere(name);
    const own = last === undefined ? '0' : `${last}.0`;
    await link(draft.path, join(directory, own)).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EEXIST' ? alreadyThere(name) : error;
    });
    await rm(draft.path, { force: true });
    // Nor may there be one that came after the first, and took its place.
    if (((await filesIn(directory)).at(-1) ?? '') <= own) return;
    await rm(join(directory, own), { force: true });
    throw alreadyThere(name);
  }

  async #removeVersion(directory: string, version: string): Promise<void> {
    if (!this.#versioned) return;
    for (const file of await filesIn(directory)) {
      const opened = await openObject(join(directory, file));
      await opened?.handle.close();
      if (opened?.header.version === version) await rm(join(directory, file), { force: true });
    }
    await removeEmpty(directory);
  }

  async #names(prefix: string): Promise<string[]> {
    const directories = await filesIn(this.#objects);
    const names = await Promise.all(directories.map(async (directory) => nameOf(directory) ?? this.#nameIn(directory)));
    return names
      .filter((name) => name !== undefined)
      .filter((name) => name.startsWith(prefix))
      .map((name) => Buffer.from(name))
      .sort(Buffer.compare)
      .map(String);
  }

  /** What a directory with a hash for its name is for. */
  async #nameIn(directory: string): Promise<string | undefined> {
    for (const file of (await filesIn(join(this.#objects, directory))).reverse()) {
      const opened = await openObject(join(this.#objects, directory, file));
      await opened?.handle.close();
      if (opened) return opened.header.name;
    }
    return undefined;
  }

  /** Removes what processes left that were killed, once. */
  #tidy(): Promise<void> {
    this.#tidied ??= (async () => {
      for (const file of await filesIn(this.#drafts)) {
        const path = join(this.#drafts, file);
        // Another process may have completed or removed it by now.
        const found = await stat(path).catch(() => undefined);
        if (found && Date.now() - found.mtimeMs > abandoned) await rm(path, { force: true });
      }
    })();
    return this.#tidied;
  }
}

/** Keeps the directory where an upload came in meanwhile, and lets others remove it first. */
async function removeEmpty(directory: string): Promise<void> {
  await rmdir(directory).catch(() => undefined);
}

/** Sorted; empty when the directory is not there. */
async function filesIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** A name of its own after another one: by the clock, unless that has gone back. */
function after(last: string | undefined): string {
  const time = Math.max(Date.now(), Number.parseInt(last ?? '0', 10) + 1);
  return `${String(time).padStart(15, '0')}-${crypto.randomBytes(6).toString('hex')}`;
}

function alreadyThere(name: string): PreconditionFailed {
  return new PreconditionFailed(`there is an object ${name} already`);
}
