import { Interrupted, type Job } from '../harness/job.ts';
import { may } from '../harness/permissions.ts';
import { StepFailure } from '../harness/steps.ts';
import type { Scenario } from './scenario.ts';
import { isWanted } from './scenario.ts';

/** What must hold when a story has settled. Each returns what does not, in words. */
export function whatIsWrong(story: Scenario): string[] {
  return [
    ...story.cloud.violations,
    ...story.github.violations.map(({ request, message }) => `${request}: ${message}`),
    ...previews(story),
    ...comments(story),
    ...production(story),
    ...credentials(story),
    ...caches(story),
    ...leftovers(story),
    ...oddities(story),
  ];
}

/** No open wanted pull request without its preview at its head, no preview without an open wanted pull request. */
function previews({ repository, cloud, told, trees }: Scenario): string[] {
  const wrong: string[] = [];
  for (const pull of repository.pulls.list()) {
    const name = `pr-${pull.number}`;
    const standing = cloud.environments.get(`shop/${name}`);
    if (pull.state === 'closed' && standing) wrong.push(`${name} is there, and its pull request is closed`);
    if (pull.state === 'open' && standing && repository.pulls.isFromFork(pull)) {
      if (!pull.labels.includes('fairlead:preview')) wrong.push(`${name} is of a fork, and nobody has asked for it`);
      else if (standing.state === 'running' && standing.commit !== pull.head.sha)
        wrong.push(`${name} is of another commit of a fork`);
      if (cloud.withSecrets.has(`shop/${name}`)) wrong.push(`${name} is of a fork and has secrets`);
    }
    const last = told.get(pull.number);
    // On a conflict, or for what Dependabot pushes, no workflow with credentials is told.
    const isTold = last?.head === pull.head.sha && last.base === pull.base.ref;
    if (pull.state === 'closed' || !last || !isTold || last.wanted !== isWanted(pull, repository)) continue;
    // What does not build or start is told, and what ran before stays.
    if (last.wanted && (cloud.unhealthy.has(pull.head.sha) || trees.of(pull.head.sha)['src/broken.ts'])) continue;
    if (!last.wanted && standing) wrong.push(`${name} is there, and nobody wants it`);
    if (last.wanted && standing?.state !== 'running') wrong.push(`${name} is ${standing?.state ?? 'not there'}`);
    else if (last.wanted && standing?.commit !== pull.head.sha) wrong.push(`${name} is not at its head`);
  }
  const known = new Set(repository.pulls.list().map(({ number }) => `shop/pr-${number}`));
  for (const key of cloud.environments.keys()) {
    if (key !== 'shop/production' && !known.has(key)) wrong.push(`${key} is of no pull request`);
  }
  return wrong;
}

function comments({ repository }: Scenario): string[] {
  return repository.pulls.list().flatMap(({ number }) => {
    const own = repository.comments.list(number).filter(({ user }) => user === 'github-actions[bot]');
    return own.length > 1 ? [`pull request ${number} has ${own.length} comments`] : [];
  });
}

/** Production ends at the newest commit, unless it is held or the newest was refused in words; and never goes back by itself. */
function production(story: Scenario): string[] {
  const { repository, platform, github } = story;
  const tip = repository.branches.get('main')!;
  const standing = story.standing('production');
  const wrong: string[] = [];
  const runs = platform.runs.filter(({ file, event }) => file.endsWith('/production.yml') && event.sha === tip);
  const hopeless = story.trees.of(tip)['src/broken.ts'] !== undefined || wasRejected(story, tip);
  if (runs.length > 0 && standing?.commit !== tip && !hopeless && !isHeld(story) && !wasRefused(story, tip)) {
    wrong.push(`production is at ${standing?.commit ?? 'nothing'}, not at ${tip}`);
  }
  const history = standing?.history ?? [];
  for (const [index, { commit, by }] of history.entries()) {
    const before = history[index - 1]?.commit;
    if (before === undefined || before === commit || /^(rollback\/|production\/settle)/.test(by)) continue;
    if (github.world.commits.ancestors(before).includes(commit))
      wrong.push(`production went back to ${commit} by ${by}`);
  }
  return wrong;
}

