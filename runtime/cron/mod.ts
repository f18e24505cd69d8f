import type { DurationString } from '../types/duration.ts';

/** What every job says. */
export interface CronJobConfig {
  /** What people call it. @default its name */
  title?: string;
  /** Takes no parameters; may be private. */
  endpoint: () => Promise<unknown>;
}

/** Runs at every multiple of a duration, counted from midnight UTC. */
export interface CronJobEvery extends CronJobConfig {
  /** A multiple of a minute that divides 24 hours. */
  every: DurationString;
}

/** Runs by a five-field cron expression in UTC. */
export interface CronJobSchedule extends CronJobConfig {
  /** Minute, hour, day of the month, month, day of the week. */
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
