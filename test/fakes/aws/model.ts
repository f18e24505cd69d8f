/**
 * How the parts of the fake AWS fit together. A service is a folder under `services/`, made by one function from the world; it answers the
 * operations of its API and backs the resource types of CloudFormation that belong to it. Only behaviour with a source is modelled.
 */

/** The whole fake: one account per id, everything in memory but what tasks and databases really are. */
export interface World {
  /** Where it listens: `http://127.0.0.1:PORT`. For what services hand out as addresses of their own, such as that of a queue. */
  readonly url: string;
  /** Of root, and where calls say nothing else. */
  readonly account: string;
  readonly region: string;
  clock: Clock;
  credentials: Credentials;
  faults: Faults;
  /** Every call that came in, in order: what tests and the bench count. */
  journal: JournalEntry[];
  /** Of one service, by its signing name: `world.service<Ecs>('ecs')`. For what one service of AWS does with another. */
  service<T extends Service>(id: string): T;
  services: ReadonlyMap<string, Service>;
  /** The provider of a CloudFormation type, whichever service has it. */
  provider(type: string): ResourceProvider | undefined;
  /**
   * Whether the caller may do all of this, by IAM. What CloudFormation, ECS and others ask before they act for somebody.
   * @throws AwsError AccessDenied for the first that is not allowed; never when the fake was made without `enforceIam`
   */
  authorize(call: Pick<Call, 'account' | 'region' | 'principal'>, wishes: readonly Wish[]): void;
  /** Seeded: ids and suffixes are the same for the same calls. */
  random: Random;
  /** Stops what was started: processes, servers. */
  dispose(): Promise<void>;
}

/** Time as AWS sees it. Runs with the wall clock times a factor, or stands still until somebody advances it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves when so much virtual time has passed. Rejects with the signal's reason when it is aborted. */
  sleep(milliseconds: number, options?: SleepOptions): Promise<void>;
  /** Moves a clock that stands still, and lets everything happen that is due on the way, in its order. */
  advance(milliseconds: number): Promise<void>;
}

export interface SleepOptions {
  signal?: AbortSignal;
  /**
   * Nobody waits for it: health checks, expiry, long polls. An instant clock leaps to the end of every sleep but these, which it
   * lets end in their order on the way, or by the wall clock.
   * @default false
   */
  background?: boolean;
}

/** Keys that requests are signed with. */
export interface Credentials {
  issue(session: Session): IssuedKeys;
  /** By access key; with sessions that are over. */
  find(accessKeyId: string): (IssuedKeys & { principal: Principal }) | undefined;
}

export type Session = Extract<Principal, { kind: 'role' }>;

export interface IssuedKeys {
  accessKeyId: string;
  secretAccessKey: string;
  /** Absent for keys of root. */
  sessionToken?: string;
}

export interface Random {
  /** From 0 up to, not with, 1. */
  next(): number;
  /** So many characters of the alphabet, lower-case letters and digits unless said. */
  text(length: number, alphabet?: string): string;
}

/** What goes wrong on purpose. */
export interface Faults {
  /** Rules in their order; the first that fits and is not used up wins. Answers a function that takes it away. */
  add(rule: FaultRule): () => void;
  /** Called by the dispatcher before an operation, and by CloudFormation before each step of a resource. */
  check(event: FaultEvent): Promise<void>;
}

export interface FaultEvent {
  service: string;
  operation: string;
  /** The stack or resource it is about, where known: `fairlead-shop-pr-1/Queue`. */
  about?: string;
  /** How many calls came before this one. */
  call: number;
}

export interface FaultRule {
  when: (event: FaultEvent) => boolean;
  /** @default once */
  times?: number;
  effect:
    | { kind: 'error'; code: string; message: string; status?: number }
    /** Takes so much longer. */
    | { kind: 'delay'; milliseconds: number }
    /** Something of the test's own, such as killing the process that called. */
    | { kind: 'do'; work: () => void | Promise<void> };
}

export interface JournalEntry {
  at: number;
  service: string;
  operation: string;
  principal: string;
  input: unknown;
  /** The code of the error that came back. */
  error?: string;
}

