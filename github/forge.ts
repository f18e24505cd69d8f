import { isDeepStrictEqual } from 'node:util';
import type { CommitOrder, Deployment, Digest, Environment, Forge, Reporter } from '../pipeline/mod.ts';
import type { Api } from './api.ts';
import { doing, refusalOf } from './api-error.ts';
import {
  createDeployment,
  type Deploying,
  environmentOn,
  listDeployments,
  pageSize,
  readStatuses,
  retire,
  writeStatus,
} from './deployments.ts';
import { entryOf, hasEnded, historyOf, isShown, type Listed, type Status, taskOf } from './history-entry.ts';
import { readOpenPullRequests, readPullRequest } from './pull-requests.ts';
import { stick } from './sticky-comment.ts';

export interface ForgeOptions {
  api: Api;
  owner: string;
  repo: string;
  /** What the run is about, as GitHub knows it: deployments that know no better one are shown at it. */
  commit: string;
  report: Pick<Reporter, 'warn'>;
  /** The page of the run. */
  logUrl?: string;
  /** Where the token gets its permissions, for messages: `the job \`deploy\` in .github/workflows/preview.yml`. */
  grantedIn?: string;
  /** Who comments. @default the account of workflows' own tokens, `github-actions[bot]` */
  author?: string;
  /** Waits before it looks what became of a request that broke off. @default 1 s, then 4 s */
  pause?: (attempt: number) => Promise<void>;
}

/** How many pages of deployments are read at most: those of the last 1,000. */
const mostPages = 10;

/**
 * Pull requests, comments and histories of deployments on GitHub. What calls each method makes:
 *
 * | method | calls |
 * |---|---|
 * | `pullRequest` | 1; 3 when there is none |
 * | `openPullRequests` | 1 for each 100 |
 * | `comment` | 1 when it says the same already; 2 to replace it, and 1 more for each 100 older comments; 3 to create it |
 * | `record` | 2 for a start, 1 for its end, 1 more for what reviewers were shown, 2 for an end without a start; 1 for each former deployment that it retires, mostly one |
 * | `deployments` | 2 for each 100; when asked again, 1 for each 100 and 1 for what has not ended |
 * | `deploymentsOf` | 2 for a release that ran among the last 100 deployments of the repository; else 2 for the pull request of the commit, then 1 for each 100, at most 14 |
 * | `compareCommits` | 1; none for a commit and itself |
 */
export function createGitHubForge(options: ForgeOptions): Forge {
  return new GitHubForge(options);
}

class GitHubForge implements Forge {
  readonly #options: ForgeOptions;
  readonly #deploying: Deploying;
  /** The heads of pull requests, as they were last read. */
  readonly #heads = new Map<number, string>();
  /** What this process has begun and not ended, by {@link keyOf}. */
  readonly #begun = new Map<string, { id: number; entry: Deployment }>();
  /** Statuses of what has ended, by `node_id`: they say the same for ever. */
  readonly #ended = new Map<string, Status[]>();
  /** Ids of deployments that GitHub shows as active or in progress, by task. */
  readonly #active = new Map<string, Set<number>>();

