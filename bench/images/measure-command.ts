import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** What a program and all that it started took, in milliseconds. */
export interface CommandCost {
  wall: number;
  cpu: number;
}

/** Runs a program from start to end. @throws Error with its output when it fails */
export async function measureCommand(
  argv: string[],
  { cwd, env }: { cwd: string; env?: Record<string, string> },
): Promise<CommandCost> {
  const begin = performance.now();
  // The shell's own clock also knows of the processes that the program has started and waited for.
  const script = `TIMEFORMAT='%U %S'; exec 4>&1; { time "$@" >&4 2>&1; } 2>&3`;
  const child = spawn('bash', ['-c', script, 'bash', ...argv], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const texts = ['', '', ''];
  for (const [index, stream] of child.stdio.slice(1).entries())
    stream?.on('data', (chunk: Buffer) => {
      texts[index] += chunk.toString();
    });
  const [code] = await once(child, 'close');
  const wall = performance.now() - begin;
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}:\n${texts[0]}${texts[1]}`);
  const [user, system] = texts[2]!.trim().split(' ').map(Number);
  return { wall, cpu: (user! + system!) * 1000 };
}
