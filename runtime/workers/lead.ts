import type { Worker } from 'node:cluster';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { defaultAddress, defaultGrace } from '../infra/config.ts';
import log from '../log/mod.ts';
import type { Exporting } from '../metrics/export.ts';
import type { InfraConfig } from '../wire.ts';
import type { FromWorker, Started, ToWorker } from './messages.ts';
import { roleVariable } from './role.ts';
import { Totals } from './totals.ts';

/** Between the end of a worker that never started and its next try, doubled up to the maximum. Milliseconds. */
const [firstPause, longestPause] = [100, 5_000];

/** A worker that has served for less is taken for one that will not last either. Milliseconds. */
const briefly = 60_000;

/** How long a worker that is busy is waited for when it is asked what it has counted: then what it said last counts. Milliseconds. */
const reportPatience = 1_000;

/** What a worker has beyond the grace time before it is ended: it keeps that time by itself, unless its code never lets go. Milliseconds. */
const reprieve = 1_000;

/**
 * Starts `count` workers, each a process of this program, and hands them connections in turn. One that ends is replaced.
 * Tells them to end on SIGTERM and SIGINT, and ends with the last. @returns never
 */
export async function leadWorkers(config: InfraConfig, count: number): Promise<never> {
  const { default: cluster } = await import('node:cluster');
  // Also on Windows, where it is not the default.
  cluster.schedulingPolicy = cluster.SCHED_RR;
  new Leader(config, count, (env) => cluster.fork(env)).run().catch((error) => {
    log.error(error, 'the workers cannot be led any more');
    process.exit(1);
  });
  return new Promise<never>(() => {});
}

class Leader {
  readonly #config: InfraConfig;
  readonly #count: number;
  readonly #fork: (env: Record<string, string>) => Worker;
  readonly #totals = new Totals();
  /** By index: those that run. */
  readonly #running = new Map<number, Worker>();
  /** By index: how long to wait until the next one, where the last has served only briefly. Milliseconds. */
  readonly #pauses = new Map<number, number>();
  /** Those that take requests. */
  readonly #serving = new Set<Worker>();
  /** As the first one says; the others listen at the same place. */
  #started: Started | undefined;
  #exporting: Exporting | undefined;
  #ending = false;

  constructor(config: InfraConfig, count: number, fork: (env: Record<string, string>) => Worker) {
    this.#config = config;
    this.#count = count;
    this.#fork = fork;
  }

