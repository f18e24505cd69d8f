import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { baseVariables } from '../base-variables.ts';
import { freePort, passingPorts } from '../free-port.ts';
import { writeJson } from '../state.ts';
import { eachLine, type LogFile } from './log-file.ts';
import type { ProcessRequest, Status } from './protocol.ts';

const lifeline = fileURLToPath(new URL('lifeline.mjs', import.meta.url));

/** Milliseconds. */
const healthInterval = 20;
const firstBackoff = 250;
const longestBackoff = 30_000;
const drainLimit = 10_000;
const killAfter = 15_000;

const portAttempts = 3;

/** Lines of output kept to explain a failure. */
const outputKept = 20;

interface Surroundings {
  /** Where configurations are written. */
  runDirectory: string;
  log: LogFile;
  /** A child was started or has ended. */
  changed(): void;
}

/** The new process does not answer; `message` says why, `output` what it wrote last. */
export class Unhealthy extends Error {
  readonly process: string;
  readonly output: string[];

  constructor(process: string, message: string, output: string[]) {
    super(message);
    this.process = process;
    this.output = output;
  }
}

/** One process of the application: started once with `start`, then started again whenever it ends, until `stop`. */
export class AppProcess {
  readonly request: ProcessRequest;
  /** Requests that a door has passed to it and that are not answered yet. */
  inFlight = 0;
  state: Status['processes'][number]['state'] = 'stopped';
  port = 0;
  #child: ChildProcess | undefined;
  #output: string[] = [];
  #stopping = false;
  #backoff = firstBackoff;
  readonly #config: string;
  readonly #surroundings: Surroundings;

  constructor(request: ProcessRequest, surroundings: Surroundings) {
    this.request = request;
    this.#surroundings = surroundings;
    const instance = randomBytes(4).toString('hex');
    this.#config = join(surroundings.runDirectory, `${encodeURIComponent(request.name)}.${instance}.json`);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it and waits until it answers. From then on it is kept running. @throws Unhealthy, with the process ended */
  async start(healthTimeout: number): Promise<void> {
    writeJson(this.#config, this.request.config);
    try {
      const child = await this.#first(healthTimeout);
      this.state = 'running';
      child.once('exit', () => void this.#restart());
      if (!isRunning(child)) throw this.#unhealthy(ending(child));
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  /** Lets it finish what it has, then ends it. */
  async stop(): Promise<void> {
    for (const deadline = Date.now() + drainLimit; this.inFlight > 0 && Date.now() < deadline; ) await sleep(10);
    await this.#end('SIGTERM');
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child && isRunning(child)) {
      const timer = setTimeout(() => child.kill('SIGKILL'), killAfter);
      child.kill(signal);
      if (isRunning(child)) await once(child, 'exit');
      clearTimeout(timer);
    }
    this.state = 'stopped';
    rmSync(this.#config, { force: true });
  }

  /** Between our look at a port and its use another program may take it: then it is tried on another one. */
  async #first(healthTimeout: number): Promise<ChildProcess> {
    for (let attempt = 1; ; attempt++) {
      const child = await this.#spawn();
      try {
        await this.#answers(child, healthTimeout);
        return child;
      } catch (error) {
        const lostPort = this.#output.some((line) => line.includes('EADDRINUSE') && line.includes(`:${this.port}`));
        if (isRunning(child) || !lostPort || attempt === portAttempts) throw error;
      }
    }
  }

  async #spawn(): Promise<ChildProcess> {
    this.port = await freePort(randomBytes(8).toString('hex'), passingPorts);
    if (this.#stopping) throw this.#unhealthy('it was told to stop');
    const { directory, env } = this.request;
    const child = spawn(process.execPath, ['--enable-source-maps', '--import', lifeline, join(directory, 'main.mjs')], {
      // As in a container: what its code reads lies beside it.
      cwd: directory,
      env: {
        ...baseVariables(),
        ...env,
        HOST: '127.0.0.1',
        PORT: String(this.port),
        ENCORE_INFRA_CONFIG_PATH: this.#config,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#output = [];
    for (const stream of [child.stdout, child.stderr])
      eachLine(stream, (text) => {
        this.#surroundings.log.write(text);
        this.#output = [...this.#output.slice(1 - outputKept), text];
      });
    // The pipe is our sign of life to it; that its other end closes is no news.
    child.stdin.on('error', () => {});
    await once(child, 'spawn');
    this.#surroundings.changed();
    child.once('exit', () => this.#surroundings.changed());
    return child;
  }

  async #answers(child: ChildProcess, timeout: number): Promise<void> {
    let ended = false;
    // `close` comes after the last of the output, which is what explains the end.
    child.once('close', () => {
      ended = true;
    });
    for (const deadline = Date.now() + timeout; ; await sleep(healthInterval)) {
      if (ended) throw this.#unhealthy(ending(child));
      if (isRunning(child) && (await isHealthy(this.port, deadline - Date.now())) && isRunning(child)) return;
      if (Date.now() >= deadline) throw this.#unhealthy(`it did not answer within ${timeout} ms`);
    }
  }

  /** After a crash, with longer and longer pauses as long as it keeps crashing. */
  async #restart(): Promise<void> {
    while (!this.#stopping) {
      this.state = 'restarting';
      this.#say(`${this.request.name} has ended: ${ending(this.#child!)}`);
      await sleep(this.#backoff);
      this.#backoff = Math.min(this.#backoff * 2, longestBackoff);
      const started = Date.now();
      try {
        const child = await this.#spawn();
        await this.#answers(child, longestBackoff);
        this.state = 'running';
        if (isRunning(child)) await once(child, 'exit');
        if (Date.now() - started > longestBackoff) this.#backoff = firstBackoff;
      } catch (error) {
        if (this.#child && isRunning(this.#child)) {
          this.#child.kill('SIGKILL');
          await once(this.#child, 'exit');
        }
        if (!this.#stopping) this.#say(`${this.request.name} did not start again: ${(error as Error).message}`);
      }
    }
    this.state = 'stopped';
  }

  #say(message: string): void {
    this.#surroundings.log.write(JSON.stringify({ time: new Date().toISOString(), level: 'error', message }));
  }

  #unhealthy(reason: string): Unhealthy {
    return new Unhealthy(this.request.name, reason, this.#output);
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

function ending(child: ChildProcess): string {
  return child.signalCode ? `it was ended by ${child.signalCode}` : `it exited with code ${child.exitCode}`;
}

function isHealthy(port: number, timeout: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(
      { host: '127.0.0.1', port, path: '/__encore/healthz', agent: false, timeout: Math.max(timeout, 1) },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  });
}
