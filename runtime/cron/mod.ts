import type { DurationString } from '../types/duration.ts';

export interface CronJobConfig {
  title?: string;
  /** Takes no parameters; may be private. */
  endpoint: () => Promise<unknown>;
}

/** Runs at every multiple of a duration, counted from midnight UTC. */
export interface CronJobEvery extends CronJobConfig {
  every: DurationString;
}

/** Runs by a five-field cron expression in UTC. */
export interface CronJobSchedule extends CronJobConfig {
  schedule: string;
}

/** An endpoint that runs on a schedule. The environment keeps the time and wakes it: by a signed request, or by a message in a queue. */
export class CronJob {
  readonly name: string;
  readonly config: CronJobEvery | CronJobSchedule;

  constructor(name: string, config: CronJobEvery | CronJobSchedule) {
    this.name = name;
    this.config = config;
  }
}
