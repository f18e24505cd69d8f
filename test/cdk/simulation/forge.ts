import type { Deployment, Forge, PullRequest } from '../../../pipeline/mod.ts';

/** Where pull requests and deployments live, in memory. */
export class MemoryForge implements Forge {
  readonly pulls = new Map<number, PullRequest>();
  /** Of the default branch, oldest first. */
  readonly commits: string[] = [];
  /** Newest first. */
  readonly #deployments: Deployment[] = [];

  async pullRequest(number: number): Promise<PullRequest | undefined> {
    return structuredClone(this.pulls.get(number));
  }

  async openPullRequests(): Promise<PullRequest[]> {
    return structuredClone([...this.pulls.values()].filter(({ state }) => state === 'open'));
  }

  async comment(): Promise<void> {}

  async record(deployment: Deployment): Promise<void> {
    this.#deployments.unshift(structuredClone(deployment));
  }

  async deployments({ name }: Deployment['environment']): Promise<Deployment[]> {
    return structuredClone(this.#deployments.filter(({ environment }) => environment.name === name));
  }

  async deploymentsOf(_application: string, release: string): Promise<Deployment[]> {
    return structuredClone(this.#deployments.filter((one) => one.release === release));
  }

  async compareCommits(commit: string, other: string): Promise<'same' | 'before' | 'after' | 'unrelated'> {
    if (commit === other) return 'same';
    const [index, otherIndex] = [this.commits.indexOf(commit), this.commits.indexOf(other)];
    if (index < 0 || otherIndex < 0) return 'unrelated';
    return index < otherIndex ? 'before' : 'after';
  }
}
