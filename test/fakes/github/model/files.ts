import type { Commits } from './commits.ts';

/** What commits hold, by path. */
export class Files {
  readonly #commits: Commits;
  readonly #files = new Map<string, Record<string, string>>();
  /** Where else to look first, such as a real git repository, or the trees of a simulation. */
  source: (sha: string) => Record<string, string> | undefined = () => undefined;

  constructor(commits: Commits) {
    this.#commits = commits;
  }

  /** Says what a commit holds. */
  set(sha: string, files: Record<string, string>): void {
    this.#files.set(sha, files);
  }

  /** A commit that nothing was said of holds what its first parent does. */
  of(sha: string): Record<string, string> {
    for (let at: string | undefined = sha; at; at = this.#commits.get(at)?.parents[0]) {
      const files = this.source(at) ?? this.#files.get(at);
      if (files) return files;
    }
    return {};
  }
}
