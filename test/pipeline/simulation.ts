import type {
  ApplyOptions,
  Check,
  CommitOrder,
  Config,
  Deployed,
  Deployment,
  Digest,
  Environment,
  Graph,
  KeptRelease,
  Mark,
  MigrationFile,
  Ports as PipelinePorts,
  Plan,
  PreviewPolicy,
  ProofRequest,
  PrunableRegistry,
  PullRequest,
  Release,
} from '../../pipeline/mod.ts';
import {
  cleanup,
  parseConfig,
  parseEnvironment,
  preview,
  promote,
  pruneReleases,
  resume,
  rollback,
  start,
  UserError,
  unmigrated,
} from '../../pipeline/mod.ts';
import { sampleGraph, sampleRelease, service } from './sample-graph.ts';

type Ports = PipelinePorts & { registry: PrunableRegistry };

/**
 * A world in memory with a virtual clock, in which every touch of a port is a point where the running processes
 * interleave as the test decides, and where any of them can be killed.
 */
export class World {
  readonly pullRequests = new Map<number, PullRequest>();
  /** By the name, or by `<application>/<name>` of another application than the usual one. */
  readonly environments = new Map<string, SimulatedEnvironment>();
  /** Of the usual application. */
  readonly comments = new Map<number, string>();
  /** Of the default branch, oldest first. */
  readonly commits: string[] = [];
  policy: PreviewPolicy | undefined;
  proof: ProofRequest['proof'];
  config: Config = config;
  readonly releases = new Map<Digest, Release>();
  /** When releases were kept, newest first. */
  kept: KeptRelease[] = [];
  /** Of all environments, newest first. */
  readonly deployments: Deployment[] = [];
  /** What the sources under a root are. */
  readonly sources = new Map<string, Graph>();
  readonly missingSecrets = new Set<string>();
  /** Heads whose release never becomes healthy. */
  readonly unhealthy = new Set<string>();
  /** Heads whose release answers, but with an error. */
  readonly broken = new Set<string>();
  /** Whether the target goes back by itself when a new release does not pass. */
  canary = false;
  /** Whether time stands still, so that everything is recorded in the same moment. */
  frozen = false;
  /** How many of the next destructions stop half-way. */
  failingDestructions = 0;
  /** What must never happen and did. */
  readonly violations: string[] = [];
  /** Everything that was done, in order. */
  readonly log: string[] = [];

  readonly #processes: Process[] = [];
  readonly #turns = new Map<string, { process: Process; begin: () => void }[]>();
  /** The newest commit that a release was promoted from. */
  readonly #promoted = new Map<Digest, string>();
  #now = Date.UTC(2026, 0, 1);

