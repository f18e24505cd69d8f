import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../pipeline/mod.ts';
import { mediaTypes } from './oci/descriptor.ts';
import { compressor } from './oci/image/gzip.ts';
import { isLink } from './oci/image/layer-file.ts';
import { type Layer, type LayerFile, type LayerOptions, layerOf, openLayer } from './oci/image/mod.ts';
import { sizeOf } from './oci/image/read-content.ts';
import type { Layout } from './oci/repository/mod.ts';

export interface LayerMakerOptions {
  repository: Pick<Layout, 'isIntact' | 'writeBlob' | 'withScratch'>;
  /** A directory that tells what the tars of earlier builds became, compressed. @default nothing is kept */
  cache?: string | undefined;
  /** Files of more bytes than this are compressed into a file rather than into memory. @default 16 MiB */
  inMemory?: number;
  /** Paths below the working directory that may go in although they look as if they held secrets. */
  allowed: readonly string[];
}

/** A layer that is in the repository. */
type Made = Pick<Layer, 'descriptor' | 'diffId'>;

/** Where an image has the files of the application. */
export const workingDirectory = '/app';

/**
 * Makes layers and puts them into a repository. Compressing takes longer than all else, so a layer whose tar was compressed
 * before, and whose bytes are there as they were, is not made again. Those are looked at once by each maker.
 */
export class LayerMaker {
  readonly #options: LayerMakerOptions;
  readonly #made = new Map<Digest, Made>();

  constructor(options: LayerMakerOptions) {
    this.#options = options;
  }

  async make(files: readonly LayerFile[]): Promise<Made> {
    const { repository, inMemory = 1 << 24 } = this.#options;
    const size = files.reduce((sum, file) => sum + (isLink(file) ? 0 : sizeOf(file)), 0);
    if (size <= inMemory) return this.#make(files);
    return repository.withScratch((directory) => this.#make(files, { directory }));
  }

  async #make(files: readonly LayerFile[], place: Pick<LayerOptions, 'directory'> = {}): Promise<Made> {
    const { repository, allowed } = this.#options;
    const layer = await layerOf(files, {
      ...place,
      prefix: workingDirectory.slice(1),
      allowed,
      find: (diffId) => this.#find(diffId),
    });
    // Without its content, which is large, and may be in a file that goes.
    const made: Made = { diffId: layer.diffId, descriptor: layer.descriptor };
    if (layer.content === undefined) return made;
    await repository.writeBlob(layer.descriptor, openLayer(layer));
    this.#made.set(layer.diffId, made);
    await this.#remember(made);
    return made;
  }

  async #find(diffId: Digest): Promise<Made | undefined> {
    const made = this.#made.get(diffId);
    if (made) return made;
    const entry = await this.#read(diffId);
    if (!entry || !(await this.#options.repository.isIntact(entry))) return undefined;
    const found = { diffId, descriptor: { mediaType: mediaTypes.layer, ...entry } };
    this.#made.set(diffId, found);
    return found;
  }

  /** A line `sha256:… <size>`. What is anything else was never written by us, and counts as nothing. */
  async #read(diffId: Digest): Promise<{ digest: Digest; size: number } | undefined> {
    if (this.#options.cache === undefined) return undefined;
    const line = await readFile(this.#path(diffId), 'utf8').catch(() => '');
    const [, digest, size] = /^(sha256:[0-9a-f]{64}) ([1-9]\d{0,14})\n$/.exec(line) ?? [];
    return digest === undefined ? undefined : { digest: digest as Digest, size: Number(size) };
  }

  /** What cannot be kept is made again the next time. */
  async #remember({ diffId, descriptor: { digest, size } }: Made): Promise<void> {
    if (this.#options.cache === undefined) return;
    const path = this.#path(diffId);
    const draft = `${path}.${randomUUID()}`;
    try {
      await mkdir(join(path, '..'), { recursive: true });
      await writeFile(draft, `${digest} ${size}\n`);
      await rename(draft, path);
    } catch {
      await rm(draft, { force: true }).catch(() => undefined);
    }
  }

  #path(diffId: Digest): string {
    return join(this.#options.cache ?? '', 'layers', compressor, diffId.replace(':', '-'));
  }
}
