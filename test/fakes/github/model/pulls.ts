import { isoTime } from './clock.ts';
import { Refusal } from './refusal.ts';
import type { Repository } from './repository.ts';

export interface Pull {
  id: number;
  number: number;
  title: string;
  body: string | null;
  user: string;
  state: 'open' | 'closed';
  draft: boolean;
  labels: string[];
  base: { ref: string; sha: string };
  /** `owner` and `repository` (an id) stay when that repository is deleted. */
  head: { owner: string; repository: number; ref: string; sha: string };
  /** Whether it cannot be merged without conflicts. */
  conflicted: boolean;
  /** Whether GitHub still works out if it can be merged: `mergeable` is null meanwhile. */
  computing: boolean;
  merged?: { at: string; by: string; sha: string };
  /** The commit of `refs/pull/<n>/merge`; absent while it was never mergeable. */
  testMerge?: { sha: string; base: string; head: string };
  createdAt: string;
  updatedAt: string;
  closedAt: string | null;
}

/** An entry of the timeline: https://docs.github.com/en/rest/using-the-rest-api/issue-event-types */
export interface IssueEvent {
  id: number;
  issue: number;
  event:
    | 'labeled'
    | 'unlabeled'
    | 'closed'
    | 'reopened'
    | 'merged'
    | 'renamed'
    | 'base_ref_changed'
    | 'head_ref_deleted'
    | 'head_ref_force_pushed'
    | 'convert_to_draft'
    | 'ready_for_review';
  actor: string;
  at: string;
  commit?: string;
  label?: string;
  rename?: { from: string; to: string };
}

export interface Opening {
  /** The branch; made with a commit of its own when it does not exist. @default `topic-<n>` */
  head?: string;
  /** The repository of the head. @default this one */
  from?: Repository;
  /** @default the default branch */
  base?: string;
  title?: string;
  body?: string;
  by?: string;
  draft?: boolean;
  labels?: string[];
}