  start<T>(name: string, work: (ports: Ports) => Promise<T>, of = application): Process<T> {
    const process = new Process<T>(name, of);
    this.#processes.push(process as Process);
    process.finished = this.#point(process as Process, 'start')
      .then(() => work(this.#portsOf(process as Process)))
      .then(
        (value) => {
          process.value = value;
          process.done = true;
        },
        (error: unknown) => {
          process.error = error;
          process.done = true;
          if (!(error instanceof UserError)) this.violations.push(`${name} threw ${error}`);
        },
      );
    return process;
  }

  /** Kills a process where it is; the system frees what it held. */
  crash(process: Process<unknown>): void {
    process.dead = true;
    process.pending.length = 0;
    for (const queue of this.#turns.values()) {
      const index = queue.findIndex((turn) => turn.process === process);
      if (index === -1) continue;
      queue.splice(index, 1);
      if (index === 0) queue[0]?.begin();
    }
  }

  /** The processes that can take a step now. */
  ready(): Process[] {
    return this.#processes.filter(({ pending }) => pending.length > 0);
  }

  /** The processes that have neither ended nor been killed. */
  alive(): Process[] {
    return this.#processes.filter(({ done, dead }) => !done && !dead);
  }

  /** Lets a process do its next touch of a port, and everything up to the one after. */
  async step(process: Process<unknown>): Promise<void> {
    const next = process.pending.shift();
    if (!next) throw new Error(`${process.name} cannot go on`);
    if (!this.frozen) this.#now += 1000;
    this.log.push(`${process.name}: ${next.label}`);
    next.go();
    await macrotask();
  }

  /** Runs one process alone until it is about to do what `label` says. */
  async until(process: Process<unknown>, label: string): Promise<void> {
    await macrotask();
    while (process.pending[0]?.label !== label) await this.step(process);
  }

  /** Runs until nothing can go on; `pick` chooses who is next. */
  async settle(pick: (count: number) => number = () => 0): Promise<void> {
    await macrotask();
    for (let ready = this.ready(); ready.length > 0; ready = this.ready()) await this.step(ready[pick(ready.length)]!);
    const stuck = this.alive();
    if (stuck.length > 0) this.violations.push(`stuck: ${stuck.map(({ name }) => name).join(', ')}`);
  }

  // What people do, and the runs that it wakes.

  open(number: number, head: string, graph = graphOf(head)) {
    this.sources.set(head, graph);
    this.change(number, { state: 'open', head });
    return this.wake(number, head);
  }

  push(number: number, head: string, graph = graphOf(head)) {
    return this.open(number, head, graph);
  }

  /** What somebody does to a pull request, without any event of it. */
  change(number: number, change: Partial<PullRequest>): PullRequest {
    const changed = { number, state: 'open' as const, head: '', ...this.pullRequests.get(number), ...change };
    this.pullRequests.set(number, changed);
    return changed;
  }

  close(number: number, of = application) {
    this.change(number, { state: 'closed' });
    return this.start(`closed ${number}`, (ports) => cleanup({ application: of, pullRequest: number }, ports), of);
  }

  /** An event of the pull request, possibly one that comes late or twice. */
  wake(pullRequest: number, head: string, { root = head, base, of = application }: Wake = {}) {
    const source = { root, head, ...(base !== undefined && { base }) };
    const request = { application: of, pullRequest, source, config: this.config, ...this.#policy() };
    return this.start(`preview ${pullRequest} ${root}`, (ports) => preview(request, ports), of);
  }

  /** A commit on the default branch with these sources. */
  merge(head: string, graph = graphOf(head), options: ProofRequest = {}, check?: Check) {
    this.sources.set(head, graph);
    const commit = this.commits.includes(head) ? `${head}#${this.commits.length}` : head;
    this.commits.push(commit);
    return this.promote(head, commit, options, check);
  }

  /** The run of a commit, possibly one that comes late or twice. */
  promote(root: string, commit: string, options: ProofRequest = {}, check?: Check, of = application) {
    const proof = { ...(this.proof && { proof: this.proof }), ...options };
    const environment = parseEnvironment(of, 'production');
    const request = { environment, root, config: this.config, commit, ...proof, ...(check && { check }) };
    const process = this.start(`promote ${root}`, (ports) => promote(request, ports), of);
    process.required = proof.proof === 'required' && proof.accept === undefined;
    return process;
  }

  rollback(to?: string) {
    return this.start('rollback', (ports) =>
      rollback({ environment: production, config, ...(to !== undefined && { to }) }, ports),
    );
  }

  resume() {
    return this.start('resume', (ports) => resume({ environment: production }, ports));
  }

  restart() {
    return this.start('restart', (ports) => start({ environment: production, config }, ports));
  }

  /** As when the machine was switched off: everything is still there, and nothing runs. */
  stop(name: string): void {
    this.environments.get(name)!.state = 'stopped';
  }

  sweep(of = application) {
    return this.start('sweep', (ports) => cleanup({ application: of, ...this.#policy() }, ports), of);
  }

  #policy(): { policy?: PreviewPolicy } {
    return this.policy ? { policy: this.policy } : {};
  }

  prune(keep = 1) {
    return this.start('prune', (ports) => pruneReleases({ application, keep }, ports));
  }

  /** Nothing happens for so long that nothing that is kept is young any more. */
  night(): void {
    this.#now += 7_200_000;
  }

  /** The head whose sources an environment runs; undefined when it is not there or does not answer. */
  running(name: string): string | undefined {
    const environment = this.environments.get(name);
    return environment?.state === 'running' ? this.#headOf(environment.release) : undefined;
  }

  #headOf(digest: Digest | undefined): string | undefined {
    const graph = digest && JSON.stringify(this.releases.get(digest)?.content.graph);
    return [...this.sources].find(([, source]) => JSON.stringify(source) === graph)?.[0];
  }

  /** The history of an environment in short, oldest first. */
  history(name: string): string[] {
    return this.deployments
      .filter(({ environment }) => environment.name === name)
      .map(({ action, status }) => `${action} ${status}`)
      .reverse();
  }

  #point(process: Process, label: string): Promise<void> {
    return new Promise((go) => {
      if (!process.dead) process.pending.push({ label, go });
    });
  }

  #portsOf(process: Process): Ports {
    /** A touch of a port: waits for its turn, then happens at once. */
    const touch =
      <A extends unknown[], T>(label: string, effect: (...args: A) => T) =>
      async (...args: A): Promise<T> => {
        await this.#point(process, label);
        return structuredClone(effect(...args));
      };
    return {
      target: {
        name: 'local',
        secrets: {
          set: unused,
          remove: unused,
          list: unused,
          missing: touch('missing secrets', (_environment, names: string[]) =>
            names.filter((name) => this.missingSecrets.has(name)).sort(),
          ),
        },
        list: touch('list', (of?: string) =>
          [...this.environments.values()]
            .filter(({ environment }) => of === undefined || environment.application === of)
            .map(deployedOf),
        ),
        read: touch('read', (wanted: Environment) => {
          const environment = this.environments.get(keyOf(wanted));
          return environment && deployedOf(environment);
        }),
        apply: (plan, _report, options) => this.#apply(process, plan, options),
        destroy: (environment) => this.#destroy(process, environment),
        logs: unused,
        trigger: unused,
      },
      builder: {
        build: touch('build', (root: string) => sampleRelease(this.sources.get(root)!, root)),
      },
      registry: {
        put: touch('put', (release: Release, { environment, at }: Mark) => {
          this.releases.set(release.digest, release);
          this.kept.unshift({
            digest: release.digest,
            ...(environment !== undefined && { environment }),
            at: at.toISOString(),
          });
        }),
        get: touch('get', (digest: Digest) => this.releases.get(digest)),
        list: touch('releases', () => this.kept),
        remove: touch('remove releases', (digests: readonly Digest[], options: { now: Date }) =>
          this.#remove(digests, options.now),
        ),
      },
      forge: {
        pullRequest: touch('pull request', (number: number) => this.pullRequests.get(number)),
        openPullRequests: unused,
        comment: touch('comment', (number: number, text: string) => {
          if (process.of === application) this.comments.set(number, text);
        }),
        record: async (deployment) => {
          await this.#point(process, `record ${deployment.action} ${deployment.status}`);
          this.deployments.unshift(structuredClone(deployment));
        },
        deployments: touch('deployments', (wanted: Environment) =>
          this.deployments.filter(({ environment }) => keyOf(environment) === keyOf(wanted)),
        ),
        compareCommits: touch('compare', (commit: string, other: string) => this.#compare(commit, other)),
        deploymentsOf: touch('deployments of', (of: string, digest: Digest) =>
          this.deployments.filter(({ environment, release }) => environment.application === of && release === digest),
        ),
      },
      lock: { hold: (environment, work) => this.#hold(process, environment, work) },
      clock: { now: () => new Date(this.#now) },
      prober: {
        get: touch('probe', (url: string) => this.#answer(new URL(url))),
        wait: touch('wait', (milliseconds: number) => {
          this.#now += milliseconds;
        }),
      },
      report: { step: (_title, work) => work(), info: () => {}, warn: () => {} },
    };
  }

  #remove(digests: readonly Digest[], now: Date) {
    const young = this.kept.filter(({ at }) => now.getTime() - Date.parse(at) < 3_600_000).map(({ digest }) => digest);
    const releases = digests.filter((digest) => !young.includes(digest));
    for (const digest of releases) this.releases.delete(digest);
    this.kept = this.kept.filter(({ digest }) => !releases.includes(digest));
    for (const { environment, release } of this.environments.values())
      if (release && !this.releases.has(release)) this.violations.push(`${environment.name} runs what is not kept`);
    return { releases, spared: digests.filter((digest) => young.includes(digest)), images: [] };
  }

  #compare(commit: string, other: string): CommitOrder {
    if (commit === other) return 'same';
    const [index, otherIndex] = [this.commits.indexOf(commit), this.commits.indexOf(other)];
    if (index === -1 || otherIndex === -1) return 'unrelated';
    return index < otherIndex ? 'before' : 'after';
  }

  #answer({ host, pathname }: URL) {
    const environment = [...this.environments.values()].find((one) => new URL(urlOf(one)).host === host);
    const head = this.#headOf(environment?.release) ?? '';
    if (!environment?.release) return { failure: 'nobody is there' };
    return this.broken.has(head)
      ? { status: 500, body: `broken\n${pathname}` }
      : { status: 200, body: `all is well with ${head}` };
  }

  async #hold<T>(process: Process, environment: Environment, work: () => Promise<T>): Promise<T> {
    const name = keyOf(environment);
    await this.#point(process, `lock ${name}`);
    const queue = this.#turns.get(name) ?? [];
    this.#turns.set(name, queue);
    await new Promise<void>((begin) => {
      queue.push({ process, begin });
      if (queue.length === 1) begin();
    });
    try {
      return await work();
    } finally {
      queue.shift();
      queue[0]?.begin();
    }
  }

  async #apply(process: Process, plan: Plan, { verify }: ApplyOptions = {}) {
    const name = keyOf(plan.environment);
    await this.#point(process, 'apply');
    this.#checkHold(process, plan);
    if (plan.environment.type === 'production') this.#checkPromotion(process, plan);
    if (plan.environment.type === 'preview') this.#checkIsolation(plan);
    const environment: SimulatedEnvironment = this.environments.get(name) ?? {
      environment: plan.environment,
      state: 'incomplete',
      migrated: new Map(),
    };
    this.environments.set(name, environment);
    this.#occupy(process, environment);
    await this.#point(process, 'migrate');
    this.#migrate(environment, plan);
    await this.#point(process, 'start processes');
    const { digest } = plan.release;
    if (this.unhealthy.has(this.#headOf(digest) ?? '')) {
      environment.busy = undefined;
      throw new UserError({ code: 'FL4999', severity: 'error', message: 'it does not answer', help: 'Mend it.' });
    }
    const former = environment.release;
    const same = former === digest && environment.state === 'running';
    await this.#point(process, 'switch over');
    this.#checkOrder(process, environment, plan);
    Object.assign(environment, { release: digest, state: 'running', busy: undefined });
    if (!this.releases.has(digest)) this.violations.push(`${name} was brought to what is not kept`);
    this.#checkSchema(environment, plan.release);
    const processes = plan.processes.map((planned) => planned.name);
    try {
      await verify?.(urlOf(environment));
    } catch (error) {
      if (this.canary && former) Object.assign(environment, { release: former });
      throw error;
    }
    return {
      url: urlOf(environment),
      release: digest,
      started: same ? [] : processes,
      kept: same ? processes : [],
      migrations: [],
    };
  }

  async #destroy(process: Process, destroyed: Environment) {
    const name = keyOf(destroyed);
    await this.#point(process, 'destroy');
    const environment = this.environments.get(name);
    if (!environment) return { removed: [], left: [] };
    this.#occupy(process, environment);
    Object.assign(environment, { state: 'incomplete', release: undefined });
    await this.#point(process, 'drop databases');
    environment.busy = undefined;
    if (this.failingDestructions > 0) {
      this.failingDestructions -= 1;
      return { removed: ['its processes'], left: [{ what: 'its database', why: 'someone is connected' }] };
    }
    this.environments.delete(name);
    return { removed: ['its processes', 'its database'], left: [] };
  }

  /** Two at once on one environment must never be; a dead process is nobody. */
  #occupy(process: Process, simulated: SimulatedEnvironment): void {
    const { busy, environment } = simulated;
    if (busy && !busy.dead) this.violations.push(`${process.name} and ${busy.name} at once on ${environment.name}`);
    simulated.busy = process;
  }

  /** Only what was proven or accepted, or ran before, may run. */
  #checkPromotion(process: Process, { release: { digest } }: Plan): void {
    if (!process.required) return;
    const proven = this.deployments.some(
      ({ environment, action, status, release }) =>
        environment.type === 'preview' && action === 'preview' && status === 'success' && release === digest,
    );
    const ran = this.#promoted.has(digest);
    if (!proven && !ran) this.violations.push(`${process.name} brings what is not proven`);
  }

