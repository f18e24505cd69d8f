import { join } from 'node:path';
import type { Deployment, Forge, PullRequest } from '../pipeline/mod.ts';
import { Locks } from './lock.ts';
import { makeDirectory, openState, readJson, writeJson } from './state.ts';

interface ForgeFile {
  pullRequests: (PullRequest & { comment?: string })[];
  /** Oldest first. */
  deployments: Deployment[];
}

/** The stand-in for GitHub on this machine: what a pull request's author and reviewers do there is done by method here. */
export interface LocalForge extends Forge {
  /** Opens it, or moves its head (a push). */
  openPullRequest(pullRequest: Omit<PullRequest, 'state'>): Promise<void>;
  /** Closes it; nothing happens when there is none. */
  closePullRequest(number: number): Promise<void>;
  /** The sticky comment as it stands. */
  commentOn(number: number): Promise<string | undefined>;
}

/**
 * Pull requests, their comments and the history of deployments of one application, in one file.
 * @param target where its environments are: what happened to `production` on this machine says nothing of the one in AWS @default local
 */
export function createLocalForge(stateDirectory: string, application: string, target = 'local'): LocalForge {
  const directory = openState(stateDirectory).application(application);
  const path = join(directory, target === 'local' ? 'forge.json' : `forge-${target}.json`);
  const read = (): ForgeFile =>
    readJson<ForgeFile>(path, { pullRequests: 'object', deployments: 'object' }) ?? {
      pullRequests: [],
      deployments: [],
    };
  const find = (file: ForgeFile, number: number) => file.pullRequests.find((one) => one.number === number);

  const change = (edit: (file: ForgeFile) => void) =>
    new Locks(stateDirectory).hold(JSON.stringify(['forge', application]), async () => {
      const file = read();
      edit(file);
      makeDirectory(directory);
      writeJson(path, file);
    });

  return {
    openPullRequest: (opened) =>
      change((file) => {
        const known = find(file, opened.number);
        if (known) Object.assign(known, opened, { state: 'open' });
        else file.pullRequests.push({ ...opened, state: 'open' });
      }),
    closePullRequest: (number) =>
      change((file) => {
        const known = find(file, number);
        if (known) known.state = 'closed';
      }),
    pullRequest: async (number) => {
      const known = find(read(), number);
      return known && withoutComment(known);
    },
    openPullRequests: async () =>
      read()
        .pullRequests.filter(({ state }) => state === 'open')
        .map(withoutComment)
        .sort((a, b) => a.number - b.number),
    comment: (number, markdown) =>
      change((file) => {
        const known = find(file, number);
        if (known) known.comment = markdown;
      }),
    commentOn: async (number) => find(read(), number)?.comment,
    record: (deployment) => change((file) => void file.deployments.push(deployment)),
    deployments: async (environment) =>
      read()
        .deployments.filter((one) => one.environment.name === environment.name)
        .reverse(),
    deploymentsOf: async (_application, release) =>
      read()
        .deployments.filter((one) => one.release === release)
        .reverse(),
    // Heads are hashes of sources here, which have no order.
    compareCommits: async (commit, other) => (commit === other ? 'same' : 'unrelated'),
  };
}

function withoutComment({ comment: _, ...pullRequest }: PullRequest & { comment?: string }): PullRequest {
  return pullRequest;
}
