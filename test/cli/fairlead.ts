import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export const bin = resolve(import.meta.dirname, '../../cli/bin.js');

/** Not this machine's own. */
const cache = resolve(import.meta.dirname, '../../node_modules/.cache/fairlead-tests');

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** What the process reads on standard input; its end follows. */
  input?: string;
  /** The node to start it with. @default the one that runs the tests */
  node?: string;
  bin?: string;
}

/** Runs the real command as a process of its own, without the colours of the terminal the tests run in. */
export function fairlead(args: string[], options: RunOptions = {}): Promise<Ended> {
  return ended(start(args, options), options.input);
}

export function start(args: string[], options: RunOptions = {}) {
  const { FORCE_COLOR: _, NO_COLOR: __, NODE_OPTIONS: ___, ...inherited } = process.env;
  return spawn(options.node ?? process.execPath, [options.bin ?? bin, ...args], {
    cwd: options.cwd ?? tmpdir(),
    env: { ...inherited, FAIRLEAD_CACHE_DIR: cache, ...options.env },
    stdio: 'pipe',
  });
}

/** Of `run --json`: the URL that it says it answers at. @throws Error with all it has said when it ends before */
export async function runningAt(child: ReturnType<typeof start>): Promise<string> {
  const seen: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (line: string) => seen.push(line));
  for await (const line of createInterface({ input: child.stdout })) {
    seen.push(line);
    const { event, url } = JSON.parse(line) as { event: string; url: string };
    if (event !== 'running') continue;
    child.stdout.resume();
    return url;
  }
  throw new Error(seen.join('\n'));
}

export function ended(child: ReturnType<typeof start>, input = ''): Promise<Ended> {
  const result: Ended = { code: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (result.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (result.stderr += text));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...result, code }));
  });
}

/** A directory with these files, removed by `remove`. */
export function directoryWith(files: Record<string, string> = {}) {
  const path = mkdtempSync(join(tmpdir(), 'fairlead-cli-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
