import type { CronRequest } from './protocol.ts';
import { nextRun } from './schedule.ts';

/** What timers can hold; longer waits are made of several. */
const longestTimer = 24 * 60 * 60 * 1000;

/** Runs the enabled jobs when they are due. A job that still runs is not started a second time. */
export class Scheduler {
  readonly #run: (job: CronRequest) => Promise<void>;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #running = new Set<string>();

  /** `run` never rejects. */
  constructor(run: (job: CronRequest) => Promise<void>) {
    this.#run = run;
  }

  /** Replaces all jobs. */
  set(jobs: CronRequest[]): void {
    this.stop();
    for (const job of jobs) if (job.enabled) this.#await(job, nextRun(job.when, new Date()));
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #await(job: CronRequest, due: Date | undefined): void {
    if (!due) return;
    const wait = due.getTime() - Date.now();
    const timer = setTimeout(
      () => {
        if (wait > longestTimer) return this.#await(job, due);
        // A timer may fire a moment early; counting from the due time keeps that from running the job twice.
        this.#await(job, nextRun(job.when, new Date(Math.max(due.getTime(), Date.now()))));
        void this.#start(job);
      },
      Math.min(Math.max(wait, 0), longestTimer),
    );
    this.#timers.set(job.name, timer);
  }

  async #start(job: CronRequest): Promise<void> {
    if (this.#running.has(job.name)) return;
    this.#running.add(job.name);
    await this.#run(job);
    this.#running.delete(job.name);
  }
}
