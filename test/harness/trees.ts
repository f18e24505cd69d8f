import type { World } from '../fakes/github/model/world.ts';
import type { Files } from './model.ts';

/**
 * What the commits of a simulated GitHub hold. A commit that nothing was said of holds what its parent does; one of two
 * parents, what a merge of them would: of each file the side that changed it, the second where both did.
 */
export class Trees {
  readonly #world: World;
  readonly #trees = new Map<string, Files>();

  constructor(world: World) {
    this.#world = world;
  }

  set(sha: string, files: Files): void {
    this.#trees.set(sha, files);
  }

  /** A commit as its parent, with some files changed; undefined removes one. */
  change(sha: string, changes: Record<string, string | undefined>): void {
    this.#trees.set(sha, present({ ...this.of(sha), ...changes }));
  }

  of(sha: string): Files {
    const known = this.#trees.get(sha);
    if (known) return known;
    const commit = this.#world.commits.get(sha);
    if (!commit) throw new Error(`there is no commit ${sha}`);
    const [base, head] = commit.parents;
    const files = base === undefined ? {} : head === undefined ? this.of(base) : this.#merge(base, head);
    this.#trees.set(sha, files);
    return files;
  }

  #merge(base: string, head: string): Files {
    const fork = this.#world.commits.compare(base, head)?.mergeBase;
    const [from, ours, theirs] = [fork ? this.of(fork) : {}, this.of(base), this.of(head)];
    const paths = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
    return present(
      Object.fromEntries([...paths].map((path) => [path, theirs[path] === from[path] ? ours[path] : theirs[path]])),
    );
  }
}

function present(files: Record<string, string | undefined>): Files {
  return Object.fromEntries(Object.entries(files).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
