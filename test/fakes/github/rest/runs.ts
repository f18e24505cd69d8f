import { gunzipSync } from 'node:zlib';
import { isoTime } from '../model/clock.ts';
import { Refusal } from '../model/refusal.ts';
import type { Artifact, Run } from '../model/runs.ts';
import { type Context, found, type Json, ok, page, type Routes } from './answer.ts';
import { nodeId } from './urls.ts';
import { minimalRepositoryView, userView } from './views.ts';

/** https://docs.github.com/en/rest/actions/workflow-runs, /actions/artifacts, /code-scanning/code-scanning */
export const runs: Routes = {
  'GET /repos/{owner}/{repo}/actions/runs': {
    needs: ['actions:read'],
    open: true,
    answer: (context) => runsPage(context, context.repository.runs.list()),
  },
  'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs': {
    needs: ['actions:read'],
    open: true,
    answer(context) {
      const { repository, params } = context;
      const own = (run: Run) =>
        run.path.endsWith(`/${params.workflow_id}`) || String(workflowId(run)) === params.workflow_id;
      return runsPage(context, repository.runs.list().filter(own));
    },
  },
  // https://docs.github.com/en/rest/actions/workflows#create-a-workflow-dispatch-event
  'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches': {
    needs: ['actions:write'],
    answer({ repository, params, body, token }) {
      repository.dispatch(params.workflow_id!, { ref: body.ref, inputs: body.inputs ?? {}, by: token.login });
      return { status: 204 };
    },
  },
  'GET /repos/{owner}/{repo}/actions/runs/{run_id}': {
    needs: ['actions:read'],
    open: true,
    answer: (context) => ok(runView(runOf(context), context)),
  },
  'GET /repos/{owner}/{repo}/actions/runs/{run_id}/artifacts': {
    needs: ['actions:read'],
    open: true,
    answer: (context) => artifactsPage(context, context.repository.runs.artifacts(runOf(context).id)),
  },
  'GET /repos/{owner}/{repo}/actions/artifacts': {
    needs: ['actions:read'],
    open: true,
    answer: (context) => artifactsPage(context, context.repository.runs.artifacts()),
  },
  'GET /repos/{owner}/{repo}/actions/artifacts/{artifact_id}': {
    needs: ['actions:read'],
    open: true,
    answer: (context) => ok(artifactView(artifactOf(context), context)),
  },
  'DELETE /repos/{owner}/{repo}/actions/artifacts/{artifact_id}': {
    needs: ['actions:write'],
    answer(context) {
      context.repository.runs.deleteArtifact(artifactOf(context).id);
      return { status: 204 };
    },
  },
  // "Gets a redirect URL to download an archive for a repository. This URL expires after 1 minute."
  'GET /repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}': {
    needs: ['actions:read'],
    answer(context) {
      const artifact = artifactOf(context);
      if (context.params.archive_format !== 'zip') throw new Refusal(404, 'Not Found');
      if (isExpired(artifact, context)) throw new Refusal(410, 'Artifact has expired');
      const name = context.blobs.put(`artifact-${artifact.id}`, artifact.content, 'application/zip');
      return { status: 302, headers: { location: context.blobs.download(name, 1) } };
    },
  },
  // The SARIF is compressed by gzip, then as Base64: https://docs.github.com/en/rest/code-scanning/code-scanning#upload-an-analysis-as-sarif-data
  'POST /repos/{owner}/{repo}/code-scanning/sarifs': {
    needs: ['security-events:write'],
    answer({ repository, body, world, urls }) {
      const id = `47177e22-5596-11eb-80a1-${String(world.nextId()).padStart(12, '0')}`;
      const sarif = decode(body.sarif);
      repository.sarifs.push({ id, ref: body.ref, commit: body.commit_sha, sarif, at: isoTime(world.clock.now()) });
      return { status: 202, body: { id, url: `${urls.api}/repos/${repository.fullName}/code-scanning/sarifs/${id}` } };
    },
  },
  'GET /repos/{owner}/{repo}/code-scanning/sarifs/{sarif_id}': {
    needs: ['security-events:read'],
    answer({ repository, params, urls }) {
      found(repository.sarifs.find(({ id }) => id === params.sarif_id));
      return ok({
        processing_status: 'complete',
        analyses_url: `${urls.api}/repos/${repository.fullName}/code-scanning/analyses?sarif_id=${params.sarif_id}`,
        errors: null,
      });
    },
  },
};

function decode(sarif: string): string {
  try {
    const text = gunzipSync(Buffer.from(sarif, 'base64')).toString();
    JSON.parse(text);
    return text;
  } catch {
    throw new Refusal(400, 'sarif is not Base64 of compressed JSON');
  }
}

