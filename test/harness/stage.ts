import type { Repository } from '../fakes/github/model/repository.ts';
import { World } from '../fakes/github/model/world.ts';
import { VirtualClock } from './clock.ts';
import type { Job, Run } from './job.ts';
import type { Files } from './model.ts';
import { Platform, type PlatformOptions } from './platform.ts';
import type { Handler } from './steps.ts';
import { Trees } from './trees.ts';

/** A repository `ada/shop` with files on its default branch, and the platform that runs its workflows. */
export interface Stage {
  world: World;
  clock: VirtualClock;
  trees: Trees;
  repository: Repository;
  platform: Platform;
  /** What steps have done, in order: `<job>: <what>`. */
  said: string[];
  /** The only run; or the newest of a file. */
  run(file?: string): Run;
  job(path: string): Job;
  /** What a job of the newest attempt came to, by its path. */
  results(): Record<string, string>;
}

export interface StageOptions extends Partial<Omit<PlatformOptions, 'world' | 'clock' | 'trees' | 'repository'>> {
  files: Files;
}

/** Workflows by the names of their files, without folder and ending. */
export function workflows(texts: Record<string, string>): Files {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [`.github/workflows/${name}.yml`, text]));
}

export function stage({ files, handlers = {}, ...options }: StageOptions): Stage {
  const clock = new VirtualClock();
  const world = new World(clock);
  const trees = new Trees(world);
  const repository = world.createRepository('ada/shop');
  trees.set(repository.branches.get('main')!, files);
  const said: string[] = [];
  const platform = new Platform({
    world,
    clock,
    trees,
    repository,
    handlers: { ...commonHandlers(said), ...handlers },
    ...options,
  });
  const newest = (file?: string) => {
    const run = platform.runs.findLast((one) => file === undefined || one.file === `.github/workflows/${file}.yml`);
    if (!run) throw new Error(`no run of ${file ?? 'anything'}`);
    return run;
  };
  const jobsOf = (run: Run) => run.jobs.filter(({ attempt }) => attempt === run.attempt);
  return {
    world,
    clock,
    trees,
    repository,
    platform,
    said,
    run: newest,
    job: (path) => {
      const job = platform.jobs().findLast((one) => one.path === path);
      if (!job) throw new Error(`no job ${path}`);
      return job;
    },
    results: () => Object.fromEntries(jobsOf(newest()).map((job) => [job.path, job.result ?? job.state])),
  };
}

/** Scripts of tests, named by their steps. */
function commonHandlers(said: string[]): Record<string, Handler> {
  const handler =
    (act: (call: Parameters<Handler>[0]) => Awaited<ReturnType<Handler>>): Handler =>
    async (call) => {
      await call.point('work');
      return act(call);
    };
  return {
    /** Says what is in the variable SAY. */
    'run: say': handler(({ job, env }) => void said.push(`${job.path}: ${env.SAY ?? ''}`)),
    /** Sets the output `value` to the variable VALUE. */
    'run: output': handler(({ env }) => ({ outputs: { value: env.VALUE ?? '' } })),
    /** Sets variables for later steps. */
    'run: export': handler(({ env }) => ({ env: { EXPORTED: env.VALUE ?? '' } })),
    'run: fail': handler(() => {
      throw new Error('it fails');
    }),
    /** Takes an hour. */
    'run: wait': async ({ job, point }) => {
      said.push(`${job.path}: begins`);
      for (let minute = 0; minute < 60; minute++) await point('minute');
      said.push(`${job.path}: ends`);
      return {};
    },
  };
}

/** A minute takes a minute, everything else a second. */
export const minutes = (label: string) => (label === 'minute' ? 60_000 : 1000);
