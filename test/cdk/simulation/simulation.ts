import { type AwsImages, createAwsTarget, openAwsImages } from '../../../cdk/mod.ts';
import {
  awsWritten,
  type Environment,
  httpProber,
  type Ports,
  parseConfig,
  parseEnvironment,
  previewEnvironment,
  type Registry,
  type Target,
} from '../../../pipeline/mod.ts';
import { quiet } from '../../conformance/tiny-app.ts';
import { type FakeAws, makeFakeAws } from '../../fakes/aws/fake.ts';
import type { Call, FaultEvent } from '../../fakes/aws/model.ts';
import { seededRandom } from '../../fakes/aws/random.ts';
import { Databases } from './databases.ts';
import { MemoryForge } from './forge.ts';
import { Run } from './run.ts';
import { fill, scriptOf } from './scripts.ts';
import { application, type Sources } from './sources.ts';
import { Traffic } from './traffic.ts';
import { Turns } from './turns.ts';
import { Watchman } from './watchman.ts';

export interface SimulationOptions {
  seed: number;
  sources: Sources;
  /** Takes a guard away: changes what the target of each run is, or what AWS answers. */
  without?: Without;
}

export interface Without {
  target?: (target: Target) => Target;
  aws?: (aws: FakeAws) => void;
  /** Processes write nothing. */
  objects?: boolean;
}

const { random } = Math;

/** Milliseconds that runs wait at least between two looks: more of them would tell nothing else. */
const pace = 8_000;

/** Milliseconds between two looks of the watchman. */
const watch = 5_000;

/** Milliseconds after which a run that has not ended never will. */
const patience = 12 * 3_600_000;

export const production = parseEnvironment(application, 'production');

export const preview = (number: number): Environment => previewEnvironment(application, number);

export const config = parseConfig(
  JSON.stringify({
    environments: {
      production: {
        smoke: { urls: [{ path: '/', contains: 'all is well' }], timeout: '10s' },
        aws: { scaling: { min: 1 }, databases: 'dedicated', natGateways: 1 },
      },
    },
  }),
  'fairlead.json',
);

/** An account of AWS with a clock that stands still between two steps, and the runs that work on it. */
export class Simulation {
  readonly aws: FakeAws;
  readonly forge = new MemoryForge();
  readonly databases: Databases;
  readonly sources: Sources;
  readonly runs: Run[] = [];
  readonly watchman: Watchman;
  /** Sees and does everything. */
  readonly root: Target;
  readonly #images: AwsImages;
  readonly #without: SimulationOptions['without'];
  readonly #troubles: (() => void)[] = [];
  readonly #turns = new Turns();
  readonly #traffic = new Traffic();
  #waits: { run: Run; due: number; wake: () => void }[] = [];

