import { existsSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import type { Unpacked } from './image-store.ts';

export interface CommandLine {
  file: string;
  args: string[];
}

/** Programs that start another one and pass signals on to it. */
const inits = new Set(['tini', 'tini-static', 'dumb-init', 'catatonit']);

/**
 * What runs on this machine in the place of a container's command: Node is the one that runs now, other programs are those of the image,
 * or of the machine where it has none of that name.
 */
export function commandOf([program = '', ...args]: readonly string[], { root }: Unpacked): CommandLine {
  const name = basename(program);
  if (inits.has(name)) {
    const from = args.indexOf('--') + 1;
    return commandOf(args.slice(from), { root, config: {} });
  }
  if (/^node(js)?$/.test(name)) return { file: process.execPath, args };
  const own = join(root, program);
  return { file: isAbsolute(program) && existsSync(own) ? own : program, args };
}

/** Docker's rule: a new entry point takes the image's arguments away as well. */
export function wholeCommand(
  { entryPoint, command }: { entryPoint?: string[]; command?: string[] },
  { Entrypoint, Cmd }: Unpacked['config'],
): string[] {
  if (entryPoint) return [...entryPoint, ...(command ?? [])];
  return [...(Entrypoint ?? []), ...(command ?? Cmd ?? [])];
}

/** Of the running Node first, then of the system. */
export const searchPath = [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(':');
