import type { Deployment } from '../pipeline/mod.ts';
import { type Api, notAgain } from './api.ts';
import { type Doing, doing, refusalOf } from './api-error.ts';
import { createOnce } from './create-once.ts';
import {
  describeEnd,
  describeReview,
  describeStart,
  type EndState,
  endStateOf,
  type Listed,
  parse,
  payloadOf,
  type Status,
  shorten,
  taskOf,
  webAddress,
} from './history-entry.ts';

/** Where deployments are written and read. */
export interface Deploying {
  api: Api;
  owner: string;
  repo: string;
  /** The page of the run. */
  logUrl?: string;
  grantedIn?: string;
  pause: (attempt: number) => Promise<void>;
}

export interface Filter {
  environment?: string;
  task?: string;
}

/** How many GitHub gives at once. */
export const pageSize = 100;

/** Characters of a reason that are kept. */
const longestReason = 2000;

/** A page of the deployments of the repository, newest first. */
export interface Page {
  listed: Listed[];
  isLast: boolean;
}

export async function listDeployments(filter: Filter, page: number, deploying: Deploying): Promise<Page> {
  const { api, owner, repo } = deploying;
  return doing(about('read', deploying), async () => {
    const { data, headers } = await api.rest.repos.listDeployments({
      owner,
      repo,
      ...filter,
      per_page: pageSize,
      page,
    });
    return { listed: data, isLast: !headers.link?.includes('rel="next"') };
  });
}

const statusesQuery = `query ($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on Deployment {
      id
      statuses(first: 20) { nodes { state description environmentUrl createdAt } }
    }
  }
}`;

interface StatusesAnswer {
  nodes: ({ id?: string; statuses?: { nodes: (Status | null)[] | null } | null } | null)[];
}

/** The statuses of at most 100 deployments by their `node_id`, with one call: over REST it were one for each. */
export async function readStatuses(ids: readonly string[], deploying: Deploying): Promise<Map<string, Status[]>> {
  if (ids.length === 0) return new Map();
  const { nodes } = await doing(about('read', deploying), () => ask(ids, deploying.api));
  return new Map(
    nodes.flatMap((node) => {
      if (node?.id === undefined) return [];
      const statuses = (node.statuses?.nodes ?? []).filter((status) => status !== null);
      return [[node.id, statuses.map((status) => ({ ...status, state: status.state.toLowerCase() }))] as const];
    }),
  );
}

/** What has been deleted since it was listed makes an error beside the answer. */
async function ask(ids: readonly string[], api: Api): Promise<StatusesAnswer> {
  try {
    return await api.graphql<StatusesAnswer>(statusesQuery, { ids });
  } catch (error) {
    const { data } = error as { data?: StatusesAnswer | null };
    if (refusalOf(error)?.status === 404 && Array.isArray(data?.nodes)) return data;
    throw error;
  }
}

/** What the environment of a deployment is called on GitHub: previews share one. */
export function environmentOn({ environment }: Pick<Deployment, 'environment'>): string {
  return environment.type === 'preview' ? 'preview' : environment.name;
}

/**
 * Writes a deployment for an entry, without a status yet.
 * @param commits what it is about; the first that GitHub knows counts
 */
export async function createDeployment(
  entry: Deployment,
  commits: readonly string[],
  deploying: Deploying,
): Promise<number> {
  const { api, owner, repo, pause } = deploying;
  const { environment } = entry;
  const payload = payloadOf(withShortReason(entry));
  const task = taskOf(environment);
  const filter = { environment: environmentOn(entry), task };
  const create = (ref: string): Promise<number> =>
    createOnce(
      async () => {
        const { data } = await api.rest.repos.createDeployment({
          ...{ owner, repo, ref, ...filter, payload, description: describeStart(entry) },
          ...{ auto_merge: false, required_contexts: [] },
          transient_environment: environment.type === 'preview',
          production_environment: environment.type === 'production',
          request: notAgain,
        });
        if (!('id' in data)) throw new Error(`GitHub made no deployment: ${data.message}`);
        return data.id;
      },
      async () => {
        const { listed } = await listDeployments(filter, 1, deploying);
        return listed.find((one) => isSame(one.payload, payload))?.id;
      },
      pause,
    );
  return doing(about('write', deploying), async () => {
    for (const commit of commits.slice(0, -1)) {
      try {
        return await create(commit);
      } catch (error) {
        // Of a commit that is no longer in the repository, for instance after a force-push.
        if (!isUnknownCommit(error)) throw error;
      }
    }
    return create(commits.at(-1)!);
  });
}

function withShortReason(entry: Deployment): Deployment {
  const { reason } = entry;
  return reason === undefined ? entry : { ...entry, reason: shorten(reason, longestReason) };
}

function isUnknownCommit(error: unknown): boolean {
  const refusal = refusalOf(error);
  return refusal?.status === 422 && /no ref found/i.test(refusal.message);
}

/** GitHub gives back what it was given, in whatever order, as text or parsed. Others write what they like. */
function isSame(kept: unknown, payload: Record<string, unknown>): boolean {
  return sorted(typeof kept === 'string' ? parse(kept) : kept) === sorted(payload);
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/**
 * Says on GitHub how far an entry has come. A status that is there twice harms nobody.
 * @param review what reviewers were shown, where the start did not know it
 */
export async function writeStatus(
  id: number,
  entry: Deployment,
  deploying: Deploying,
  review?: Deployment['review'],
): Promise<void> {
  if (review) await setStatus(id, 'in_progress', { description: describeReview(review) }, deploying);
  if (entry.status === 'started') await setStatus(id, 'in_progress', { description: describeStart(entry) }, deploying);
  else {
    const url = webAddress(entry.url);
    const details = { description: describeEnd(entry), ...(url !== undefined && { environment_url: url }) };
    await setStatus(id, endStateOf(entry), details, deploying);
  }
}

/** Takes a deployment out of what GitHub shows as active. */
export function retire(id: number, why: string, deploying: Deploying): Promise<void> {
  return setStatus(id, 'inactive', { description: why }, deploying);
}

async function setStatus(
  id: number,
  state: EndState | 'in_progress',
  details: { description: string; environment_url?: string },
  deploying: Deploying,
): Promise<void> {
  const { api, owner, repo, logUrl } = deploying;
  const log = webAddress(logUrl);
  await doing(about('write', deploying), () =>
    api.rest.repos.createDeploymentStatus({
      ...{ owner, repo, deployment_id: id, state, ...details },
      ...(log !== undefined && { log_url: log }),
      // GitHub would retire what other applications have in an environment of the same name.
      auto_inactive: false,
    }),
  );
}

function about(what: 'read' | 'write', { owner, repo, grantedIn }: Deploying): Doing {
  return {
    what: `${what} deployments of ${owner}/${repo}`,
    permission: `deployments: ${what}`,
    ...(grantedIn !== undefined && { grantedIn }),
  };
}
