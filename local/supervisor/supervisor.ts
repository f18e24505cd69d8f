import { join } from 'node:path';
import { identify, isAlive, type ProcessIdentity, signal } from '../process-identity.ts';
import { makeDirectory, readJson, writeJson } from '../state.ts';
import { AppProcess, Unhealthy } from './app-process.ts';
import { CacheServer } from './cache-server.ts';
import { Door } from './door.ts';
import { LogFile, logPath, ownLogs } from './log-file.ts';
import type { CronRequest, DeployEvent, DeployRequest, Status, TriggerResult } from './protocol.ts';
import { Scheduler } from './scheduler.ts';
import { triggerJob } from './trigger-job.ts';

/** Owns an environment's processes: replaces, restarts and stops them, keeps its doors open and its schedule. */
export class Supervisor {
  readonly #directory: string;
  readonly #logs = new Map<string, LogFile>();
  readonly #scheduler = new Scheduler(async (job) => {
    const result = await this.#runJob(job);
    this.#note(ownLogs.cron, result.ok ? 'info' : 'error', result.ok ? 'cron job has run' : result.message, {
      job: job.name,
    });
  });
  /** The processes of the release that answers. */
  #processes: AppProcess[] = [];
  /** Every process there is, also those starting and those finishing: what a successor has to end if we are killed. */
  readonly #all = new Set<AppProcess>();
  #front: Door | undefined;
  #doors = new Map<string, Door>();
  readonly #caches = new CacheServer((message) => this.#note(ownLogs.supervisor, 'error', message, {}));
  #current: DeployRequest | undefined;
  #deploying: Promise<unknown> = Promise.resolve();

  /** `directory` is the environment's. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** True when there is a release to keep alive. */
  get serves(): boolean {
    return this.#current !== undefined;
  }

  /** True when a process of the release has a database or a queue. */
  get usesDatabases(): boolean {
    return this.#processes.some(({ request: { config } }) => config.sql_servers ?? config.fairlead?.broker);
  }

  status(): Status {
    return {
      ...(this.#current && { release: this.#current.release, front: this.#current.front }),
      processes: this.#processes.map(({ request: { name }, state, pid, port }) => ({
        name,
        state,
        ...(state === 'running' && pid !== undefined && { pid, port }),
      })),
    };
  }

  /** One after the other: a second one starts when the first is through. */
  deploy(request: DeployRequest, tell: (event: DeployEvent) => void): Promise<void> {
    const turn = this.#deploying.then(() => this.#deploy(request, tell));
    // Its caller is told of a failure; whoever comes next only waits for the end.
    this.#deploying = turn.catch(() => {});
    return turn;
  }

  async trigger(name: string): Promise<TriggerResult> {
    const job = this.#current?.cronJobs.find((one) => one.name === name);
    if (!job) {
      const names = this.#current?.cronJobs.map((one) => one.name).join(', ') || 'none';
      return { ok: false, reason: 'unknown', message: `there is no cron job ${name}; the release has ${names}` };
    }
    return this.#runJob(job);
  }

  /** Ends everything, letting the processes finish what they have. */
  async stop(): Promise<void> {
    this.#scheduler.stop();
    this.#front?.close();
    for (const door of this.#doors.values()) door.close();
    await Promise.all([...this.#all].map((process) => process.stop()));
    await this.#caches.stop();
  }

  /** Ends processes that a killed predecessor left. */
  endLeftovers(): void {
    for (const leftover of readJson<ProcessIdentity[]>(this.#recordPath, { length: 'number' }) ?? [])
      signal(leftover, 'SIGKILL');
  }

  async #deploy(request: DeployRequest, tell: (event: DeployEvent) => void): Promise<void> {
    for (const name of ['run', 'logs']) makeDirectory(join(this.#directory, name));
    const kept = this.#processes.filter(
      (process) =>
        process.state === 'running' &&
        request.processes.some(({ fingerprint }) => fingerprint === process.request.fingerprint),
    );
    const changed = request.processes.filter(
      ({ fingerprint }) => !kept.some((process) => process.request.fingerprint === fingerprint),
    );

    const doors = await this.#openDoors(request, tell);
    if (!doors) return;
    if (!(await this.#openCaches(request, tell))) {
      for (const door of doors.opened) door.close();
      return;
    }
    const starting = changed.map((one) => this.#create(one));
    try {
      // On a first start the new processes may already call each other; later they reach the former ones until the switch.
      for (const process of starting) {
        const door = doors.inner.get(process.request.name);
        if (door && !door.behind) door.behind = process;
      }
      await this.#startAll(starting, request.healthTimeout, tell);
    } catch (error) {
      await Promise.all(starting.map((process) => this.#dispose(process, 'kill')));
      for (const door of doors.opened) door.close();
      await this.#caches.serve(this.#current?.caches);
      for (const door of this.#doors.values())
        if (door.behind && starting.includes(door.behind)) door.behind = undefined;
      if (!(error instanceof Unhealthy)) throw error;
      return tell({ event: 'unhealthy', process: error.process, reason: error.message, output: error.output });
    }

    const former = this.#processes.filter((process) => !kept.includes(process));
    this.#switch(request, [...kept, ...starting], doors);
    tell({ event: 'switched' });
    await Promise.all(former.map((process) => this.#dispose(process, 'stop')));
    await this.#caches.serve(request.caches);
    tell({
      event: 'done',
      started: starting.map((process) => process.request.name),
      kept: kept.map((process) => process.request.name),
    });
  }

  /** The doors that the request wants: those already open, and new ones. Undefined, and nothing changed, when a port is taken. */
  async #openDoors(request: DeployRequest, tell: (event: DeployEvent) => void): Promise<Doors | undefined> {
    const opened: Door[] = [];
    const open = async (present: Door | undefined, port: number, create: () => Door): Promise<Door> => {
      if (present?.port === port) return present;
      const door = create();
      await door.open(port);
      opened.push(door);
      return door;
    };
    let port = request.front;
    try {
      const front = await open(this.#front, port, () => this.#createFront());
      const inner = new Map<string, Door>();
      for (const { name, door } of request.processes) {
        if (door === undefined) continue;
        port = door;
        inner.set(name, await open(this.#doors.get(name), door, () => new Door()));
      }
      return { front, inner, opened };
    } catch (error) {
      for (const door of opened) door.close();
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      tell({ event: 'port-in-use', port });
      return undefined;
    }
  }

  /** The caches that the request wants, and those that the former processes work with until the switch. False when the port is taken. */
  async #openCaches({ caches }: DeployRequest, tell: (event: DeployEvent) => void): Promise<boolean> {
    const wanted = caches ?? this.#current?.caches;
    if (!wanted) return true;
    const former = this.#current?.caches?.clusters ?? [];
    const others = former.filter(({ name }) => !caches?.clusters.some((cluster) => cluster.name === name));
    try {
      await this.#caches.serve({ port: wanted.port, clusters: [...(caches?.clusters ?? []), ...others] });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      tell({ event: 'port-in-use', port: wanted.port });
      return false;
    }
  }

  #createFront(): Door {
    return new Door(({ method, path, status, milliseconds }) =>
      this.#note(ownLogs.frontDoor, 'info', `${method} ${path} ${status}`, {
        method,
        path,
        status,
        duration: milliseconds,
      }),
    );
  }

  #create(request: DeployRequest['processes'][number]): AppProcess {
    const process = new AppProcess(request, {
      runDirectory: join(this.#directory, 'run'),
      log: this.#log(request.name),
      changed: () => this.#record(),
    });
    this.#all.add(process);
    return process;
  }

  async #startAll(processes: AppProcess[], timeout: number, tell: (event: DeployEvent) => void): Promise<void> {
    const began = performance.now();
    await Promise.all(
      processes.map(async (process) => {
        await process.start(timeout);
        const milliseconds = Math.round(performance.now() - began);
        tell({ event: 'healthy', process: process.request.name, milliseconds });
      }),
    );
  }

  /** In one go: no request sees a mixture. */
  #switch(request: DeployRequest, processes: AppProcess[], { front, inner }: Doors): void {
    const formerDoors = [this.#front, ...this.#doors.values()];
    this.#processes = processes;
    this.#current = request;
    this.#front = front;
    this.#doors = inner;
    for (const process of processes) {
      const door = inner.get(process.request.name);
      if (door) door.behind = process;
      if (process.request.gateway) front.behind = process;
    }
    for (const door of formerDoors) if (door && door !== front && ![...inner.values()].includes(door)) door.close();
    this.#scheduler.set(request.cronJobs);
  }

  async #dispose(process: AppProcess, how: 'stop' | 'kill'): Promise<void> {
    await process[how]();
    this.#all.delete(process);
    this.#record();
  }

  async #runJob(job: CronRequest): Promise<TriggerResult> {
    const process = this.#processes.find(({ request }) => request.name === job.process);
    if (process?.state !== 'running')
      return { ok: false, reason: 'failed', message: `the process ${job.process} does not run` };
    return triggerJob(process.port, job.name, this.#current!.internalKey);
  }

  #log(process: string): LogFile {
    const known = this.#logs.get(process);
    if (known) return known;
    const log = new LogFile(logPath(join(this.#directory, 'logs'), process));
    this.#logs.set(process, log);
    return log;
  }

  #note(log: string, level: 'info' | 'error', message: string, fields: Record<string, unknown>): void {
    this.#log(log).write(JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }));
  }

  get #recordPath(): string {
    return join(this.#directory, 'run', 'processes.json');
  }

  #record(): void {
    const identities = [...this.#all].flatMap(({ pid }) => (pid === undefined ? [] : [identify(pid)]));
    try {
      writeJson(
        this.#recordPath,
        identities.filter((one) => one !== undefined && isAlive(one)),
      );
    } catch (error) {
      // The pipe to each process ends it when we are gone; the record is for one that hangs.
      this.#note(ownLogs.supervisor, 'error', 'the record of processes could not be written', { error: String(error) });
    }
  }
}

interface Doors {
  front: Door;
  inner: Map<string, Door>;
  /** Of these, the ones that were not open before. */
  opened: Door[];
}
