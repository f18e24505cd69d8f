import type { Api } from './api.ts';
import { type Doing, doing, refusalOf } from './api-error.ts';

/** One exact commit of a pull request that nobody in the repository vouches for, and how a maintainer lets it through. */
export interface ApprovalRequest {
  pullRequest: number;
  /** The label that approves. */
  label: string;
  /** The head that the label was set for, as the event says. */
  head: string;
  /** The file of the workflow that built it, such as `preview.yml`. */
  workflow: string;
  /** The name of the artifact that the run left. */
  artifact: string;
}

export type Approval =
  | {
      kind: 'approved';
      /** Who set the label, and when, ISO 8601 in UTC. */
      by: string;
      at: string;
      /** The run that built it, the id of its artifact and the digest that GitHub keeps of it. */
      built: { run: number; id: number; digest: string };
    }
  /** One sentence without a full stop, that is safe to show in Markdown and in logs. */
  | { kind: 'refused'; why: string };

export interface Approving {
  api: Api;
  owner: string;
  repo: string;
  grantedIn?: string;
}

/**
 * Whether somebody with write permission has approved a head: the label is on the pull request, its head is still that one, and the
 * workflow had built that head to the end before the label was set, so that what was looked at is what runs. Six calls to GitHub's
 * API at most, one more for each 100 older events of the pull request.
 */
export async function readApproval(request: ApprovalRequest, approving: Approving): Promise<Approval> {
  const pull = await readPull(request, approving);
  if ('why' in pull) return { kind: 'refused', why: pull.why };
  const labelled = await readLabel(request, approving);
  if (!labelled) return { kind: 'refused', why: 'the label was taken off again' };
  const { by, at } = labelled;
  if (!(await mayWrite(by, approving))) {
    return { kind: 'refused', why: `${quoted(by)}, who set the label, has no write permission for this repository` };
  }
  const run = await findRun(request, pull, at, approving);
  if (run === undefined) {
    return {
      kind: 'refused',
      why: `no run of ${quoted(request.workflow)} had built ${request.head.slice(0, 12)} to the end before the label was set; wait for it, look at the changes, and set the label again`,
    };
  }
  const artifact = await findArtifact(request, run, at, approving);
  if (!artifact)
    return { kind: 'refused', why: 'what the run built is not kept any more; run it again, then set the label again' };
  return { kind: 'approved', by, at, built: { run, ...artifact } };
}

/** Takes a label off; nothing happens when it is not there. One call. */
export async function removeLabel(pullRequest: number, label: string, approving: Approving): Promise<void> {
  const { api, owner, repo } = approving;
  await doing(about(`take a label off pull request ${pullRequest}`, 'pull-requests: write', approving), async () => {
    try {
      await api.rest.issues.removeLabel({ owner, repo, issue_number: pullRequest, name: label });
    } catch (error) {
      if (refusalOf(error)?.status !== 404) throw error;
    }
  });
}

interface Head {
  repository: number;
  branch: string;
}

async function readPull(
  { pullRequest, label, head }: ApprovalRequest,
  approving: Approving,
): Promise<Head | { why: string }> {
  const { api, owner, repo } = approving;
  const { data } = await doing(about(`read pull request ${pullRequest}`, 'pull-requests: read', approving), () =>
    api.rest.pulls.get({ owner, repo, pull_number: pullRequest }),
  );
  if (data.state !== 'open') return { why: 'the pull request is not open' };
  if (data.head.sha !== head)
    return { why: 'the pull request has another head by now; look at it, and set the label again' };
  if (!data.labels.some(({ name }) => name === label)) return { why: 'the pull request does not have the label' };
  // The type has it that there always is one, but a fork can be deleted.
  const from = data.head.repo as { id: number } | null;
  return from ? { repository: from.id, branch: data.head.ref } : { why: 'the fork is deleted' };
}

const pageSize = 100;

