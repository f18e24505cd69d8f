import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface Finished {
  /** From the start of the process to its end. */
  milliseconds: number;
  stdout: string;
  /** The lines of standard error, each with the time since the start of the process. */
  lines: { at: number; text: string }[];
}

/** Runs a program of Node in a process of its own. @throws Error with its output when it fails */
export async function runCommand(
  argv: string[],
  { cwd, env, input = '' }: { cwd: string; env?: Record<string, string>; input?: string | undefined },
): Promise<Finished> {
  const begin = performance.now();
  const child = spawn(process.execPath, argv, { cwd, env: { ...process.env, ...env }, stdio: 'pipe' });
  const lines: Finished['lines'] = [];
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  createInterface(child.stderr).on('line', (text) => lines.push({ at: performance.now() - begin, text }));
  child.stdin.end(input);
  const exit = once(child, 'exit').then(() => performance.now() - begin);
  const [code] = await once(child, 'close');
  if (code !== 0) {
    const output = [stdout, ...lines.map(({ text }) => text)].join('\n');
    throw new Error(`${argv.join(' ')} ended with ${code}:\n${output}`);
  }
  return { milliseconds: await exit, stdout, lines };
}
