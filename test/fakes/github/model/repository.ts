import { Caches } from './caches.ts';
import { isoTime } from './clock.ts';
import { Comments } from './comments.ts';
import { Deployments } from './deployments.ts';
import { Environments } from './environments.ts';
import { Jobs } from './jobs.ts';
import { Labels } from './labels.ts';
import { Pulls } from './pulls.ts';
import { Refusal } from './refusal.ts';
import { Runs } from './runs.ts';
import { Settings } from './settings.ts';
import type { User } from './users.ts';
import type { World } from './world.ts';

export interface RepositoryOptions {
  /** @default true: then a token reads only what its permissions name */
  private?: boolean;
  /** @default main */
  defaultBranch?: string;
  parent?: Repository;
  /** Whether the `sub` of its OIDC tokens carries ids, as of repositories made since 15 July 2026. @default true */
  immutableSubject?: boolean;
}

export type Role = 'admin' | 'maintain' | 'write' | 'triage' | 'read';

export class Repository {
  readonly world: World;
  readonly id: number;
  readonly owner: User;
  readonly name: string;
  readonly private: boolean;
  readonly defaultBranch: string;
  readonly parent: Repository | undefined;
  readonly immutableSubject: boolean;
  readonly createdAt: string;
  readonly branches = new Map<string, string>();
  readonly tags = new Map<string, string>();
  readonly collaborators = new Map<string, Role>();
  readonly labels: Labels;
  readonly pulls: Pulls;
  readonly comments: Comments;
  readonly deployments: Deployments;
  readonly environments: Environments;
  readonly runs: Runs;
  readonly jobs: Jobs;
  readonly caches: Caches;
  readonly settings: Settings;
  readonly sarifs: { id: string; ref: string; commit: string; sarif: string; at: string }[] = [];

  constructor(world: World, fullName: string, options: RepositoryOptions) {
    const [owner = '', name = ''] = fullName.split('/');
    this.world = world;
    this.id = world.nextId();
    this.owner = world.users.get(owner);
    this.name = name;
    this.private = options.private ?? true;
    this.defaultBranch = options.defaultBranch ?? 'main';
    this.parent = options.parent;
    this.immutableSubject = options.immutableSubject ?? true;
    this.createdAt = isoTime(world.clock.now());
    this.collaborators.set(owner, 'admin');
    this.labels = new Labels(this);
    this.pulls = new Pulls(this);
    this.comments = new Comments(this);
    this.deployments = new Deployments(this);
    this.environments = new Environments(this);
    this.runs = new Runs(this);
    this.jobs = new Jobs(this);
    this.caches = new Caches(world.clock);
    this.settings = new Settings(this);
    if (!options.parent) this.branches.set(this.defaultBranch, world.commits.create([], { message: 'Begin' }).sha);
  }

  get fullName(): string {
    return `${this.owner.login}/${this.name}`;
  }

  /** The commit of a branch, a tag, a pull request's ref, `refs/...` or a hash; undefined when there is none. */
  resolve(ref: string): string | undefined {
    const name = ref.replace(/^refs\/(heads|tags)\//, '');
    const [, number, kind] = /^(?:refs\/)?pull\/(\d+)\/(head|merge)$/.exec(ref) ?? [];
    if (number) return this.pulls.refOf(Number(number), kind as 'head' | 'merge');
    return this.branches.get(name) ?? this.tags.get(name) ?? this.world.commits.get(ref)?.sha;
  }

  /** Makes a branch, at the default branch's commit if not at another. */
  branch(name: string, at: string = this.branches.get(this.defaultBranch)!): string {
    this.branches.set(name, at);
    return at;
  }

  /**
   * Pushes a new commit (with `files`, if not with those of its parent), or the one given, to a branch; open pull requests from it are synchronized.
   * https://docs.github.com/en/webhooks/webhook-events-and-payloads#push
   */
  push(
    branch: string,
    options: { by?: string; sha?: string; message?: string; files?: Record<string, string> } = {},
  ): string {
    const { by = this.owner.login, sha = '', message = `Push to ${branch}`, files } = options;
    const before = this.branches.get(branch);
    const commit =
      this.world.commits.get(sha) ??
      this.world.commits.create(before ? [before] : [], { message, author: by, ...(sha && { sha }) });
    if (files) this.world.files.set(commit.sha, files);
    return this.#move(branch, before, commit.sha, by, false);
  }

  /** Replaces what a branch has by one new commit on `onto`. */
  forcePush(branch: string, { by = this.owner.login, onto = this.branches.get(this.defaultBranch)! } = {}): string {
    const { sha } = this.world.commits.create([onto], { message: `Rewrite ${branch}`, author: by });
    return this.#move(branch, this.branches.get(branch), sha, by, true);
  }

  /**
   * Closes the pull requests from it. Those into it move to the base of a merged pull request from it, if it is deleted
   * on the page of that one; through the API they are closed (https://github.com/cli/cli/issues/14223).
   * https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/proposing-changes-to-your-work-with-pull-requests/creating-and-deleting-branches-within-your-repository
   */
  deleteBranch(branch: string, { by = this.owner.login, how = 'page' as 'page' | 'api' } = {}): void {
    this.branches.delete(branch);
    this.world.happen({
      name: 'delete',
      repository: this,
      sender: by,
      details: { ref: branch, ref_type: 'branch', pusher_type: 'user' },
    });
    for (const repository of this.world.repositories.values()) repository.pulls.branchDeleted(this, branch, by, how);
  }

  /**
   * Pull requests into it follow; those from it are closed, as their branch is gone.
   * https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-branches-in-your-repository/renaming-a-branch
   */
  renameBranch(from: string, to: string, by: string = this.owner.login): void {
    this.branches.set(to, this.branches.get(from)!);
    for (const pull of this.pulls.list())
      if (pull.state === 'open' && pull.base.ref === from) this.pulls.retarget(pull.number, to, by);
    this.deleteBranch(from, { by });
  }

  /** https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflow_dispatch */
  dispatch(
    workflow: string,
    { ref = this.defaultBranch, inputs = {} as Record<string, unknown>, by = this.owner.login } = {},
  ): void {
    if (!this.resolve(ref)) throw new Refusal(422, `No ref found for: ${ref}`);
    const details = {
      workflow: `.github/workflows/${workflow}`,
      ref: `refs/heads/${ref.replace('refs/heads/', '')}`,
      inputs,
    };
    this.world.happen({ name: 'workflow_dispatch', repository: this, sender: by, details });
  }

  #move(branch: string, before: string | undefined, after: string, by: string, forced: boolean): string {
    this.branches.set(branch, after);
    const details = { ref: `refs/heads/${branch}`, before: before ?? '0'.repeat(40), after, forced };
    this.world.happen({ name: 'push', repository: this, sender: by, details });
    for (const repository of this.world.repositories.values())
      repository.pulls.headMoved(this, branch, { after, by, forced });
    return after;
  }
}
