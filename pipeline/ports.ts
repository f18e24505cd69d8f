import type { Position } from '../analyzer/mod.ts';
import type { Config } from './config.ts';
import type { Environment } from './environment.ts';
import type { Plan } from './plan.ts';
import type { Digest, Release, Source } from './release.ts';

/** Everything a use case touches the world through. */
export interface Ports {
  target: Target;
  builder: Builder;
  registry: Registry;
  forge: Forge;
  lock: Lock;
  clock: Clock;
  prober: Prober;
  report: Reporter;
}

/** Progress of long work; the edge decides how it looks. `step` runs the work and reports its start, end and failure. */
export interface Reporter {
  step<T>(title: string, work: () => Promise<T>): Promise<T>;
  info(message: string): void;
  warn(message: string): void;
}

/** A place environments can be put. Three implementations, one conformance suite: `test/conformance/target.ts`. */
export interface Target {
  readonly name: 'local' | 'aws' | 'gcp';
  readonly secrets: SecretStore;
  /** Where that is, such as `the AWS account 123456789012 in eu-central-1`: asked where nothing is found. @default this machine */
  where?(): Promise<string>;
  /** The environments that exist; of one application, or all. What exists is the truth, whatever anyone remembers. */
  list(application?: string): Promise<Deployed[]>;
  read(environment: Environment): Promise<Deployed | undefined>;
  /**
   * Brings the environment to the plan. Running it again converges, also after a crash at any step.
   * @throws UserError when the new release is refused; the former one is then still answering. When secrets have no value it is
   * refused before anything changes, with one diagnostic for each. What `verify` throws, unchanged: the former release then answers
   * again where the target can tell them apart, as a canary can; elsewhere the caller brings it back.
   */
  apply(plan: Plan, report: Reporter, options?: ApplyOptions): Promise<Outcome>;
  /** Removes every trace. Idempotent; what is not there counts as removed. */
  destroy(environment: Environment, report: Reporter): Promise<Destroyed>;
  logs(environment: Environment, options: LogOptions): AsyncIterable<LogLine>;
  /** Runs a cron job now and waits for its end. */
  trigger(environment: Environment, cronJob: string): Promise<void>;
  /** What only a cloud can do; absent where environments are on this machine. */
  readonly cloud?: Cloud;
}

/** What a target in a cloud does besides: everything that has to do with resources it does not run itself. */
export interface Cloud {
  /** What applying a plan would do to resources. Changes nothing that runs. */
  foresee(plan: Plan, report: Reporter): Promise<Foresight>;
  /** What somebody changed by hand since the last deployment. Reports only. */
  drift(environment: Environment, report: Reporter): Promise<Drift[]>;
  /** Brings what drifted back to what was deployed. Answers what it brought back. */
  revert(environment: Environment, report: Reporter): Promise<Drift[]>;
  /** Takes an environment out of a state in which no deployment can go on. Answers what was wrong and what was done; empty when nothing was. */
  repair(environment: Environment, report: Reporter): Promise<Repair[]>;
  /** What it costs while it is as it is now. */
  cost(environment: Environment): Promise<RunningCost>;
  /** No process runs until it is woken; data stays. */
  sleep(environment: Environment, report: Reporter): Promise<void>;
  wake(environment: Environment, report: Reporter): Promise<void>;
  /** Writes what would be applied into a directory, in the cloud's own format. Answers the files, relative to it. */
  synthesize(plan: Plan, directory: string): Promise<string[]>;
  /** Takes away what lies under all environments of a type; refused while one is there. */
  destroyFoundation(application: string, type: Environment['type'], report: Reporter): Promise<Destroyed>;
}

/** What a deployment would do to the resources of a cloud. */
export interface Foresight {
  resources: ResourceChange[];
  /** Who would be allowed what: apart, since it is what reviewers look at first. */
  permissions: PermissionChange[];
  /** Monthly, in US dollars: `before` is 0 where nothing is. */
  cost: { before: RunningCost; after: RunningCost };
  /** How near each limit is: `template of pr-1`, used, most. */
  limits: { what: string; used: number; most: number }[];
  /** Of migrations that would run. */
  migrations: { database: string; file: string; safety: 'additive' | 'locking' | 'destructive'; reason?: string }[];
}

