import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { UserError } from '../analyzer/diagnostic.ts';
import type { Interruption } from './interruption.ts';

export interface ChildRequest {
  command: string;
  args: readonly string[];
  /** Its working directory. */
  directory: string;
  env: Record<string, string | undefined>;
}

/**
 * Runs a program in our place: what we have for input and output is its own, and signals are passed on to it. Resolves to its exit
 * code, which for one that a signal ended is 128 and the signal's number.
 * @throws UserError FL5022 when it cannot be started
 */
export async function runChild(
  { command, args, directory, env }: ChildRequest,
  interruption: Interruption,
): Promise<number> {
  const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  // Without a terminal it is the first of a group, so that a signal reaches what it has started, too.
  const child = spawn(command, args, { cwd: directory, env, stdio: 'inherit', detached: !terminal });
  const pass = (signal: NodeJS.Signals): void => {
    if (child.pid === undefined) return;
    if (!terminal) sendToGroup(child.pid, signal);
    // A terminal sends Ctrl-C to the child by itself.
    else if (signal !== 'SIGINT') child.kill(signal);
  };
  return interruption.passOn(
    pass,
    () =>
      new Promise((resolve, reject) => {
        child.once('error', (error: NodeJS.ErrnoException) => reject(cannotStart(command, error)));
        child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGTERM']));
      }),
  );
}

function sendToGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function cannotStart(command: string, error: NodeJS.ErrnoException): UserError {
  const missing = error.code === 'ENOENT';
  return new UserError(
    {
      code: 'FL5022',
      severity: 'error',
      message: `${command} cannot be started: ${missing ? 'there is no such program' : error.message}`,
      help: 'Install it, or name another program; those in node_modules/.bin are found by their names.',
    },
    { cause: error },
  );
}