  private constructor(parts: { aws: FakeAws; databases: Databases; images: AwsImages } & SimulationOptions) {
    const { aws, databases, images, sources, without } = parts;
    [this.aws, this.databases, this.#images, this.sources, this.#without] = [aws, databases, images, sources, without];
    this.watchman = new Watchman(aws, databases, sources);
    this.root = createAwsTarget({
      env: aws.env,
      images,
      written: (environment) => awsWritten(config, environment),
      now: () => this.now,
      wait: async () => {},
    });
  }

  static async open(options: SimulationOptions): Promise<Simulation> {
    const { sources, seed, without } = options;
    const databases = new Databases();
    // The target leaves the numbers of its rules to chance.
    const { next } = seededRandom(seed);
    Math.random = next;
    const aws: FakeAws = await makeFakeAws({
      clock: 'manual',
      start: '2026-01-01T00:00:00Z',
      seed,
      containers: (launch) =>
        scriptOf(launch, { sources, databases, fill: without?.objects ? () => {} : (bucket) => fill(aws, bucket) }),
    });
    without?.aws?.(aws);
    const images = openAwsImages({
      env: aws.env,
      provisioner: async () => ({ digest: await sources.provisioner(), from: sources.layout }),
      now: () => aws.world.clock.now(),
    });
    const simulation = new Simulation({ aws, databases, images, ...options });
    await simulation.#begin();
    return simulation;
  }

  get now(): Date {
    return new Date(this.aws.world.clock.now());
  }

  /** The call of somebody who may do everything. */
  get call(): Call {
    const { account, region } = this.aws.world;
    return { account, region, principal: { kind: 'root', account }, requestId: 'simulation' };
  }

  async #begin(): Promise<void> {
    const { world } = this.aws;
    const trust = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: world.account }, Action: 'sts:AssumeRole' }],
    });
    const all = { Effect: 'Allow', Action: '*', Resource: '*' };
    const { faults } = world;
    const add = faults.add.bind(faults);
    faults.add = (rule) => {
      const end = add(rule);
      this.#troubles.push(end);
      return end;
    };
    const { CreateRole, PutRolePolicy } = world.services.get('iam')!.operations;
    await CreateRole!({ RoleName: 'deployer', AssumeRolePolicyDocument: trust }, this.call);
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [all] });
    await PutRolePolicy!({ RoleName: 'deployer', PolicyName: 'all', PolicyDocument }, this.call);
    await this.setSecrets();
    // First of all rules: whoever is dead does nothing more.
    add({
      times: Number.POSITIVE_INFINITY,
      when: (event) => {
        const run = this.callerOf(event);
        if (run) run.calls += 1;
        return run?.dead ?? false;
      },
      effect: { kind: 'error', code: 'Killed', message: 'it was killed' },
    });
  }

  /** Nothing of what was added to go wrong does so any more. */
  endTroubles(): void {
    for (const end of this.#troubles.splice(0)) end();
  }

  async setSecrets(): Promise<void> {
    for (const type of ['preview', 'production'] as const)
      await this.root.secrets.set(application, 'GREETING', 'hello', [{ type }]);
  }

  runOf(principal: string | undefined): Run | undefined {
    const session = principal?.slice(principal.lastIndexOf('/') + 1);
    return this.runs.find((run) => run.session.session === session);
  }

  /** Whose call of an API it is; undefined for what CloudFormation does by itself. */
  callerOf({ service, call }: FaultEvent): Run | undefined {
    return service === 'cloudformation-resource' ? undefined : this.runOf(this.aws.world.journal[call]?.principal);
  }

  /** @param lasts milliseconds that its credentials are good for */
  start(name: string, work: (ports: Ports) => Promise<unknown>, { lasts = patience } = {}): Run {
    const { account } = this.aws.world;
    const session = {
      ...{ kind: 'role' as const, account, role: 'deployer', session: `run-${this.runs.length}` },
      expires: this.now.getTime() + lasts,
    };
    const run = new Run(name, session);
    this.runs.push(run);
    work(this.#portsOf(run)).then(
      (value) => {
        Object.assign(run, { done: true, value });
      },
      (error: unknown) => {
        Object.assign(run, { done: true, error });
      },
    );
    return run;
  }

  /** Lets everything go on: until that much time has passed, or without it until all runs are over. */
  async settle(milliseconds?: number): Promise<void> {
    const end = milliseconds === undefined ? Number.POSITIVE_INFINITY : this.now.getTime() + milliseconds;
    for (const last = this.now.getTime() + patience; ; ) {
      await this.#traffic.quiet();
      this.#waits = this.#waits.filter(({ run }) => !run.isOver);
      const next = this.#waits.toSorted((a, b) => a.due - b.due)[0];
      const busy = this.runs.some(({ isOver }) => !isOver);
      if (!busy || (next && next.due > end)) break;
      if (this.now.getTime() > last) return this.#giveUp();
      // A request that AWS did not take is sent again by the wall clock.
      if (!next) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        continue;
      }
      this.#waits.splice(this.#waits.indexOf(next), 1);
      await this.#advance(next.due);
      next.wake();
    }
    if (milliseconds !== undefined) await this.#advance(end);
    this.watchman.look();
  }

  #giveUp(): void {
    for (const run of this.runs.filter(({ isOver }) => !isOver)) {
      this.watchman.violations.push(`${run.name} does not end`);
      run.kill();
    }
  }

  async #advance(to: number): Promise<void> {
    const { clock } = this.aws.world;
    for (let left = to - clock.now(); left > 0; left = to - clock.now()) {
      await clock.advance(Math.min(left, watch));
      this.watchman.look();
    }
  }

  #portsOf(run: Run): Ports {
    const { accessKeyId, secretAccessKey, sessionToken } = this.aws.world.credentials.issue(run.session);
    const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
    const wait = (milliseconds: number) =>
      new Promise<void>((wake) => {
        this.#waits.push({ run, due: this.now.getTime() + Math.max(milliseconds, pace), wake });
      });
    const target = createAwsTarget({
      env: { ...this.aws.env, ...keys, ...(sessionToken && { AWS_SESSION_TOKEN: sessionToken }) },
      images: this.#images,
      written: (environment) => awsWritten(config, environment),
      repository: 'octo/tiny',
      now: () => this.now,
      wait,
    });
    const { layout } = this.sources;
    const registry: Registry = {
      put: async (release, mark) => {
        await (await this.#images.of(application)).push(release, mark, layout);
      },
      get: async (digest) => (await this.#images.of(application)).registry.get(digest),
      list: async (environment) => (await this.#images.of(application)).registry.list(environment),
    };
    const watched = this.watchman.watched(this.#without?.target?.(target) ?? target);
    return {
      target: watched,
      builder: run.alive({ build: (root: string) => this.sources.release(root) }),
      registry: run.alive(registry),
      forge: run.alive(this.forge),
      lock: this.#turns.lockOf(run),
      clock: { now: () => this.now },
      prober: { get: (url, timeout) => httpProber.get(url, timeout), wait },
      report: quiet,
    };
  }

  async dispose(): Promise<void> {
    Math.random = random;
    this.#traffic.end();
    await this.#images.close();
    await this.aws.dispose();
  }
}
