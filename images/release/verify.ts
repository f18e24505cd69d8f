import { type Diagnostic, type Digest, type ReleaseContent, shortDigest } from '../../pipeline/mod.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { isDistributed, tryParseManifest } from '../oci/repository/content.ts';
import { codeOf } from '../oci/repository/errors.ts';
import type { Repository } from '../oci/repository/mod.ts';
import { createPool } from '../oci/repository/pool.ts';
import { ownLayers } from '../process-image.ts';
import { absentPart, damagedRelease, noSuchRelease } from './errors.ts';
import { isLayout } from './list.ts';
import { readContent } from './read.ts';

/** All that a release names, looked at byte for byte. */
export interface Verification {
  content: ReleaseContent;
  /** Manifests, indexes, configs, layers, SBOMs, each once. */
  parts: number;
  bytes: number;
  /** Layers of the base that are not kept here, since nothing here runs on them. */
  elsewhere: number;
  /** FL2101 for each part that is not there, FL2102 for each that is damaged. */
  problems: Diagnostic[];
}

/** Reads at the same time. */
const concurrency = 4;

/**
 * Reads everything that a release names and checks that it has the digest it is named by.
 * @throws UserError FL2105 when the release is not there at all, and as `readContent` does
 */
export async function verifyRelease(repository: Repository, digest: Digest): Promise<Verification> {
  const content = await readContent(repository, digest);
  if (!content) throw noSuchRelease(digest, repository.place);
  // The validator takes a while to load.
  const { problemOfSchema } = await import('./schema.ts');
  const problem = problemOfSchema(content);
  if (problem !== undefined) throw damagedRelease(digest, repository.place, problem);
  const verifier = new Verifier(repository, digest, content);
  await Promise.all(Object.entries(content.images).map(([key, image]) => verifier.image(key, image)));
  await verifier.referrers(digest);
  const { parts, bytes, elsewhere, problems } = verifier;
  return { content, parts, bytes, elsewhere, problems: problems.sort((a, b) => (a.message < b.message ? -1 : 1)) };
}

class Verifier {
  parts = 0;
  bytes = 0;
  elsewhere = 0;
  readonly problems: Diagnostic[] = [];
  readonly #repository: Repository;
  readonly #release: Digest;
  readonly #content: ReleaseContent;
  readonly #pool = createPool(concurrency);
  readonly #seen = new Set<Digest>();

  constructor(repository: Repository, release: Digest, content: ReleaseContent) {
    [this.#repository, this.#release, this.#content] = [repository, release, content];
  }

  image(key: string, digest: Digest): Promise<void> {
    return this.#manifest(`its image ${key} (${shortDigest(digest)})`, digest, this.#mayLackBase(key));
  }

  async referrers(digest: Digest): Promise<void> {
    const all = await this.#pool(() => this.#repository.referrers(digest));
    await Promise.all(
      all.map((one) => this.#manifest(`what says about it ${one.artifactType ?? 'something'}`, one.digest, false)),
    );
  }

  async #manifest(what: string, digest: Digest, lacksBase: boolean): Promise<void> {
    if (this.#seen.has(digest)) return;
    this.#seen.add(digest);
    const found = await this.#checked(what, () => this.#repository.manifest(digest));
    if (found === 'wrong') return;
    const parts = found && tryParseManifest(found.bytes);
    if (!found || !parts) return this.#tell(absentPart(this.#release, what, this.#repository.place).diagnostics);
    this.#count(found.descriptor.size);
    const base = lacksBase ? new Set(parts.blobs.slice(1, -ownLayers)) : new Set<Descriptor>();
    await Promise.all([
      ...parts.manifests.map((child) => this.#manifest(what, child.digest, lacksBase)),
      ...parts.blobs.map((blob) => this.#blob(what, blob, base.has(blob))),
      this.referrers(digest),
    ]);
  }

  async #blob(what: string, blob: Descriptor, ofBase: boolean): Promise<void> {
    if (!isDistributed(blob.mediaType) || this.#seen.has(blob.digest)) return;
    this.#seen.add(blob.digest);
    if (ofBase && !(await this.#repository.hasBlob(blob.digest))) {
      this.elsewhere += 1;
      return;
    }
    const part = `${blob.mediaType} ${shortDigest(blob.digest)} of ${what}`;
    const read = await this.#checked(part, async () => {
      for await (const _ of this.#repository.readBlob(blob));
    });
    if (read !== 'wrong') this.#count(blob.size);
  }

  /** A layout has no layers of a base: they stay where the base is, until the image is pushed. */
  #mayLackBase(key: string): boolean {
    const { base, unreproducible = [] } = this.#content;
    return isLayout(this.#repository) && base !== undefined && !unreproducible.includes(key);
  }

  async #checked<T>(what: string, work: () => Promise<T>): Promise<T | 'wrong'> {
    const { place } = this.#repository;
    try {
      return await this.#pool(work);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'FL2203') this.#tell(absentPart(this.#release, what, place).diagnostics);
      else if (code === 'FL2204') {
        const how = `${what}: ${(error as Error).message}`;
        this.#tell(damagedRelease(this.#release, place, how).diagnostics);
      } else throw error;
      return 'wrong';
    }
  }

  #count(size: number): void {
    this.parts += 1;
    this.bytes += size;
  }

  #tell(diagnostics: readonly Diagnostic[]): void {
    this.problems.push(...diagnostics);
  }
}
