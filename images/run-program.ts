import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';

export interface ProgramOptions {
  directory: string;
  env: Record<string, string | undefined>;
  /** Passed on as SIGINT to the program and all that it started; it is killed when it has not ended `grace` later. */
  signal?: AbortSignal | undefined;
  /** Milliseconds. @default 10 seconds */
  grace?: number;
}

export interface ProgramEnd {
  /** `it ended with 2`, `it was ended by SIGKILL`, `it could not be started (ENOENT)`. Undefined when it did its work. */
  problem: string | undefined;
  /** Standard output, and nothing else. */
  stdout: string;
  /** The last lines of both streams, without colours. */
  tail: string[];
}

/** Of the output, in bytes of each stream; what comes first is forgotten. */
const kept = 256 * 1024;
const lines = 30;

/**
 * Runs somebody else's program to its end, without an input. It is in a group of its own, so that it gets a Ctrl-C
 * once, from us, and nothing of it outlives an interruption. What else it leaves in the background is not waited for.
 * @throws the signal's reason when that has ended it
 */
export async function runProgram(
  [program, ...args]: readonly [string, ...string[]],
  { directory, env, signal, grace = 10_000 }: ProgramOptions,
): Promise<ProgramEnd> {
  signal?.throwIfAborted();
  const child = spawn(program, args, {
    cwd: directory,
    env: env as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const [all, stdout] = [new Tail(), new Tail()];
  child.stdout.on('data', (chunk: Buffer) => {
    all.add(chunk);
    stdout.add(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => all.add(chunk));
  const problem = await ended(child, signal, grace);
  signal?.throwIfAborted();
  return { problem, stdout: stdout.text(), tail: lastLines(all.text()) };
}

async function ended(child: ChildProcess, signal: AbortSignal | undefined, grace: number): Promise<string | undefined> {
  let impatience: NodeJS.Timeout | undefined;
  const stop = () => {
    killGroup(child, 'SIGINT');
    impatience = setTimeout(() => killGroup(child, 'SIGKILL'), grace);
  };
  const forsake = () => killGroup(child, 'SIGKILL');
  signal?.addEventListener('abort', stop, { once: true });
  process.on('exit', forsake);
  try {
    const closed = once(child, 'close');
    closed.catch(() => undefined);
    const [code, by] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    if (signal?.aborted) forsake();
    // Its output may be held open by what it has left in the background.
    await Promise.race([closed, sleep(1000, undefined, { ref: false })]);
    if (by !== null) return `it was ended by ${by}`;
    return code === 0 ? undefined : `it ended with ${code}`;
  } catch (error) {
    return `it could not be started (${(error as NodeJS.ErrnoException).code ?? String(error)})`;
  } finally {
    clearTimeout(impatience);
    signal?.removeEventListener('abort', stop);
    process.off('exit', forsake);
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It has ended already.
  }
}

/** The end of a stream. */
class Tail {
  #chunks: Buffer[] = [];
  #size = 0;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    while (this.#size - this.#chunks[0]!.length >= kept) this.#size -= this.#chunks.shift()!.length;
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}

function lastLines(text: string): string[] {
  return stripVTControlCharacters(text)
    .split(/\r?\n|\r/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-lines);
}
