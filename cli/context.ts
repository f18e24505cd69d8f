import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { UserError } from '../analyzer/diagnostic.ts';
import { defaultStateDirectory } from '../local/default-state-directory.ts';
import type { Reporter } from '../pipeline/mod.ts';
import { defaultCacheDirectory } from './directories.ts';
import { Interruption } from './interruption.ts';
import { chooseDisplay, createReporter } from './progress.ts';
import { rootOf } from './root.ts';

/** The options every command has. */
export interface GlobalOptions {
  dir?: string;
  stateDir?: string;
  cacheDir?: string;
  cache?: boolean;
  cloud?: string;
  json?: boolean;
  quiet?: boolean;
  color: boolean;
}

/** What every command works with: the global options made definite, progress, and the user's wish to stop. */
export interface Context {
  /** The application's directory, absolute. */
  directory: string;
  /** Absolute; made by the first command that needs it. */
  stateDirectory: string;
  /** Absolute; for what may be lost at any time. Absent when nothing is to be kept. */
  cacheDirectory?: string | undefined;
  /** Where environments are, whatever `fairlead.json` says. */
  cloud?: string | undefined;
  json: boolean;
  report: Reporter;
  interruption: Interruption;
}

/** What a command has to say on standard output: one JSON document with `--json`, else text. */
export interface Result {
  document: unknown;
  text: string;
  /** @default 0 */
  exitCode?: number;
}

/** A command that said what it had to say while it ran. */
export interface Ended {
  exitCode: number;
}

/** Reads the global options; `directory` is a command's own argument, relative to `--dir`. */
export async function createContext(options: GlobalOptions, directory: string | undefined): Promise<Context> {
  const display = await chooseDisplay({ json: options.json ?? false, quiet: options.quiet ?? false });
  const interruption = new Interruption();
  return {
    directory: rootOf(existing(resolve(options.dir ?? '.', directory ?? '.'))),
    stateDirectory: resolve(options.stateDir ?? defaultStateDirectory()),
    cacheDirectory: options.cache === false ? undefined : resolve(options.cacheDir ?? defaultCacheDirectory()),
    cloud: options.cloud,
    json: options.json ?? false,
    report: createReporter(display, interruption),
    interruption,
  };
}

function existing(directory: string): string {
  const there = statSync(directory, { throwIfNoEntry: false });
  if (there?.isDirectory()) return directory;
  throw new UserError({
    code: 'FL5003',
    severity: 'error',
    message: there ? `${directory} is not a directory` : `there is no directory ${directory}`,
    help: 'Name the directory of the application, or go there and leave the argument out.',
  });
}