/** Who set the label last, if nobody took it off since. Events come oldest first, so the last page is looked at first. */
async function readLabel(
  { pullRequest, label }: ApprovalRequest,
  approving: Approving,
): Promise<{ by: string; at: string } | undefined> {
  const { api, owner, repo } = approving;
  const read = (page: number) =>
    doing(about(`read the events of pull request ${pullRequest}`, 'pull-requests: read', approving), () =>
      api.rest.issues.listEvents({ owner, repo, issue_number: pullRequest, per_page: pageSize, page }),
    );
  const first = await read(1);
  const last = Number(/[?&]page=(\d+)[^>]*>; rel="last"/.exec(first.headers.link ?? '')?.[1] ?? 1);
  for (let page = last; page >= 1; page--) {
    const { data } = page === 1 ? first : await read(page);
    const event = data.findLast((one) => isAbout(one, label));
    if (!event) continue;
    const { actor, created_at: at } = event;
    return event.event === 'labeled' && actor ? { by: actor.login, at } : undefined;
  }
  return undefined;
}

function isAbout(event: object, label: string): boolean {
  const { event: kind, label: of } = event as { event: string; label?: { name?: string | null } };
  return (kind === 'labeled' || kind === 'unlabeled') && of?.name === label;
}

/** Roles of one's own count as the one that they extend. */
async function mayWrite(username: string, approving: Approving): Promise<boolean> {
  const { api, owner, repo } = approving;
  return doing(about('read who may write', 'contents: read', approving), async () => {
    try {
      const { data } = await api.rest.repos.getCollaboratorPermissionLevel({ owner, repo, username });
      return ['admin', 'maintain', 'write'].includes(data.permission);
    } catch (error) {
      if (refusalOf(error)?.status === 404) return false;
      throw error;
    }
  });
}

/** The newest run that built the head of this very branch, and that nothing has touched since the label was set. */
async function findRun(
  { head, workflow }: ApprovalRequest,
  { repository, branch }: Head,
  labelled: string,
  approving: Approving,
): Promise<number | undefined> {
  const { api, owner, repo } = approving;
  const { data } = await doing(about(`read the runs of ${workflow}`, 'actions: read', approving), () =>
    api.rest.actions.listWorkflowRuns({
      ...{ owner, repo, workflow_id: workflow, event: 'pull_request', head_sha: head, status: 'success', per_page: 30 },
    }),
  );
  return data.workflow_runs.find(
    (run) =>
      run.event === 'pull_request' &&
      run.conclusion === 'success' &&
      run.head_sha === head &&
      run.head_branch === branch &&
      run.head_repository?.id === repository &&
      run.path.split('@')[0] === `.github/workflows/${workflow}` &&
      Date.parse(run.updated_at) < Date.parse(labelled),
  )?.id;
}

async function findArtifact(
  { artifact }: ApprovalRequest,
  run: number,
  labelled: string,
  approving: Approving,
): Promise<{ id: number; digest: string } | undefined> {
  const { api, owner, repo } = approving;
  const { data } = await doing(about('read artifacts', 'actions: read', approving), () =>
    api.rest.actions.listWorkflowRunArtifacts({ owner, repo, run_id: run, name: artifact, per_page: pageSize }),
  );
  const kept = data.artifacts.filter(
    ({ name, expired, created_at: at }) =>
      name === artifact && !expired && at !== null && Date.parse(at) < Date.parse(labelled),
  );
  const [newest] = kept.sort((a, b) => b.id - a.id);
  return newest?.digest ? { id: newest.id, digest: newest.digest } : undefined;
}

function about(what: string, permission: string, { owner, repo, grantedIn }: Approving): Doing {
  return { what: `${what} of ${owner}/${repo}`, permission, ...(grantedIn !== undefined && { grantedIn }) };
}

/** What others chose, so that it is nothing but text. */
function quoted(text: string): string {
  return `\`${text.replace(/[^\w.[\]-]/g, '?')}\``;
}