export interface ResourceChange {
  /** `replace` makes a new one and takes the old one away; data in it is lost where `data` says so. */
  action: 'add' | 'change' | 'replace' | 'destroy';
  /** Of the two stacks: what is shared, or the environment's own. */
  part: 'foundation' | 'environment';
  /** In the words of the Graph: `queue of order-created → analytics`. */
  subject: string;
  /** In those of the cloud: `AWS::SQS::Queue OrderCreatedAnalytics`. */
  resource: string;
  /** What changes of it, such as `visibility timeout 30 → 60 s`; empty when it is added or destroyed. */
  details: string[];
  /** Whether it holds data that goes with it. */
  data: boolean;
  /** The line that causes it. */
  position?: Position;
}

export interface PermissionChange {
  action: 'add' | 'remove';
  /** The process, or `deployer`. */
  who: string;
  /** `sns:Publish on topic order-created`. */
  what: string;
  position?: Position;
}

export interface RunningCost {
  /** US dollars a month. */
  monthly: number;
  /** Of it, what goes when the environment does. @default all of it */
  own?: number;
  items: { what: string; monthly: number }[];
  /** Where the prices are from: region, date and source, in a sentence. */
  source: string;
}

export interface Drift {
  /** In the words of the Graph. */
  subject: string;
  resource: string;
  /** `deleted`: it is gone. */
  kind: 'changed' | 'deleted';
  differences: { property: string; expected: string; actual: string }[];
}

export interface Repair {
  /** What it was, such as `stack fairlead-shop-pr-1 is UPDATE_ROLLBACK_FAILED`. */
  wrong: string;
  done: string;
}

export interface ApplyOptions {
  /**
   * Called when the new release answers at the URL, also when it did before; by a canary twice, before it gets any traffic (at a URL
   * that leads to it alone) and with a part of it. Throws when it does not do what it should.
   */
  verify?: (url: string) => Promise<void>;
  /** Data stores that may be replaced or destroyed with what is in them, by the name of the resource. @default none */
  allowDataLoss?: readonly string[];
}

export interface Deployed {
  environment: Environment;
  /** The release that answers; absent when none ever became healthy. */
  release?: Digest;
  url?: string;
  /** `running`: answers. `stopped`: exists, does not run. `incomplete`: an apply or destroy did not finish, or its databases are down. */
  state: 'running' | 'stopped' | 'incomplete';
  processes: { name: string; state: 'running' | 'restarting' | 'stopped'; pid?: number; port?: number }[];
  /**
   * Per database the version of its newest applied migration, -1 for none; absent when the target cannot tell. After a
   * crash or a refused release only this says how far the databases are ahead of the release that answers.
   */
  schema?: Record<string, number>;
  /**
   * Per database what it remembers itself of the migrations it has seen: the SHA-256 of their files in hex, by version. Tells releases
   * whose migrations it has seen from others. @default nothing is remembered
   */
  remembered?: Record<string, Record<number, string>>;
  /** ISO 8601 in UTC, of the last change. */
  updated: string;
  /** `owner/name` of the repository that put it up; absent when none did. */
  repository?: string;
  /** ISO 8601 in UTC: from when on nobody need keep it; absent when it stays until its pull request closes. */
  expires?: string;
}

export interface Outcome {
  url: string;
  release: Digest;
  /** Processes that were started, and those left alone because nothing of theirs changed. */
  started: string[];
  kept: string[];
  migrations: { database: string; version: number; name: string; milliseconds: number }[];
}

export interface Destroyed {
  /** What was there and is gone, one line each, such as `database shop_pr_1_orders`. */
  removed: string[];
  /** What could not be removed, and why. Empty on success. */
  left: { what: string; why: string }[];
  /** What stays on purpose, such as the last snapshot of a database, by a name to find it by. @default nothing */
  kept?: string[];
}

export interface LogOptions {
  follow: boolean;
  /** Lines from the end to begin with. */
  tail?: number;
  /** The time from which on. @default the first line that is kept */
  since?: Date;
  process?: string;
  signal?: AbortSignal;
}

export interface LogLine {
  process: string;
  /** The line as the process wrote it: JSON where it came from the runtime's logger. */
  text: string;
}