export interface Service {
  /** The name that requests are signed for: `cloudformation`, `ecs`, `sqs`. */
  readonly id: string;
  /** By the name of the API's operation. Inputs and outputs have the shapes of the SDK's commands. */
  readonly operations: Record<string, Operation>;
  /** By CloudFormation type. */
  readonly resources?: Record<string, ResourceProvider>;
  /** What IAM is asked for an operation; absent: `<id>:<Operation>` on `*`. */
  authorize?(operation: string, input: never, call: Call): Wish[];
  /** The policy that hangs on a resource of this service, as a document: of a queue, a bucket. Asked for each wish. */
  policyOf?(arn: string): unknown;
  /** Everything of this service that has tags: what the Resource Groups Tagging API finds. */
  tagged?(): Iterable<Tagged>;
  dispose?(): Promise<void>;
}

export interface Tagged {
  arn: string;
  tags: Record<string, string>;
}

// biome-ignore lint/suspicious/noExplicitAny: every operation has a shape of its own.
export type Operation = (input: any, call: Call) => unknown;

/** One action on one resource that somebody wants to do. */
export interface Wish {
  /** `sqs:SendMessage`. */
  action: string;
  /** An ARN, or `*`. */
  resource: string;
  /** Condition keys: `aws:RequestTag/fairlead:app`, `iam:PassedToService`. */
  context?: Record<string, string | string[]>;
}

export interface Call {
  account: string;
  region: string;
  principal: Principal;
  requestId: string;
}

/** Who calls: root of the account may do everything; a role only what its policies and its boundary allow; a service what resources let it. */
export type Principal =
  | { kind: 'root'; account: string }
  | {
      kind: 'role';
      account: string;
      /** Its name, without a path. */
      role: string;
      session: string;
      /** Milliseconds since 1970. */
      expires: number;
      /** Session policies, as documents: the session may do no more than they allow. */
      policies?: unknown[];
      /** Session tags: `aws:PrincipalTag/…`. */
      tags?: Record<string, string>;
    }
  /** `sns.amazonaws.com`, for what one service does with another's resources. */
  | { kind: 'service'; account: string; service: string };

/** An error of an API, in the words of AWS. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** What CloudFormation does with one type of resource. Each is called as whoever works on the stack. */
export interface ResourceProvider {
  /** `id` is what `Ref` gives, and `attributes` what `Fn::GetAtt` gives. */
  create(properties: Properties, context: ResourceContext): Promise<Resource>;
  /** Only with properties that do not need a replacement, by the published resource schemas. */
  update(id: string, properties: Properties, previous: Properties, context: ResourceContext): Promise<Resource>;
  /** Resolves as well when it is not there. */
  delete(id: string, properties: Properties, context: ResourceContext): Promise<void>;
  /** As it really is, for drift; undefined when it is gone. */
  read(id: string, context: ResourceContext): Promise<Properties | undefined>;
  /** Milliseconds of virtual time that each takes, from published figures: cite them. `stabilize` is left out in Express mode. */
  latency?: { create?: number; update?: number; delete?: number; stabilize?: number };
  /** What IAM is asked of whoever works on the stack. @default nothing */
  wishes?(verb: 'create' | 'update' | 'delete', properties: Properties, context: ResourceContext, id?: string): Wish[];
}

// biome-ignore lint/suspicious/noExplicitAny: every type has properties of its own.
export type Properties = Record<string, any>;

export interface Resource {
  id: string;
  attributes?: Record<string, unknown>;
}

export interface ResourceContext extends Call {
  stack: { id: string; name: string };
  logicalId: string;
  /** Of the stack, which every resource gets. */
  tags: Record<string, string>;
  express: boolean;
  /** Aborted when the operation is cancelled or rolled back. */
  signal: AbortSignal;
  /** To be called by what creates and then waits, as soon as there is an id: what is there is deleted even if the waiting fails. */
  initiated(id: string): void;
  /** When it is deleted: whether a snapshot is to be made first, by the policies of the template. */
  snapshot: boolean;
}
