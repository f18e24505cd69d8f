import { mkdir, mkdtemp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fairlead } from '../../examples/demo/fairlead.ts';
import { type Edit, Repository } from '../../examples/demo/repository.ts';
import { kit } from '../../github/kit.ts';
import { FakeGitHub } from '../fakes/github/fake.ts';
import type { Pull } from '../fakes/github/model/pulls.ts';
import type { Repository as Hosted } from '../fakes/github/model/repository.ts';
import type { Permissions } from '../fakes/github/model/tokens.ts';
import { type Listening, listen } from '../fakes/github/server.ts';
import { type ActRun, runAct } from './act.ts';
import { reference, writeKit } from './kit.ts';
import { Origin } from './origin.ts';
import type { Place } from './place.ts';

const fullName = 'ada/shop';

/** What a job's token may do at most: the runner knows one token for all jobs. */
const permissions: Permissions = {
  contents: 'read',
  deployments: 'write',
  'pull-requests': 'write',
  actions: 'read',
  'id-token': 'write',
};

/** What the runner would else say of itself, or cannot know. */
const passed = [
  'GITHUB_API_URL',
  'GITHUB_REPOSITORY_ID',
  'GITHUB_RUN_ID',
  'ACTIONS_RESULTS_URL',
  'ACTIONS_RUNTIME_TOKEN',
  'ACTIONS_CACHE_SERVICE_V2',
  'ACTIONS_CACHE_MODE',
];

