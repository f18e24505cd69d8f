import type {
  ApplyOptions,
  Deployed,
  Digest,
  Environment,
  KeptRelease,
  Mark,
  Plan,
  Ports,
  Registry,
  Release,
  Target,
} from '../../pipeline/mod.ts';
import { UserError } from '../../pipeline/mod.ts';
import type { VirtualClock } from '../harness/clock.ts';
import type { Job } from '../harness/job.ts';

/** What runs somewhere, and for which commit it was put there. */
export interface Standing {
  environment: Environment;
  state: Deployed['state'];
  release?: Digest;
  commit?: string;
  /** What was put here to the end, and by which job, in order. */
  history: { commit: string; by: string }[];
  busy?: Job;
}

/** How a job touches the cloud: each touch takes a while, in which others go on and the job may be lost. */
export interface Touching {
  job: Job;
  point(label: string): Promise<void>;
}

/**
 * The environments of a cloud and the releases of its registry, as every job sees them. It has no lock of its own: that no two
 * jobs change one environment at once is for the workflows to see to, and it is noted when they do not.
 */
export class Cloud {
  readonly environments = new Map<string, Standing>();
  readonly releases = new Map<Digest, Release>();
  readonly kept: KeptRelease[] = [];
  /** Commits whose release never becomes healthy. */
  readonly unhealthy = new Set<string>();
  /** How many of the next destructions stop half-way. */
  failingDestructions = 0;
  readonly violations: string[] = [];
  /** Environments that were ever put up with the values of secrets. */
  readonly withSecrets = new Set<string>();
  /** The roles that jobs have assumed. */
  readonly roles = new Map<Job, string>();
  readonly #clock: VirtualClock;
  readonly #repository: string;

  constructor(clock: VirtualClock, repository: string) {
    this.#clock = clock;
    this.#repository = repository;
  }

  target(touching: Touching): Target {
    const { point } = touching;
    return {
      name: 'aws',
      secrets: { set: unused, remove: unused, list: unused, missing: async () => [] },
      list: async (application) => {
        await point('list environments');
        return [...this.environments.values()]
          .filter(({ environment }) => application === undefined || environment.application === application)
          .map((standing) => this.#deployed(standing));
      },
      read: async (environment) => {
        await point('read environment');
        const standing = this.environments.get(keyOf(environment));
        return standing && this.#deployed(standing);
      },
      apply: (plan, _report, options) => this.#apply(plan, options, touching),
      destroy: (environment) => this.#destroy(environment, touching),
      logs: unused,
      trigger: unused,
    };
  }

  registry({ point }: Touching): Registry {
    return {
      put: async (release: Release, { environment, at }: Mark) => {
        await point('keep release');
        this.releases.set(release.digest, release);
        const name = environment === undefined ? {} : { environment };
        this.kept.unshift({ digest: release.digest, ...name, at: at.toISOString() });
      },
      get: async (digest: Digest) => {
        await point('read release');
        return structuredClone(this.releases.get(digest));
      },
      list: async (environment?: string) => {
        await point('list releases');
        return this.kept.filter((one) => environment === undefined || one.environment === environment);
      },
    };
  }

  /** The concurrency group of the job is the lock. */
  readonly lock: Ports['lock'] = { hold: (_environment, work) => work() };

  #deployed({ environment, state, release }: Standing): Deployed {
    return {
      environment,
      state,
      url: urlOf(environment),
      processes: [],
      schema: {},
      updated: this.#clock.now().toISOString(),
      repository: this.#repository,
      ...(release && { release }),
    };
  }

  async #apply(plan: Plan, { verify }: ApplyOptions = {}, { job, point }: Touching) {
    const { environment, release } = plan;
    const key = keyOf(environment);
    await point(`apply ${key}`);
    this.#authorize(environment, job);
    const standing: Standing = this.environments.get(key) ?? { environment, state: 'incomplete', history: [] };
    this.environments.set(key, standing);
    this.#occupy(standing, job);
    if (!plan.isolated) this.withSecrets.add(key);
    const same = standing.release === release.digest && standing.state === 'running';
    await point('migrate');
    await point('start processes');
    const commit = release.source.commit ?? '';
    if (this.unhealthy.has(commit)) {
      delete standing.busy;
      throw new UserError({ code: 'FL4999', severity: 'error', message: 'it does not answer', help: 'Mend it.' });
    }
    Object.assign(standing, { state: 'running', release: release.digest, commit });
    standing.history.push({ commit, by: job.path });
    await point('switch over');
    delete standing.busy;
    await verify?.(urlOf(environment));
    const processes = plan.processes.map(({ name }) => name);
    return {
      url: urlOf(environment),
      release: release.digest,
      started: same ? [] : processes,
      kept: same ? processes : [],
      migrations: [],
    };
  }

  async #destroy(environment: Environment, { job, point }: Touching) {
    const key = keyOf(environment);
    await point(`destroy ${key}`);
    this.#authorize(environment, job);
    const standing = this.environments.get(key);
    if (!standing) return { removed: [], left: [] };
    this.#occupy(standing, job);
    standing.state = 'incomplete';
    delete standing.release;
    delete standing.commit;
    await point('drop databases');
    delete standing.busy;
    if (this.failingDestructions > 0) {
      this.failingDestructions--;
      return { removed: ['its processes'], left: [{ what: 'its database', why: 'someone is connected' }] };
    }
    this.environments.delete(key);
    return { removed: ['its processes', 'its database'], left: [] };
  }

  /** Previews have roles of their own, which can do nothing to what lives on. */
  #authorize({ type, name }: Environment, job: Job): void {
    const role = this.roles.get(job);
    const allowed = type === 'preview' ? ['preview', 'preview-fork'] : [name];
    if (role === undefined || !allowed.includes(role))
      throw new Error(`AccessDenied: ${job.name} as ${role} on ${name}`);
  }

  /** Two at once on one environment must never be; one whose job is over is nobody. */
  #occupy(standing: Standing, job: Job): void {
    const { busy } = standing;
    if (busy && busy !== job && busy.state === 'running') {
      this.violations.push(`${job.name} and ${busy.name} at once on ${keyOf(standing.environment)}`);
    }
    standing.busy = job;
  }
}

export function keyOf({ application, name }: Environment): string {
  return `${application}/${name}`;
}

function urlOf({ application, name }: Environment): string {
  return `https://${name}.${application}.test`;
}

function unused(): never {
  throw new Error('no workflow needs this');
}