  constructor(options: ForgeOptions) {
    const { api, owner, repo, logUrl, grantedIn, pause = grow } = options;
    this.#options = options;
    this.#deploying = {
      ...{ api, owner, repo, pause },
      ...(logUrl !== undefined && { logUrl }),
      ...(grantedIn !== undefined && { grantedIn }),
    };
  }

  async pullRequest(number: number) {
    const pullRequest = await readPullRequest(number, this.#options);
    if (pullRequest) this.#heads.set(number, pullRequest.head);
    return pullRequest;
  }

  openPullRequests() {
    return readOpenPullRequests(this.#options);
  }

  comment(pullRequest: number, markdown: string) {
    const { author = 'github-actions[bot]' } = this.#options;
    return stick(pullRequest, markdown, { ...this.#deploying, author });
  }

  async record(entry: Deployment) {
    const key = keyOf(entry);
    const begun = this.#begun.get(key);
    const continues = entry.status !== 'started' && begun !== undefined && saysNoMore(entry, begun.entry);
    const id = continues ? begun.id : await createDeployment(entry, this.#commitsOf(entry), this.#deploying);
    if (entry.status === 'started') this.#begun.set(key, { id, entry });
    const isNews = continues && entry.status === 'success' && begun.entry.review === undefined;
    await writeStatus(id, entry, this.#deploying, isNews ? entry.review : undefined);
    if (entry.status === 'started') return;
    this.#begun.delete(key);
    if (begun && !continues) await this.#retire(begun.id, 'Recorded anew');
    if (entry.status === 'success') await this.#retireFormer(entry, id);
  }

  async deployments(environment: Environment) {
    const task = taskOf(environment);
    const filter = { environment: environmentOn({ environment }), task };
    const listed = await this.#pages(filter);
    return historyOf(await this.#withStatuses(listed.filter((one) => entryOf(one) !== undefined)));
  }

  /** Looks back until it finds a preview that ran the release and what was reviewed there: the rest says nothing new. */
  async deploymentsOf(application: string, release: Digest) {
    const found = new Map<number, Listed>();
    const add = async (listed: readonly Listed[]): Promise<boolean> => {
      const matches = listed.filter((one) => {
        const entry = entryOf(one);
        return entry?.environment.application === application && entry.release === release;
      });
      for (const one of matches) found.set(one.id, one);
      const entries = historyOf(await this.#withStatuses(matches));
      return entries.some(({ action, status, review }) => action === 'preview' && status === 'success' && review);
    };
    let page = await listDeployments({}, 1, this.#deploying);
    let isEnough = await add(page.listed);
    if (!isEnough && !page.isLast) {
      for (const number of await this.#pullRequestsOfCommit()) {
        const task = taskOf({ application, name: `pr-${number}` });
        const { listed } = await listDeployments({ environment: 'preview', task }, 1, this.#deploying);
        isEnough = (await add(listed)) || isEnough;
      }
    }
    for (let number = 2; !isEnough && !page.isLast && number <= mostPages; number++) {
      page = await listDeployments({}, number, this.#deploying);
      isEnough = await add(page.listed);
    }
    return historyOf(await this.#withStatuses([...found.values()]));
  }

  async compareCommits(commit: string, other: string): Promise<CommitOrder> {
    if (commit === other) return 'same';
    if (![commit, other].every((one) => /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(one))) return 'unrelated';
    const { api, owner, repo, grantedIn } = this.#options;
    const what = { what: `compare commits of ${owner}/${repo}`, permission: 'contents: read' };
    return doing({ ...what, ...(grantedIn !== undefined && { grantedIn }) }, async () => {
      try {
        // What the files are is on the first page only, and can be megabytes.
        const { data } = await api.rest.repos.compareCommitsWithBasehead({
          ...{ owner, repo, basehead: `${other}...${commit}`, per_page: 1, page: 2 },
        });
        return orders[data.status];
      } catch (error) {
        if (refusalOf(error)?.status === 404) return 'unrelated';
        throw error;
      }
    });
  }

  /** A preview is shown at the head of its pull request, what is rolled out at what it was built from. */
  #commitsOf({ environment, source }: Deployment): string[] {
    const { commit } = this.#options;
    const head = environment.pullRequest === undefined ? undefined : this.#heads.get(environment.pullRequest);
    const better = environment.type === 'preview' ? head : source?.commit;
    return better === undefined || better === commit ? [commit] : [better, commit];
  }

  async #pages(filter: { environment: string; task: string }): Promise<Listed[]> {
    const all = new Map<number, Listed>();
    for (let page = 1; page <= mostPages; page++) {
      const { listed, isLast } = await listDeployments(filter, page, this.#deploying);
      for (const one of listed) all.set(one.id, one);
      if (isLast) break;
    }
    return [...all.values()];
  }

  /** An entry that was no start says all itself. */
  async #withStatuses(deployments: readonly Listed[]): Promise<(Listed & { statuses: Status[] })[]> {
    const unknown = deployments.filter((one) => !this.#ended.has(one.node_id) && entryOf(one));
    const statuses = new Map<string, Status[]>();
    for (let start = 0; start < unknown.length; start += pageSize) {
      const ids = unknown.slice(start, start + pageSize).map(({ node_id }) => node_id);
      for (const [id, read] of await readStatuses(ids, this.#deploying)) statuses.set(id, read);
    }
    for (const one of unknown) this.#remember(one, statuses.get(one.node_id) ?? []);
    return deployments.map((one) => ({
      ...one,
      statuses: this.#ended.get(one.node_id) ?? statuses.get(one.node_id) ?? [],
    }));
  }

  #remember(deployment: Listed, statuses: Status[]): void {
    const { id, task, node_id } = deployment;
    if (hasEnded({ ...deployment, statuses })) this.#ended.set(node_id, statuses);
    if (isShown(deployment, statuses)) this.#activeOf(task).add(id);
  }

  #activeOf(task: string): Set<number> {
    const active = this.#active.get(task) ?? new Set();
    this.#active.set(task, active);
    return active;
  }

  /** What ran before, and what died on its way, is shown until somebody says otherwise. A resume changes nothing that runs. */
  async #retireFormer(entry: Deployment, id: number): Promise<void> {
    if (entry.action === 'resume') return;
    const active = this.#activeOf(taskOf(entry.environment));
    active.delete(id);
    const why = entry.action === 'destroy' ? 'Removed' : 'Replaced';
    for (const former of active) {
      if (await this.#retire(former, why)) active.delete(former);
    }
    if (entry.action !== 'destroy') active.add(id);
  }

  /** What goes wrong here is how it looks, and only that. */
  async #retire(id: number, why: string): Promise<boolean> {
    try {
      await retire(id, why, this.#deploying);
      return true;
    } catch (error) {
      this.#options.report.warn(`A former deployment is still shown as active. ${(error as Error).message}`);
      return false;
    }
  }

  /** Those that brought the commit of this run; none when GitHub does not know it. */
  async #pullRequestsOfCommit(): Promise<number[]> {
    const { api, owner, repo, commit, grantedIn } = this.#options;
    const what = { what: `find the pull request of ${commit}`, permission: 'pull-requests: read' };
    return doing({ ...what, ...(grantedIn !== undefined && { grantedIn }) }, async () => {
      try {
        const { data } = await api.rest.repos.listPullRequestsAssociatedWithCommit({
          ...{ owner, repo, commit_sha: commit, per_page: 3 },
        });
        return data.map(({ number }) => number);
      } catch (error) {
        if ([404, 422].includes(refusalOf(error)?.status ?? 0)) return [];
        throw error;
      }
    });
  }
}

const orders: Record<string, CommitOrder> & Record<'ahead' | 'behind' | 'identical' | 'diverged', CommitOrder> = {
  ahead: 'after',
  behind: 'before',
  identical: 'same',
  diverged: 'unrelated',
};

/** An end belongs to the start of the same thing. */
function keyOf({ environment, action, release }: Deployment): string {
  return JSON.stringify([environment.application, environment.name, action, release]);
}

/** Whether what a start has kept, with what statuses keep, says all of its end: its URL, why it failed, what was shown. */
function saysNoMore(end: Deployment, start: Deployment): boolean {
  const { status, url: _, at: __, reason, review, ...rest } = end;
  const { status: ___, url: ____, at: _____, reason: formerReason, review: formerReview, ...former } = start;
  const isReasonKept = status === 'failure' || reason === formerReason;
  const isReviewKept = (status === 'success' && formerReview === undefined) || isDeepStrictEqual(review, formerReview);
  return isReasonKept && isReviewKept && isDeepStrictEqual(rest, former);
}

function grow(attempt: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, attempt ** 2 * 1000));
}
