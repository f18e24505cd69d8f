import { closeSync, existsSync, fstatSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogLine, LogOptions } from '../pipeline/mod.ts';
import { logPath, ownLogs } from './supervisor/log-file.ts';

/** How often a follower looks for more, in milliseconds. */
const interval = 100;

const chunk = 64 * 1024;

interface StampedLine extends LogLine {
  time: string;
}

/** The lines of an environment's processes in the order they came, then those to come until the signal or, not following, the end. */
export async function* readLogs(directory: string, options: LogOptions): AsyncGenerator<LogLine> {
  const readers = new Map<string, Follower>();
  const readAll = () => {
    for (const process of processesIn(directory))
      if ((options.process ?? process) === process && !readers.has(process))
        readers.set(process, new Follower(logPath(directory, process), process));
    return [...readers.values()].flatMap((reader) => reader.read()).sort(byTime);
  };
  try {
    const from = options.since?.toISOString() ?? '';
    const past = readAll().filter(({ time }) => time >= from);
    yield* past.slice(Math.max(past.length - (options.tail ?? past.length), 0)).map(unstamped);
    while (options.follow && !options.signal?.aborted) {
      // Rejects only when the signal ends the wait, which the loop's condition then sees.
      await sleep(interval, undefined, options.signal ? { signal: options.signal } : {}).catch(() => {});
      yield* readAll().map(unstamped);
    }
  } finally {
    for (const reader of readers.values()) reader.close();
  }
}

/** Reads what was added to a file since the last time, across its rotation. */
class Follower {
  readonly #path: string;
  readonly #process: string;
  #file: number | undefined;
  #fresh = true;
  #offset = 0;
  #rest = Buffer.alloc(0);

  constructor(path: string, process: string) {
    this.#path = path;
    this.#process = process;
  }

  read(): StampedLine[] {
    if (this.#file !== undefined && !this.#moved()) return this.#drain();
    // Rotated: what was still written to the former file comes first. Not opened yet: what was rotated before we came.
    const lines = this.#fresh ? this.#rotated() : this.#drain();
    this.#fresh = false;
    this.close();
    if (!existsSync(this.#path)) return lines;
    this.#file = openSync(this.#path, 'r');
    this.#offset = 0;
    return [...lines, ...this.#drain()];
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #moved(): boolean {
    const there = statSync(this.#path, { throwIfNoEntry: false });
    return !there || there.ino !== fstatSync(this.#file!).ino;
  }

  #rotated(): StampedLine[] {
    const path = `${this.#path}.1`;
    return existsSync(path) ? linesOf(readFileSync(path, 'utf8'), this.#process) : [];
  }

  #drain(): StampedLine[] {
    if (this.#file === undefined) return [];
    const parts = [this.#rest];
    const buffer = Buffer.alloc(chunk);
    for (let read = readSync(this.#file, buffer, 0, chunk, this.#offset); read > 0; ) {
      parts.push(Buffer.from(buffer.subarray(0, read)));
      this.#offset += read;
      read = readSync(this.#file, buffer, 0, chunk, this.#offset);
    }
    const all = Buffer.concat(parts);
    const end = all.lastIndexOf(10) + 1;
    this.#rest = all.subarray(end);
    return linesOf(all.toString('utf8', 0, end), this.#process);
  }
}

/** The supervisor's own output is for whoever looks after Fairlead itself. */
function processesIn(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.endsWith('.log'))
    .map((name) => decodeURIComponent(name.slice(0, -'.log'.length)))
    .filter((process) => process !== ownLogs.supervisor);
}

function linesOf(text: string, process: string): StampedLine[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const space = line.indexOf(' ');
      return { process, time: line.slice(0, space), text: line.slice(space + 1) };
    });
}

/** Lines of one process stay in their order, also those of one millisecond. */
function byTime(a: StampedLine, b: StampedLine): number {
  return a.time < b.time ? -1 : a.time > b.time ? 1 : 0;
}

function unstamped({ process, text }: StampedLine): LogLine {
  return { process, text };
}
