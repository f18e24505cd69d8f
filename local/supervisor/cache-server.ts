import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { CacheServerRequest } from '../../runtime/wire.ts';

/** The server itself is the runtime's: a thread of its own, so that what it does neither holds up nor ends the supervisor. */
const program = new URL('../../runtime/dist/storage/cache/server/worker.js', import.meta.url);

/** Milliseconds until one that has ended is started again. */
const pause = 250;

/** The cache clusters of an environment on a port of the loopback interface: started by the first, gone with the last. */
export class CacheServer {
  readonly #say: (message: string) => void;
  #request: CacheServerRequest | undefined;
  #thread: Worker | undefined;

  /** `say` is told when the server has ended by itself. */
  constructor(say: (message: string) => void) {
    this.#say = say;
  }

  /** Clusters that are there and wanted keep what is in them. @throws Error with the code EADDRINUSE, and everything as before */
  async serve(request: CacheServerRequest | undefined): Promise<void> {
    const former = this.#request;
    this.#request = request;
    try {
      if (!request || former?.port !== request.port) await this.#end();
      if (request && this.#thread) {
        this.#thread.postMessage(request.clusters);
        await once(this.#thread, 'message');
      } else if (request) await this.#start(request);
    } catch (error) {
      this.#request = former;
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#request = undefined;
    await this.#end();
  }

  async #start(request: CacheServerRequest): Promise<void> {
    const thread = new Worker(program, { workerData: request, execArgv: [] });
    this.#thread = thread;
    let why = '';
    // Without a listener, an error in the thread would be one of the supervisor.
    thread.on('error', (error) => {
      why = String(error);
    });
    thread.once('exit', () => {
      if (this.#thread !== thread) return;
      this.#thread = undefined;
      if (why !== '' && this.#request) void this.#restart(why);
    });
    const started = once(thread, 'message');
    try {
      await started;
    } catch (error) {
      if (this.#thread === thread) this.#thread = undefined;
      throw error;
    }
  }

  /** Memory may have run out: caches are empty again, and the processes find it on the same port. */
  async #restart(why: string): Promise<void> {
    this.#say(`the cache server has ended and is started again, empty: ${why}`);
    await sleep(pause);
    if (!this.#request || this.#thread) return;
    await this.#start(this.#request).catch((error) => this.#restart(String(error)));
  }

  async #end(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.terminate();
  }
}
