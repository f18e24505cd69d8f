import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../pipeline/mod.ts';
import { mediaTypes } from './oci/descriptor.ts';
import { compressor } from './oci/image/gzip.ts';
import { type Layer, type LayerFile, layerOf, openLayer } from './oci/image/mod.ts';
import type { Layout } from './oci/repository/mod.ts';

export interface LayerMakerOptions {
  repository: Layout;
  /** A directory that tells what the tars of earlier builds became, compressed. @default nothing is kept */
  cache?: string | undefined;
  /** Paths below the working directory that may go in although they look as if they held secrets. */
  allowed: readonly string[];
}

/** Where an image has the files of the application. */
export const workingDirectory = '/app';

/**
 * Makes layers and puts them into a repository. Compressing takes longer than all else, so a layer whose tar was compressed
 * before, and whose bytes are there as they were, is not made again. Those are looked at once by each maker.
 */
export class LayerMaker {
  readonly #options: LayerMakerOptions;
  readonly #made = new Map<Digest, Layer>();

  constructor(options: LayerMakerOptions) {
    this.#options = options;
  }

  async make(files: readonly LayerFile[]): Promise<Pick<Layer, 'descriptor' | 'diffId'>> {
    const { repository, allowed } = this.#options;
    const prefix = workingDirectory.slice(1);
    const layer = await layerOf(files, {
      prefix,
      allowed,
      find: (diffId) => this.#find(diffId),
    });
    if (layer.content === undefined) return layer;
    await repository.writeBlob(layer.descriptor, openLayer(layer));
    this.#made.set(layer.diffId, { diffId: layer.diffId, descriptor: layer.descriptor });
    await this.#remember(layer);
    return layer;
  }

  async #find(diffId: Digest): Promise<Layer | undefined> {
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
  async #remember({ diffId, descriptor: { digest, size } }: Layer): Promise<void> {
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