  /** What comes from a fork never gets secrets. */
  #checkIsolation({ environment, isolated }: Plan): void {
    const fork = this.pullRequests.get(environment.pullRequest ?? 0)?.fork;
    if (fork && !isolated) this.violations.push(`${environment.name} of a fork gets secrets`);
  }

  /** A promotion never goes back to an ancestor of what runs; a rollback may, and what a promotion puts back. */
  #checkOrder(process: Process, environment: SimulatedEnvironment, { release }: Plan): void {
    if (environment.environment.type !== 'production') return;
    const { digest, source } = release;
    const forwards = process.name.startsWith('promote') && !process.forwards;
    if (!forwards) {
      environment.commit = this.#promoted.get(digest);
      return;
    }
    process.forwards = true;
    const { commit = '' } = source;
    if (environment.commit !== undefined && this.#compare(commit, environment.commit) === 'before')
      this.violations.push(`${process.name} goes back from ${environment.commit} to ${commit}`);
    environment.commit = commit;
    const known = this.#promoted.get(digest);
    if (known === undefined || this.#compare(known, commit) === 'before') this.#promoted.set(digest, commit);
  }

  #checkHold(process: Process, { environment: held, release }: Plan): void {
    const { name } = held;
    const last = this.deployments.find(
      ({ environment, action, status }) =>
        keyOf(environment) === keyOf(held) && status === 'success' && (action === 'rollback' || action === 'resume'),
    );
    if (last?.action === 'rollback' && last.release !== release.digest && process.name !== 'rollback') {
      this.violations.push(`${process.name} on ${name}, which is held`);
    }
  }

  /** As the migration tool does: only versions above the newest applied, whatever their text. */
  #migrate({ migrated }: SimulatedEnvironment, { release }: Plan): void {
    for (const { name, migrations } of release.content.graph.databases) {
      const applied = migrated.get(name) ?? [];
      const head = applied.at(-1)?.version ?? unmigrated;
      migrated.set(name, [...applied, ...(migrations?.files ?? []).filter(({ version }) => version > head)]);
    }
  }

  /** No code may run on a schema that it was not written for. */
  #checkSchema({ environment, migrated }: SimulatedEnvironment, { content }: Release): void {
    for (const { name, migrations } of content.graph.databases) {
      const files = migrations?.files ?? [];
      const applied = migrated.get(name) ?? [];
      const text = (file: MigrationFile) => `${file.version} ${file.hash}`;
      const foreign = files.filter((file) => !applied.some((other) => text(other) === text(file)));
      const breaking = applied.filter(
        ({ version, statements }) =>
          version > (files.at(-1)?.version ?? 0) && statements.some(({ safety }) => safety === 'destructive'),
      );
      if (foreign.length + breaking.length > 0) this.violations.push(`${environment.name} runs on a wrong schema`);
    }
  }
}

