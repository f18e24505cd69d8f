import { runProgram } from '../images/run-program.ts';
import type { Check } from '../pipeline/mod.ts';
import type { Context } from './context.ts';

/** The last lines of a command's output that tell why it failed. */
const lines = 10;

/** Runs the `command` of a smoke test as `fairlead.json` has it, in a shell in the application's directory. */
export function smokeCommand(command: string, { directory, interruption }: Context): Check {
  return async (url) => {
    const { problem, tail } = await runProgram(['/bin/sh', '-c', command], {
      directory,
      env: { ...process.env, FAIRLEAD_URL: url },
      signal: interruption.signal,
    });
    if (problem === undefined) return [];
    return [[`\`${command}\`: ${problem}`, ...tail.slice(-lines).map((line) => `    ${line}`)].join('\n')];
  };
}