/** What people do to pull requests; each deed happens as `pull_request` with the action that GitHub names it by. */
export class Pulls {
  readonly #repository: Repository;
  readonly #pulls: Pull[] = [];
  readonly events: IssueEvent[] = [];

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** In order of their numbers. */
  list(): Pull[] {
    return [...this.#pulls];
  }

  get(number: number): Pull | undefined {
    return this.#pulls.find((pull) => pull.number === number);
  }

  /** @throws Error when there is none */
  require(number: number): Pull {
    const pull = this.get(number);
    if (!pull) throw new Error(`There is no pull request ${number}.`);
    return pull;
  }

  open(opening: Opening = {}): Pull {
    const { world, defaultBranch, owner } = this.#repository;
    const number = this.#pulls.length + 1;
    const { head = `topic-${number}`, from = this.#repository, base = defaultBranch } = opening;
    const by = opening.by ?? from.owner.login ?? owner.login;
    const baseSha = this.#repository.branches.get(base);
    if (!baseSha)
      throw new Refusal(422, 'Validation Failed', [{ resource: 'PullRequest', field: 'base', code: 'invalid' }]);
    if (!from.branches.has(head)) {
      from.branch(head, baseSha);
      from.push(head, { by });
    }
    const same = ({ state, ...one }: Pull) =>
      state === 'open' && one.head.repository === from.id && one.head.ref === head && one.base.ref === base;
    if (this.#pulls.some(same)) {
      const message = `A pull request already exists for ${from.owner.login}:${head}.`;
      throw new Refusal(422, 'Validation Failed', [{ resource: 'PullRequest', code: 'custom', message }]);
    }
    const at = isoTime(world.clock.now());
    const pull: Pull = {
      id: world.nextId(),
      number,
      title: opening.title ?? `Change ${number}`,
      body: opening.body ?? null,
      user: by,
      state: 'open',
      draft: opening.draft ?? false,
      labels: (opening.labels ?? []).map((name) => this.#repository.labels.get(name).name),
      base: { ref: base, sha: baseSha },
      head: { owner: from.owner.login, repository: from.id, ref: head, sha: from.branches.get(head)! },
      conflicted: false,
      computing: false,
      createdAt: at,
      updatedAt: at,
      closedAt: null,
    };
    this.#pulls.push(pull);
    this.#happen(pull, 'opened', by);
    // Each label that it is opened with happens, too: https://github.com/canalplus/rx-player/pull/1706
    for (const label of pull.labels) {
      this.#note(pull, 'labeled', by, { label });
      this.#happen(pull, 'labeled', by, { label });
    }
    return pull;
  }

  close(number: number, by?: string): void {
    const pull = this.require(number);
    if (pull.state === 'closed') return;
    pull.state = 'closed';
    pull.closedAt = this.#touch(pull);
    this.#note(pull, 'closed', by);
    this.#happen(pull, 'closed', by);
  }

  /**
   * @throws Refusal when it is merged, when its branch or its base is gone, or when its branch was rewritten meanwhile:
   * https://github.com/orgs/community/discussions/180175, https://github.com/cli/cli/issues/14223
   */
  reopen(number: number, by?: string): void {
    const pull = this.require(number);
    const sha = this.headRepository(pull)?.branches.get(pull.head.ref);
    const { branches, world } = this.#repository;
    const rewritten = sha && !world.commits.ancestors(sha).includes(pull.head.sha);
    if (!sha || pull.merged || rewritten || !branches.has(pull.base.ref))
      throw new Refusal(422, 'Validation Failed', [{ resource: 'PullRequest', field: 'state', code: 'invalid' }]);
    if (pull.state === 'open') return;
    pull.state = 'open';
    pull.closedAt = null;
    pull.head.sha = sha;
    this.#touch(pull);
    this.#note(pull, 'reopened', by);
    this.#happen(pull, 'reopened', by);
  }

  /** Pushes a commit to its branch. @returns the new head */
  push(number: number, by?: string): string {
    const pull = this.require(number);
    return this.#headOf(pull).push(pull.head.ref, { by: by ?? pull.user });
  }

  /** Replaces its commits by another one on its base. @returns the new head */
  forcePush(number: number, by?: string): string {
    const pull = this.require(number);
    const onto = this.#repository.branches.get(pull.base.ref)!;
    return this.#headOf(pull).forcePush(pull.head.ref, { by: by ?? pull.user, onto });
  }

  /** @throws Refusal 405 when it is closed, a draft or conflicted. @returns the commit on the base */
  merge(
    number: number,
    { by, method = 'merge', sha: known }: { by?: string; method?: 'merge' | 'squash'; sha?: string } = {},
  ): string {
    const pull = this.require(number);
    if (pull.state === 'closed' || pull.draft || pull.conflicted)
      throw new Refusal(405, 'Pull Request is not mergeable');
    const { world, branches, owner } = this.#repository;
    const sender = by ?? owner.login;
    const tip = branches.get(pull.base.ref)!;
    const parents = method === 'merge' ? [tip, pull.head.sha] : [tip];
    const sha =
      world.commits.get(known ?? '')?.sha ??
      world.commits.create(parents, { message: `${pull.title} (#${number})`, author: sender }).sha;
    pull.state = 'closed';
    const at = this.#touch(pull);
    pull.closedAt = at;
    pull.merged = { at, by: sender, sha };
    this.#note(pull, 'merged', by, { commit: sha });
    this.#note(pull, 'closed', by);
    this.#repository.push(pull.base.ref, { by: sender, sha });
    this.#happen(pull, 'closed', sender);
    return sha;
  }

  /** https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/proposing-changes-to-your-work-with-pull-requests/changing-the-base-branch-of-a-pull-request */
  retarget(number: number, base: string, by?: string): void {
    const pull = this.require(number);
    if (pull.state === 'closed') throw new Refusal(422, 'Cannot change the base branch of a closed pull request.');
    const from = pull.base;
    pull.base = { ref: base, sha: this.#repository.branches.get(base)! };
    this.#touch(pull);
    this.#note(pull, 'base_ref_changed', by);
    this.#happen(pull, 'edited', by, { changes: { base: { ref: { from: from.ref }, sha: { from: from.sha } } } });
  }

  rename(number: number, title: string, by?: string): void {
    const pull = this.require(number);
    const from = pull.title;
    pull.title = title;
    this.#touch(pull);
    this.#note(pull, 'renamed', by, { rename: { from, to: title } });
    this.#happen(pull, 'edited', by, { changes: { title: { from } } });
  }

  label(number: number, name: string, by?: string): void {
    const pull = this.require(number);
    const label = this.#repository.labels.get(name);
    if (pull.labels.includes(label.name)) return;
    pull.labels.push(label.name);
    this.#touch(pull);
    this.#note(pull, 'labeled', by, { label: label.name });
    this.#happen(pull, 'labeled', by, { label: label.name });
  }

  /** @returns whether it had the label */
  unlabel(number: number, name: string, by?: string): boolean {
    const pull = this.require(number);
    const label = pull.labels.find((one) => one.toLowerCase() === name.toLowerCase());
    if (label === undefined) return false;
    pull.labels = pull.labels.filter((one) => one !== label);
    this.#touch(pull);
    this.#note(pull, 'unlabeled', by, { label });
    this.#happen(pull, 'unlabeled', by, { label });
    return true;
  }

  draft(number: number, draft: boolean, by?: string): void {
    const pull = this.require(number);
    if (pull.draft === draft) return;
    pull.draft = draft;
    this.#touch(pull);
    this.#note(pull, draft ? 'convert_to_draft' : 'ready_for_review', by);
    this.#happen(pull, draft ? 'converted_to_draft' : 'ready_for_review', by);
  }

  /** Somebody changes the base, or mends the branch, so that they conflict, or no longer do. Nothing happens for it. */
  conflict(number: number, conflicted = true): void {
    this.require(number).conflicted = conflicted;
  }

  headRepository(pull: Pull): Repository | undefined {
    return this.#repository.world.repositoryById(pull.head.repository);
  }

  isFromFork(pull: Pull): boolean {
    return pull.head.repository !== this.#repository.id;
  }

  /** The commit of `refs/pull/<n>/head` or `merge`; the latter stays at the last one that could be made. */
  refOf(number: number, kind: 'head' | 'merge'): string | undefined {
    const pull = this.get(number);
    if (!pull || kind === 'head') return pull?.head.sha;
    const base = this.#repository.branches.get(pull.base.ref);
    const { testMerge, head } = pull;
    const stale = testMerge?.base !== base || testMerge?.head !== head.sha;
    if (base && stale && pull.state === 'open' && !pull.conflicted) {
      const { sha } = this.#repository.world.commits.create([base, head.sha], {
        message: `Merge ${head.sha} into ${base}`,
      });
      pull.testMerge = { sha, base, head: head.sha };
    }
    return pull.testMerge?.sha;
  }

  /** A branch got another commit: open pull requests from it are synchronized. */
  headMoved(from: Repository, branch: string, move: { after: string; by: string; forced: boolean }): void {
    for (const pull of this.#pulls) {
      const same = pull.head.repository === from.id && pull.head.ref === branch;
      if (!same || pull.state === 'closed' || pull.head.sha === move.after) continue;
      const before = pull.head.sha;
      pull.head.sha = move.after;
      this.#touch(pull);
      if (move.forced) this.#note(pull, 'head_ref_force_pushed', move.by, { commit: move.after });
      this.#happen(pull, 'synchronize', move.by, { before, after: move.after });
    }
  }

  branchDeleted(from: Repository, branch: string, by: string, how: 'page' | 'api'): void {
    for (const pull of this.#pulls) {
      if (pull.head.repository === from.id && pull.head.ref === branch) {
        this.#note(pull, 'head_ref_deleted', by);
        this.close(pull.number, by);
      }
    }
    if (from !== this.#repository) return;
    const merged =
      how === 'page' &&
      this.#pulls.findLast((pull) => pull.merged && pull.head.repository === from.id && pull.head.ref === branch);
    for (const pull of this.#pulls)
      if (pull.state === 'open' && pull.base.ref === branch) {
        if (merged) this.retarget(pull.number, merged.base.ref, by);
        else this.close(pull.number, by);
      }
  }

  #headOf(pull: Pull): Repository {
    const repository = this.headRepository(pull);
    if (!repository) throw new Error(`The repository of pull request ${pull.number} is deleted.`);
    return repository;
  }

  #touch(pull: Pull): string {
    pull.updatedAt = isoTime(this.#repository.world.clock.now());
    return pull.updatedAt;
  }

  #note(pull: Pull, event: IssueEvent['event'], by?: string, more: Partial<IssueEvent> = {}): void {
    const { world, owner } = this.#repository;
    const at = isoTime(world.clock.now());
    this.events.push({ id: world.nextId(), issue: pull.number, event, actor: by ?? owner.login, at, ...more });
  }

  #happen(pull: Pull, action: string, by?: string, details: Record<string, unknown> = {}): void {
    const { world, owner } = this.#repository;
    const sender = by ?? owner.login;
    world.happen({ name: 'pull_request', action, repository: this.#repository, sender, pull: pull.number, details });
  }
}