/** What a job signs in to a cloud with. */
const identity = ['ACTIONS_ID_TOKEN_REQUEST_URL', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN'];

/** Something that wakes a workflow. */
export interface Happening {
  event: 'pull_request' | 'pull_request_target' | 'push' | 'schedule' | 'workflow_dispatch';
  /** Such as `synchronize`. */
  action?: string;
  /** The name of the workflow's file. */
  workflow: string;
  /** Of the pull request. */
  number?: number;
  /** The commit that it happened for, when the pull request has moved on since. */
  head?: string;
  inputs?: Readonly<Record<string, string>>;
}

export interface Played extends ActRun {
  happening: Happening;
  /** How many requests GitHub got. */
  requests: number;
  milliseconds: number;
}

interface Parts {
  home: string;
  place: Place;
  fake: FakeGitHub;
  hosted: Hosted;
  server: Listening;
  origin: Origin;
  work: Repository;
  signal: AbortSignal | undefined;
}

/** A repository with its authors, on a GitHub of our own, whose workflows run on this machine. */
export class Stage implements AsyncDisposable {
  readonly fake: FakeGitHub;
  /** As GitHub has it. */
  readonly hosted: Hosted;
  /** Where its authors work. */
  readonly work: Repository;
  /** The command line on the machine of the environments. */
  readonly fairlead: Fairlead;
  readonly runs: Played[] = [];
  /** Where its environments are. */
  readonly place: Place;
  readonly #parts: Parts;
  #variables: Record<string, string> = {};

  private constructor(parts: Parts) {
    this.#parts = parts;
    [this.fake, this.hosted, this.work] = [parts.fake, parts.hosted, parts.work];
    this.place = parts.place;
    this.fairlead = this.#commandLine(parts.signal);
  }

  /** @param home an empty directory */
  static async create(home: string, application: string, place: Place, signal?: AbortSignal): Promise<Stage> {
    const fake = new FakeGitHub({ clock: { now: () => place.now() } });
    const server = await listen(fake);
    const hosted = fake.world.createRepository(fullName);
    await writeKit(join(home, 'kit'));
    const origin = await Origin.create(join(home, 'origin.git'));
    fake.world.files.source = (sha) => origin.files(sha);
    const work = await Repository.create(join(home, 'shop'), application, place.settings);
    return new Stage({ home, place, fake, hosted, server, origin, work, signal });
  }

  /** Removes every environment. */
  async leaveNothing(): Promise<void> {
    // Without the signal of the interruption: this has to come to its end.
    const fairlead = this.#commandLine();
    for (const { environment } of await fairlead.environments()) {
      await fairlead.succeed(['destroy', '--env', environment.name, '--yes']);
    }
    for (const args of this.place.leftovers) await fairlead.succeed(args);
  }

  /** Has the place of the environments let jobs in. */
  async admit(): Promise<void> {
    this.#variables = await this.place.admit(this.fairlead, this.hosted, this.fake);
  }

  #commandLine(signal?: AbortSignal): Fairlead {
    const { work, home, place } = this.#parts;
    return new Fairlead(work.root, join(home, 'state'), { env: place.env, signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.server.close();
  }

  /** Commits to the branch at hand and pushes it. */
  async push(branch: string, message: string, edits: Edit[]): Promise<string> {
    await this.work.commit(message, edits);
    return this.publish(branch);
  }

  /** Pushes what a branch has. */
  async publish(branch: string): Promise<string> {
    const { hosted } = this.#parts;
    const sha = await this.#send(branch);
    hosted.push(branch, { sha });
    for (const pull of hosted.pulls.list()) if (pull.state === 'open') await this.#offer(pull);
    return sha;
  }

  /** Merges a pull request as its button does. */
  async merge(number: number, branch: string): Promise<void> {
    await this.work.merge(branch);
    this.hosted.pulls.merge(number, { sha: await this.#send('main') });
  }

  /** Brings the commits of a branch to GitHub. Answers its newest. */
  async #send(branch: string): Promise<string> {
    const { origin, hosted, work } = this.#parts;
    const sha = await origin.push(work.root, branch);
    for (const commit of await origin.history(sha)) {
      if (!hosted.world.commits.get(commit.sha)) hosted.world.commits.create(commit.parents, commit);
    }
    return sha;
  }

  async open(branch: string, title: string): Promise<Pull> {
    const pull = this.hosted.pulls.open({ head: branch, title });
    await this.#offer(pull);
    return pull;
  }

  /** Runs a workflow for what happened. */
  async run(happening: Happening): Promise<Played> {
    const { home, place, fake, hosted, origin, signal } = this.#parts;
    const { event, workflow, number } = happening;
    const begin = performance.now();
    const before = fake.log.length;
    const temporary = await mkdtemp(join(home, 'run-'));
    const ref = event === 'pull_request' ? (happening.head ?? `refs/pull/${number}/merge`) : 'refs/heads/main';
    const checkout = await origin.checkOut(ref, temporary, `https://github.com/${fullName}.git`);
    const pull = number === undefined ? undefined : hosted.pulls.require(number);
    const path = `.github/workflows/${workflow}`;
    const headSha = happening.head ?? pull?.head.sha ?? (await origin.commit('refs/heads/main'));
    const run = hosted.runs.start({ path, event, headSha });
    const job = hosted.jobs.start({
      run,
      permissions,
      ...(number !== undefined && { pull: number }),
      ...kitsJob(workflow),
    });
    const given = fake.env(job);
    const stateDirectory = join(home, 'state');
    await mkdir(join(temporary, 'tmp'));
    const result = await runAct({
      ...{ event, workflow: path, checkout, temporary, signal, actor: 'ada', token: job.token.value },
      variables: this.#variables,
      payload: await this.#payload(happening, ref, headSha),
      repositories: { [reference]: join(home, 'kit'), ...standIns },
      env: {
        PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
        RUNNER_TEMP: join(temporary, 'tmp'),
        ...Object.fromEntries(passed.map((name) => [name, given[name] ?? ''])),
        FAIRLEAD_STATE_DIR: stateDirectory,
        FAIRLEAD_CACHE_DIR: join(stateDirectory, 'cache'),
        FAIRLEAD_E2E_ORIGIN: origin.path,
        FAIRLEAD_E2E_REF: ref,
        ...(place.target !== 'local' && Object.fromEntries(identity.map((name) => [name, given[name] ?? '']))),
        ...(place.target === 'aws' && { FAIRLEAD_E2E_SIGN_IN: join(standInFor('sign-in-to-aws'), 'sign-in.ts') }),
        ...place.jobs,
      },
    });
    hosted.runs.finish(run, result.exitCode === 0 ? 'success' : 'failure');
    const played = {
      ...result,
      happening,
      requests: fake.log.slice(before).filter(({ operation }) => operation !== undefined).length,
      milliseconds: performance.now() - begin,
    };
    this.runs.push(played);
    return played;
  }

  /** The sticky comment of a pull request; undefined without one. @throws Error when there are several */
  comment(number: number): string | undefined {
    const comments = this.hosted.comments.list(number);
    if (comments.length > 1) throw new Error(`pull request ${number} has ${comments.length} comments`);
    return comments[0]?.body;
  }

  /** Has GitHub know what merging it would be. */
  async #offer(pull: Pull): Promise<void> {
    const { origin, hosted } = this.#parts;
    const base = await origin.commit(`refs/heads/${pull.base.ref}`);
    const head = pull.head.sha;
    const sha = await origin.offerMerge(pull.number, head, pull.base.ref);
    if (sha === undefined) return hosted.pulls.conflict(pull.number);
    hosted.world.commits.create([base, head], { sha, message: 'Merge' });
    pull.testMerge = { sha, base, head };
  }

  async #payload({ action, number, inputs }: Happening, ref: string, sha: string): Promise<object> {
    const repository = await this.#get(`/repos/${fullName}`);
    const common = { repository, sender: { login: 'ada', type: 'User' }, ...(action && { action }) };
    if (inputs) return { ...common, inputs, ref };
    if (number === undefined) return { ...common, ref, after: sha, head_commit: { id: sha } };
    const pull = (await this.#get(`/repos/${fullName}/pulls/${number}`)) as { head: object };
    return { ...common, number, pull_request: { ...pull, head: { ...pull.head, sha } } };
  }

  async #get(path: string): Promise<unknown> {
    const { fake } = this;
    const { value } = fake.world.tokens.issue({ repository: fullName, permissions });
    const answer = await fake.fetch(`${fake.urls.api}${path}`, { headers: { authorization: `Bearer ${value}` } });
    return answer.json();
  }
}

/** What the token of the job with rights says that calls the kit's workflow; the runner knows one job for all. */
function kitsJob(workflow: string): { environment: string; workflowRef: string } {
  const name = workflow.replace(/^fairlead-/, '');
  return {
    environment: ['production.yml', 'rollback.yml'].includes(name) ? 'production' : 'preview',
    workflowRef: `${kit.repository}/.github/workflows/${name}@refs/tags/${kit.ref}`,
  };
}

const standInFor = (name: string) => fileURLToPath(new URL(`stand-ins/${name}`, import.meta.url));

const standIns = {
  'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1': standInFor('checkout'),
  'actions/setup-node@820762786026740c76f36085b0efc47a31fe5020': standInFor('setup-node'),
  'aws-actions/configure-aws-credentials@e6de054238d6b7531b4efff3b6587d9aade6a06c': standInFor('sign-in-to-aws'),
  'google-github-actions/auth@7c6bc770dae815cd3e89ee6cdf493a5fab2cc093': standInFor('no-cloud'),
};
