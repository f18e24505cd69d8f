import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';

/** Bytes after which a log moves aside to `<name>.log.1`, whose former content goes. */
const fileLimit = 10 * 1024 * 1024;

/** Bytes after which a line without an end is cut. */
const lineLimit = 64 * 1024;

/** Fairlead's own logs, beside those of processes: no service can be called so. */
export const ownLogs = { supervisor: '@supervisor', cron: '@cron', frontDoor: '@front-door' };

/** The file of a process's log. Its name can be read back from it, whatever the process is called. */
export function logPath(directory: string, process: string): string {
  return join(directory, `${encodeURIComponent(process).replaceAll('%40', '@')}.log`);
}

/** Appends lines, each with the time it came. What cannot be written is lost: a full disk must not end an environment. */
export class LogFile {
  readonly #path: string;
  #file: number | undefined;
  #size = 0;

  constructor(path: string) {
    this.#path = path;
  }

  write(text: string): void {
    try {
      if (this.#size > fileLimit) this.#rotate();
      this.#file ??= this.#open();
      this.#size += writeSync(this.#file, `${new Date().toISOString()} ${text}\n`);
    } catch {
      // See above.
    }
  }

  #open(): number {
    mkdirSync(dirname(this.#path), { recursive: true });
    const file = openSync(this.#path, 'a', 0o600);
    this.#size = fstatSync(file).size;
    return file;
  }

  #rotate(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    this.#size = 0;
    renameSync(this.#path, `${this.#path}.1`);
  }
}

/** Calls `line` for every line of the stream, without its end, and for an unfinished one at the end. */
export function eachLine(stream: Readable, line: (text: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const text of lines) line(text.endsWith('\r') ? text.slice(0, -1) : text);
    if (rest.length > lineLimit) {
      line(rest);
      rest = '';
    }
  });
  stream.on('close', () => {
    if (rest) line(rest);
    rest = '';
  });
}