  async run(): Promise<void> {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.#end(signal));
    this.#warn();
    await this.#letMetricsOut();
    // What keeps one from starting keeps all: it is said once.
    await this.#keep(0);
    await Promise.all(Array.from({ length: this.#count - 1 }, (_, index) => this.#keep(index + 1)));
    if (this.#ending) return;
    const metrics = this.#exporting?.port;
    const { port, services, gateway } = this.#started!;
    log.info('application started', {
      ...{ port, services, gateway },
      ...(metrics !== undefined && { metrics_port: metrics }),
      workers: this.#count,
    });
  }

  /** Keeps a worker running. @returns when it takes requests, or the process is about to end */
  async #keep(index: number): Promise<void> {
    for (let pause = firstPause; !this.#ending; pause = Math.min(pause * 2, longestPause)) {
      const worker = this.#begin(index);
      const ended = endOf(worker);
      const serves = await Promise.race([serving(worker), ended.then(() => false)]);
      const since = performance.now();
      if (serves) return void ended.then((how) => this.#ended(index, worker, how, performance.now() - since));
      this.#forget(index, worker);
      if (this.#ending) break;
      // It has said why. Without any that serves, whoever runs this process has to know.
      if (this.#serving.size === 0) process.exit(1);
      log.error('a worker could not be started: it is tried again', { worker: index, retry_in_ms: pause });
      await sleep(pause);
    }
    this.#finishIfLast();
  }

  #begin(index: number): Worker {
    const worker = this.#fork({ [roleVariable]: `${index}/${this.#count}` });
    this.#running.set(index, worker);
    worker.on('message', (message: FromWorker) => {
      if (message.fairlead === 'counted') this.#totals.report(index, message.series);
      if (message.fairlead !== 'started') return;
      this.#started ??= message;
      this.#serving.add(worker);
      // The process may have been told to end while this one started.
      if (this.#ending) tell(worker, { fairlead: 'stop' });
    });
    // The channel breaks with the worker, whose end is seen to.
    worker.on('error', () => {});
    return worker;
  }

  /** The first one that ends is replaced at once; when that goes on, ever later. */
  async #ended(index: number, worker: Worker, how: string, served: number): Promise<void> {
    this.#forget(index, worker);
    this.#finishIfLast();
    if (this.#ending) return;
    const pause = served < briefly ? (this.#pauses.get(index) ?? 0) : 0;
    this.#pauses.set(index, Math.min(Math.max(firstPause, pause * 2), longestPause));
    log.error('a worker has ended: another one takes its place', {
      ...{ worker: index, ended_with: how },
      ...(pause > 0 && { in_ms: pause }),
    });
    await sleep(pause);
    await this.#keep(index);
  }

  #forget(index: number, worker: Worker): void {
    this.#running.delete(index);
    this.#serving.delete(worker);
    this.#totals.ended(index);
  }

  #end(signal: 'SIGTERM' | 'SIGINT'): void {
    if (this.#ending) {
      for (const worker of this.#running.values()) worker.process.kill('SIGKILL');
      process.exit(128 + constants.signals[signal]);
    }
    log.info('shutting down');
    this.#ending = true;
    for (const worker of this.#running.values()) tell(worker, { fairlead: 'stop' });
    const total = this.#config.graceful_shutdown?.total ?? defaultGrace;
    setTimeout(
      () => {
        log.warn('the shutdown took too long: what is left is cut off');
        for (const worker of this.#running.values()) worker.process.kill('SIGKILL');
      },
      total * 1000 + reprieve,
    ).unref();
    this.#finishIfLast();
  }

  #finishIfLast(): void {
    if (!this.#ending || this.#running.size > 0) return;
    const { graceful_shutdown } = this.#config;
    const late = sleep((graceful_shutdown?.total ?? defaultGrace) * 1000);
    // Whoever does not take metrics does not hold up the end.
    void Promise.race([this.#exporting?.stop(), late]).finally(() => process.exit(0));
  }

  #warn(): void {
    const own = Object.entries(this.#config.redis ?? {}).filter(([, { in_memory }]) => in_memory);
    if (own.length === 0) return;
    const caches = own.map(([name]) => name);
    log.warn('caches in memory are not shared: each worker has its own', { caches });
  }

  /** Asked for, or pushed, here alone: the sums of all workers. */
  async #letMetricsOut(): Promise<void> {
    const { FAIRLEAD_METRICS_PORT: port, HOST: address = defaultAddress } = process.env;
    if (!port && !this.#config.fairlead?.telemetry && !this.#config.metrics) return;
    const { exportMetrics } = await import('../metrics/export.ts');
    this.#exporting = await exportMetrics({
      config: this.#config,
      services: [],
      address,
      port,
      others: async () => {
        await Promise.all([...this.#serving].map(askToReport));
        return this.#totals.series();
      },
    });
  }
}

function tell(worker: Worker, message: ToWorker): void {
  // One that is gone is seen to when its end is known.
  if (worker.isConnected()) worker.send(message, () => {});
}

/** Resolves with how it ended, when everything that it has said is read: that may be after it is gone. */
async function endOf(worker: Worker): Promise<string> {
  const read = new Promise((resolve) => worker.once('disconnect', resolve));
  const gone = new Promise<string>((resolve) => {
    worker.once('exit', (code, signal) => resolve(signal ?? String(code)));
  });
  await read;
  return gone;
}

function serving(worker: Worker): Promise<true> {
  return new Promise((resolve) => {
    worker.on('message', ({ fairlead }: FromWorker) => fairlead === 'started' && resolve(true));
  });
}

/** @returns when it has answered, or does not soon enough */
async function askToReport(worker: Worker): Promise<void> {
  const patience = new AbortController();
  const answered = new Promise<void>((resolve) => {
    const heard = ({ fairlead }: FromWorker): void => {
      if (fairlead !== 'counted') return;
      worker.off('message', heard);
      resolve();
    };
    worker.on('message', heard);
    patience.signal.addEventListener('abort', () => worker.off('message', heard));
  });
  tell(worker, { fairlead: 'report' });
  // Rejects when it is not needed any more.
  const late = sleep(reportPatience, undefined, { signal: patience.signal }).catch(() => {});
  await Promise.race([answered, late]);
  patience.abort();
}