/** A secret belongs to a type of environment, or to one environment, which wins. Values never appear in what is listed. */
export interface SecretStore {
  set(application: string, name: string, value: string, scopes: SecretScope[]): Promise<void>;
  remove(application: string, name: string, scopes: SecretScope[]): Promise<void>;
  list(application: string): Promise<{ name: string; scopes: SecretScope[]; updated: string }[]>;
  /** Of `names`, those without a value in this environment, sorted. */
  missing(environment: Environment, names: string[]): Promise<string[]>;
}

export type SecretScope = { type: Environment['type'] } | { environment: string };

/** Turns sources into a release whose images are where the target can reach them. Same sources, same release. */
export interface Builder {
  build(root: string, config: Config, report: Reporter): Promise<Release>;
}

/** Keeps the releases of one application, beside their images: the only state Fairlead owns. */
export interface Registry {
  /** Keeps a release, whose images are there already, under the name of the environment that it was built for. */
  put(release: Release, mark: Mark): Promise<void>;
  /** With the source it was last built from. Undefined when it is not there. */
  get(digest: Digest): Promise<Release | undefined>;
  /** Newest first; of one environment, or all. A release is there once for each time it was kept. */
  list(environment?: string): Promise<KeptRelease[]>;
}

/** Why and when a release was kept. */
export interface Mark {
  /** The name of the environment. @default for none in particular */
  environment?: string;
  at: Date;
}

export interface KeptRelease {
  digest: Digest;
  environment?: string;
  /** ISO 8601 in UTC, to the second. */
  at: string;
}

/** Where pull requests and deployments live: GitHub, or a stand-in on this machine. */
export interface Forge {
  pullRequest(number: number): Promise<PullRequest | undefined>;
  openPullRequests(): Promise<PullRequest[]>;
  /** One sticky comment per pull request: created or replaced. */
  comment(pullRequest: number, markdown: string): Promise<void>;
  record(deployment: Deployment): Promise<void>;
  /** Newest first; those of one moment in the order in which they were recorded, the last one first. */
  deployments(environment: Environment): Promise<Deployment[]>;
  /** Newest first, in whatever environment of the application: where a release has run before. */
  deploymentsOf(application: string, release: Digest): Promise<Deployment[]>;
  /** How a commit stands to another: `after` when it has the other among its ancestors. `unrelated` also when one is not known. */
  compareCommits(commit: string, other: string): Promise<CommitOrder>;
}

export type CommitOrder = 'same' | 'before' | 'after' | 'unrelated';

export interface PullRequest {
  number: number;
  state: 'open' | 'closed';
  /** What its head is: on this machine the hash of the sources. */
  head: string;
  title?: string;
  /** @default false */
  draft?: boolean;
  /** The names of its labels. */
  labels?: string[];
  author?: { name: string; bot: boolean };
  /** Whether its head lies in another repository. @default false */
  fork?: boolean;
  /** The branch that it shall be merged into. */
  base?: string;
}

/** One entry of an environment's history. A rollback holds the environment until a resume. */
export interface Deployment {
  environment: Environment;
  action: 'preview' | 'promote' | 'rollback' | 'resume' | 'destroy';
  /** `started` is written before anything changes, so that a crash in the middle leaves a trace; a later entry ends it. */
  status: 'started' | 'success' | 'failure';
  release?: Digest;
  source?: Source;
  url?: string;
  reason?: string;
  /** Of a preview: what its reviewers were shown. */
  review?: Review;
  /** ISO 8601 in UTC. */
  at: string;
}

/** What reviewers were shown: the plan of a preview's release for an environment that lives on. */
export interface Review {
  environment: string;
  /** The release that answered there; absent when none did. */
  against?: Digest;
  /** Of the plan's changes, without their places. */
  changes: Digest;
}

/** One at a time per environment, in the order of asking. Freed by the system when its holder dies. */
export interface Lock {
  hold<T>(environment: Environment, work: () => Promise<T>): Promise<T>;
}

export interface Clock {
  now(): Date;
}

/** Asks what was put up, as its users would. */
export interface Prober {
  /** One GET without credentials, in at most so many milliseconds. Follows no redirect, and throws for nothing a server can do. */
  get(url: string, timeout: number): Promise<Answer>;
  /** Waits so many milliseconds. */
  wait(milliseconds: number): Promise<void>;
}

export type Answer =
  | {
      status: number;
      /** As text, at most its first 256 KiB. */
      body: string;
      /** Where a redirect leads to, as it was written. */
      location?: string;
    }
  /** Why there was no answer. */
  | { failure: string };