/** A run of the command line: one use case. Named, so that a log of a failure can be read. */
export class Process<T = unknown> {
  readonly name: string;
  /** The touches of ports that it waits to do; more than one where it does not wait for each other's end. */
  readonly pending: { label: string; go: () => void }[] = [];
  dead = false;
  done = false;
  value: T | undefined;
  error: unknown;
  finished: Promise<void> | undefined;
  /** The application. */
  readonly of: string;
  /** Whether it may promote only what is proven. */
  required = false;
  /** Whether it has rolled something out. */
  forwards = false;

  constructor(name: string, of = application) {
    this.name = name;
    this.of = of;
  }
}

interface SimulatedEnvironment {
  environment: Environment;
  state: Deployed['state'];
  release?: Digest | undefined;
  /** What production runs comes from. */
  commit?: string | undefined;
  migrated: Map<string, MigrationFile[]>;
  busy?: Process | undefined;
}

/** Of what sources, where that is not plain from the head. */
interface Wake {
  root?: string;
  base?: string;
  of?: string;
}

export const application = 'shop';
export const config = parseConfig('{}', 'fairlead.json');
export const production = parseEnvironment(application, 'production');

/** A Graph like no other head's. */
export function graphOf(head: string, parts: Partial<Graph> = {}): Graph {
  return sampleGraph({
    services: [service('orders', { directory: head })],
    ...parts,
  });
}

function keyOf({ application: of, name }: Environment): string {
  return of === application ? name : `${of}/${name}`;
}

function urlOf({ environment }: SimulatedEnvironment): string {
  return `http://${keyOf(environment).split('/').reverse().join('.')}.test`;
}

function deployedOf(simulated: SimulatedEnvironment): Deployed {
  const { environment, state, release, migrated } = simulated;
  const schema = Object.fromEntries([...migrated].map(([name, files]) => [name, files.at(-1)?.version ?? 0]));
  return {
    environment,
    state,
    url: urlOf(simulated),
    processes: [],
    schema,
    updated: '2026-01-01T00:00:00Z',
    ...(release && { release }),
  };
}

function unused(): never {
  throw new Error('no use case needs this');
}

/** Long enough for everything that was resolved to run on to its next point. */
function macrotask(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