function isHeld({ repository }: Scenario): boolean {
  const last = repository.deployments
    .list()
    .map(({ payload, statuses, task }) => ({
      entry: payload as { action?: string },
      task,
      state: statuses.at(-1)?.state,
    }))
    .find(({ task, entry }) => task === 'fairlead:shop:production' && /^(rollback|resume)$/.test(entry.action ?? ''));
  return last?.entry.action === 'rollback';
}

/** The newest attempt for a commit has said why it does not go on: without proof, or against the databases. */
function wasRefused({ ended }: Scenario, commit: string): boolean {
  const last = ended.findLast(({ leaf, call }) => leaf === 'promote' && call.job.run.event.sha === commit);
  return last?.end.failed === true && last.end.lines.some((line) => /FL30\d\d/.test(line));
}

/** A reviewer did not let the newest attempt through. */
function wasRejected({ platform }: Scenario, commit: string): boolean {
  const job = platform.runs
    .filter(({ file, event }) => file.endsWith('/production.yml') && event.sha === commit)
    .flatMap(({ jobs, attempt }) => jobs.filter((one) => one.attempt === attempt && one.path === 'production/deploy'))
    .at(-1);
  return job?.result === 'failure' && job.started === undefined;
}

const harmless = [
  ['contents', 'read'],
  ['pull-requests', 'read'],
  ['packages', 'read'],
].map(String);

/** What a job that ran what anyone could have written had besides. */
export function credentialsOf(job: Job): string[] {
  const rights = Object.entries(job.permissions).filter(
    ([scope, access]) => access !== 'none' && !harmless.includes(String([scope, access])),
  );
  return [
    ...rights.map(([scope, access]) => `${scope}: ${access}`),
    ...job.secrets.map((name) => `the secret ${name}`),
    ...(job.environment === undefined ? [] : [`the environment ${job.environment}`]),
    ...(job.identities.length > 0 ? ['an identity'] : []),
    ...(job.checkouts.some(({ credentials }) => credentials) ? ['its token in the workspace'] : []),
  ];
}

/** No credential ever in a job that ran code of others, or had it in its workspace. */
function credentials({ platform }: Scenario): string[] {
  return platform.runs
    .flatMap(({ jobs }) => jobs)
    .filter(({ untrusted, checkouts }) => untrusted.length > 0 || checkouts.length > 0)
    .flatMap((job) => credentialsOf(job).map((what) => `${job.name} ran ${job.untrusted.join(', ')} and had ${what}`));
}

/** What untrusted code has saved to a cache never comes to a job that may ask for its identity. */
function caches({ world }: Scenario): string[] {
  return [...world.restored]
    .filter(({ permissions }) => may(permissions, 'id-token', 'write'))
    .map(({ name }) => `${name} restored a cache and may have an identity`);
}

/** Of every task the newest deployment has ended, and what is gone is shown nowhere. */
function leftovers({ repository, cloud }: Scenario): string[] {
  const wrong: string[] = [];
  const newest = new Map<string, string>();
  for (const { task, statuses, environment, createdAt } of repository.deployments.list()) {
    const state = statuses.at(-1)?.state;
    const key = task.replace(/^fairlead:/, '').replace(':', '/');
    if (!newest.has(task)) {
      newest.set(task, createdAt);
      if (state === 'in_progress' || state === undefined) wrong.push(`${task} has begun and not ended`);
    }
    if (environment === 'preview' && state === 'success' && !cloud.environments.has(key)) {
      wrong.push(`${task} is shown and gone`);
    }
  }
  return wrong;
}

/** Steps fail with what a user can mend, nothing else. */
function oddities({ platform, ended }: Scenario): string[] {
  const failures = platform.runs.flatMap(({ jobs }) =>
    jobs.flatMap(({ name, steps }) => steps.map((step) => ({ name, step }))),
  );
  const odd = failures.filter(
    ({ step: { error } }) => error && !(error instanceof StepFailure || error instanceof Interrupted),
  );
  const bugs = ended.filter(({ end }) => end.lines.some((line) => line.includes('This is a bug in Fairlead')));
  return [
    ...odd.map(({ name, step }) => `${name}, ${step.name}: ${String(step.error)}`),
    ...bugs.map(({ leaf, end }) => `${leaf}: ${end.lines.join('\n')}`),
    ...platform.runs.flatMap(({ refusal }) => (refusal === undefined ? [] : [`refused: ${refusal}`])),
  ];
}
