import type { Config, Digest, Release } from '../../pipeline/mod.ts';
import { canonicalDigest } from '../../pipeline/mod.ts';
import type { Repository } from '../fakes/github/model/repository.ts';
import type { VirtualClock } from '../harness/clock.ts';

/** What a build hands over, as a directory would hold it. */
export interface StoredHandover {
  application: string;
  release: Release;
  config: Config;
}

/** A directory of a runner, or what was uploaded of it: the bytes of the handover, as far as digests see them. */
export type Stored = StoredHandover & { manifest: Digest };

interface Artifact {
  id: number;
  run: number;
  name: string;
  content: Stored;
  digest: string;
  expires: number;
}

/** What `actions/artifacts.ts` asks for. */
const retention = 7 * 86_400_000;

/** The artifacts of all runs. Of one name there is one in a run, through all its attempts. */
export class ArtifactStore {
  #artifacts: Artifact[] = [];
  readonly #clock: VirtualClock;
  readonly #repository: Repository;

  constructor(clock: VirtualClock, repository: Repository) {
    this.#clock = clock;
    this.#repository = repository;
  }

  upload(run: number, name: string, content: Stored): number {
    for (const { id } of this.#of(run, name)) this.#repository.runs.deleteArtifact(id);
    this.#artifacts = this.#artifacts.filter((one) => one.run !== run || one.name !== name);
    const digest = canonicalDigest(content);
    const expires = this.#clock.time + retention;
    const { id } = this.#repository.runs.addArtifact({
      ...{ run, attempt: this.#repository.runs.get(run)!.attempt, name, digest, content: new Uint8Array() },
      createdAt: this.#clock.now().toISOString(),
      expiresAt: new Date(expires).toISOString(),
    });
    this.#artifacts.push({ id, run, name, content: structuredClone(content), digest, expires });
    return id;
  }

  /** Undefined when it is not there, or no longer. */
  find(run: number, name: string): Artifact | undefined {
    return this.#of(run, name).find(({ expires }) => expires > this.#clock.time);
  }

  byId(id: number): Artifact | undefined {
    return this.#artifacts.find((one) => one.id === id && one.expires > this.#clock.time);
  }

  #of(run: number, name: string): Artifact[] {
    return this.#artifacts.filter((one) => one.run === run && one.name === name);
  }
}

/** What another job knows a handover by. */
export function manifestOf({ application, release, config }: StoredHandover): Digest {
  return canonicalDigest([application, release.digest, config]);
}
