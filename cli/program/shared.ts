import { Argument, type Command, InvalidArgumentError } from 'commander';
import type { Context, Ended, GlobalOptions, Result } from '../context.ts';

/**
 * A command's work, loaded only when it is asked for. A command that prints while it runs returns undefined, or the exit code alone.
 */
export type Load<Options> = () => Promise<(context: Context, options: Options) => Promise<Result | Ended | undefined>>;

/** Runs a command; `directory` is its own argument. */
export type Execute = <Options>(
  load: Load<Options>,
  options: Options & GlobalOptions,
  directory?: string,
) => Promise<void>;

export const environmentTypes = ['production', 'development', 'preview', 'local'] as const;

export function directory(): Argument {
  return new Argument('[dir]', 'directory of the application');
}

export function globals<Options extends object>(options: Options, program: Command): Options & GlobalOptions {
  return { ...options, ...program.opts<GlobalOptions>() };
}

export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
}

export function path(text: string): string {
  if (text) return text;
  throw new InvalidArgumentError('A path cannot be empty.');
}

export function names(text: string): string[] {
  const list = text.split(',').map((name) => name.trim());
  if (list.every((name) => name !== '')) return [...new Set(list)];
  throw new InvalidArgumentError('Names are separated by single commas.');
}

export function several(text: string, before: string[] = []): string[] {
  return [...before, path(text)];
}

export function identifier(text: string): number {
  return wholeNumber(
    text,
    1,
    Number.MAX_SAFE_INTEGER,
    'The number of a repository or an owner is a whole number from 1.',
  );
}

export function commit(text: string): string {
  if (/^[0-9a-f]{40}$/.test(text)) return text;
  throw new InvalidArgumentError('A commit is named by all of its 40 digits.');
}

export function pullRequest(text: string): number {
  return wholeNumber(text, 1, 999_999_999, 'The number of a pull request is a whole number from 1 to 999999999.');
}

export function port(text: string): number {
  return wholeNumber(text, 1, 65_535, 'A port is a whole number from 1 to 65535.');
}

export function count(text: string): number {
  return wholeNumber(text, 0, Number.MAX_SAFE_INTEGER, 'A number of lines is a whole number from 0.');
}

/** `15m` → milliseconds. */
export function ago(text: string): number {
  const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  const [, count, unit] = /^([1-9]\d{0,4})([smhd])$/.exec(text) ?? [];
  if (count === undefined)
    throw new InvalidArgumentError('A while is a whole number with s, m, h or d after it, such as 15m.');
  return Number(count) * units[unit as keyof typeof units];
}

export function releaseCount(text: string): number {
  return wholeNumber(text, 1, 1_000_000, 'A number of releases is a whole number from 1.');
}

function wholeNumber(text: string, min: number, max: number, rule: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  throw new InvalidArgumentError(rule);
}

export function types(text: string): (typeof environmentTypes)[number][] {
  return [...new Set(text.split(','))].map((name) => {
    const type = environmentTypes.find((known) => known === name.trim());
    if (type) return type;
    throw new InvalidArgumentError(`The types are ${environmentTypes.join(', ')}.`);
  });
}
