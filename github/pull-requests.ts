import type { PullRequest } from '../pipeline/mod.ts';
import type { Api } from './api.ts';
import { type Doing, doing, refusalOf } from './api-error.ts';

/** A repository, as a token sees it. */
export interface Reading {
  api: Api;
  owner: string;
  repo: string;
  /** Where the token gets its permissions. */
  grantedIn?: string;
}

interface Pull {
  number: number;
  state: string;
  title: string;
  draft?: boolean;
  labels: { name?: string }[];
  user: { login: string; type: string } | null;
  head: { sha: string; repo: { id: number } | null };
  base: { ref: string; repo: { id: number } };
}

/** One call; two more when it is not there, since what is said not to be there is removed. */
export async function readPullRequest(number: number, reading: Reading): Promise<PullRequest | undefined> {
  const { api, owner, repo } = reading;
  const what = readingPulls(`read pull request ${number}`, reading);
  const read = async (): Promise<PullRequest | undefined> => {
    try {
      const { data } = await api.rest.pulls.get({ owner, repo, pull_number: number });
      return pullRequestOf(data);
    } catch (error) {
      if (refusalOf(error)?.status !== 404) throw error;
      return undefined;
    }
  };
  return doing(what, async () => {
    const found = await read();
    if (found) return found;
    // Who takes what it may not see for what is not there removes environments that are needed.
    await api.rest.pulls.list({ owner, repo, per_page: 1 });
    return read();
  });
}

/** One call for each 100. By number. */
export async function readOpenPullRequests(reading: Reading): Promise<PullRequest[]> {
  const { api, owner, repo } = reading;
  const pulls = await doing(readingPulls('list pull requests', reading), () =>
    api.paginate(api.rest.pulls.list, {
      ...{ owner, repo, state: 'open', sort: 'created', direction: 'asc', per_page: 100 },
    }),
  );
  // One that is closed while pages are read moves the others, another one may come twice.
  const byNumber = new Map(pulls.map((pull) => [pull.number, pullRequestOf(pull)]));
  return [...byNumber.values()].sort((a, b) => a.number - b.number);
}

function readingPulls(what: string, { owner, repo, grantedIn }: Reading): Doing {
  return {
    what: `${what} of ${owner}/${repo}`,
    permission: 'pull-requests: read',
    ...(grantedIn !== undefined && { grantedIn }),
  };
}

/** A fork that was deleted leaves a head without a repository. */
function pullRequestOf({ number, state, title, draft, labels, user, head, base }: Pull): PullRequest {
  return {
    number,
    state: state === 'open' ? 'open' : 'closed',
    head: head.sha,
    title,
    draft: draft ?? false,
    labels: labels.flatMap(({ name }) => (name === undefined ? [] : [name])),
    ...(user && { author: { name: user.login, bot: user.type === 'Bot' } }),
    fork: head.repo?.id !== base.repo.id,
    base: base.ref,
  };
}
