import { createHash } from 'node:crypto';
import { type Clock, isoTime } from './clock.ts';

export interface Commit {
  sha: string;
  parents: string[];
  message: string;
  author: string;
  /** ISO 8601 in UTC. */
  at: string;
}

export type Order = 'identical' | 'ahead' | 'behind' | 'diverged';

/** The commits of all repositories: forks share them with their parents, as they do on GitHub. */
export class Commits {
  readonly #commits = new Map<string, Commit>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Makes a commit; `sha` when it is one of a real git repository. */
  create(parents: string[], options: { message?: string; author?: string; sha?: string } = {}): Commit {
    const { message = 'Change something', author = 'ada' } = options;
    const text = `${parents.join()} ${message} ${this.#commits.size}`;
    const sha = options.sha ?? createHash('sha1').update(text).digest('hex');
    const commit = { sha, parents, message, author, at: isoTime(this.#clock.now()) };
    this.#commits.set(sha, commit);
    return commit;
  }

  /** Also by the first digits of its hash, seven or more. */
  get(sha: string): Commit | undefined {
    const found = this.#commits.get(sha);
    if (found || !/^[0-9a-f]{7,39}$/.test(sha)) return found;
    const matches = [...this.#commits.values()].filter((commit) => commit.sha.startsWith(sha));
    return matches.length === 1 ? matches[0] : undefined;
  }

  /** The commit and all its ancestors, nearest first. */
  ancestors(sha: string): string[] {
    const seen = new Set<string>([sha]);
    for (const one of seen) for (const parent of this.#commits.get(one)?.parents ?? []) seen.add(parent);
    return [...seen];
  }

  /** How `head` stands to `base`; undefined when they have no ancestor in common. */
  compare(
    base: string,
    head: string,
  ): { status: Order; ahead: string[]; behind: string[]; mergeBase: string } | undefined {
    const ofBase = this.ancestors(base);
    const ofHead = this.ancestors(head);
    const known = new Set(ofBase);
    const mergeBase = ofHead.find((sha) => known.has(sha));
    if (!mergeBase) return undefined;
    const reached = new Set(ofHead);
    const ahead = ofHead.filter((sha) => !known.has(sha)).reverse();
    const behind = ofBase.filter((sha) => !reached.has(sha)).reverse();
    const status = ahead.length ? (behind.length ? 'diverged' : 'ahead') : behind.length ? 'behind' : 'identical';
    return { status, ahead, behind, mergeBase };
  }
}