function runsPage(context: Context, list: Run[]) {
  const { query } = context;
  const has = (name: string, value: string | null) => !query.get(name) || query.get(name) === value;
  const fits = (run: Run) =>
    has('head_sha', run.headSha) &&
    has('event', run.event) &&
    has('branch', run.headBranch) &&
    has('actor', run.actor) &&
    (!query.get('status') || [run.status, run.conclusion as string].includes(query.get('status')!));
  return page(
    context,
    list.filter(fits),
    (run) => runView(run, context),
    (page, total) => ({ total_count: total, workflow_runs: page }),
  );
}

function artifactsPage(context: Context, list: Artifact[]) {
  const name = context.query.get('name');
  const own = list.filter((one) => !name || one.name === name);
  return page(
    context,
    own,
    (one) => artifactView(one, context),
    (page, total) => ({ total_count: total, artifacts: page }),
  );
}

const runOf = ({ repository, params }: Context): Run => found(repository.runs.get(Number(params.run_id)));
const artifactOf = ({ repository, params }: Context): Artifact =>
  found(repository.runs.artifact(Number(params.artifact_id)));
const isExpired = ({ expiresAt }: Artifact, { world }: Context) => Date.parse(expiresAt) < world.clock.now().getTime();
const workflowId = ({ path }: Run) =>
  [...path].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 100_000_007, 7);

export function runView(run: Run, context: Pick<Context, 'repository' | 'urls' | 'world'>): Json {
  const { repository, urls, world } = context;
  const url = `${urls.api}/repos/${repository.fullName}/actions/runs/${run.id}`;
  const actor = userView(world.users.get(run.actor), urls);
  const commit = world.commits.get(run.headSha);
  const person = { name: commit?.author ?? '', email: `${commit?.author ?? ''}@users.noreply.github.com` };
  const workflow = `${urls.api}/repos/${repository.fullName}/actions/workflows/${workflowId(run)}`;
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId('WFR', run.id),
    check_suite_id: run.id,
    check_suite_node_id: nodeId('CS', run.id),
    head_branch: run.headBranch,
    head_sha: run.headSha,
    path: run.path,
    run_number: run.number,
    run_attempt: run.attempt,
    referenced_workflows: [],
    event: run.event,
    display_title: run.name,
    status: run.status,
    conclusion: run.conclusion,
    workflow_id: workflowId(run),
    url,
    html_url: `${urls.server}/${repository.fullName}/actions/runs/${run.id}`,
    pull_requests: run.pulls.map((number) => pullOf(number, context)),
    created_at: run.createdAt,
    updated_at: run.updatedAt,
    run_started_at: run.startedAt,
    actor,
    triggering_actor: actor,
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${urls.api}/repos/${repository.fullName}/check-suites/${run.id}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: run.attempt > 1 ? `${url}/attempts/${run.attempt - 1}` : null,
    workflow_url: workflow,
    head_commit: commit
      ? {
          id: commit.sha,
          tree_id: commit.sha,
          message: commit.message,
          timestamp: commit.at,
          author: person,
          committer: person,
        }
      : null,
    repository: minimalRepositoryView(repository, urls),
    head_repository: minimalRepositoryView(world.repositoryById(run.headRepository) ?? repository, urls),
  };
}

function pullOf(number: number, { repository, urls }: Pick<Context, 'repository' | 'urls'>): Json {
  const pull = repository.pulls.require(number);
  const repo = { id: repository.id, url: `${urls.api}/repos/${repository.fullName}`, name: repository.name };
  return {
    id: pull.id,
    number,
    url: `${repo.url}/pulls/${number}`,
    head: { ref: pull.head.ref, sha: pull.head.sha, repo },
    base: { ref: pull.base.ref, sha: pull.base.sha, repo },
  };
}

function artifactView(artifact: Artifact, context: Context): Json {
  const { repository, urls } = context;
  const url = `${urls.api}/repos/${repository.fullName}/actions/artifacts/${artifact.id}`;
  const run = repository.runs.get(artifact.run);
  return {
    id: artifact.id,
    node_id: nodeId('MDg', artifact.id),
    name: artifact.name,
    size_in_bytes: artifact.content.length,
    url,
    archive_download_url: `${url}/zip`,
    expired: isExpired(artifact, context),
    digest: artifact.digest,
    created_at: artifact.createdAt,
    updated_at: artifact.createdAt,
    expires_at: artifact.expiresAt,
    workflow_run: run
      ? {
          id: run.id,
          repository_id: repository.id,
          head_repository_id: run.headRepository,
          head_branch: run.headBranch,
          head_sha: run.headSha,
        }
      : null,
  };
}
