import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Sample, sampleOf } from './sample.ts';

/** What a process took from its start to its end. */
export interface Cost {
  /** Milliseconds on the clock. */
  wall: number;
  /** Milliseconds of all cores together, in the process and the system. */
  cpu: number;
  /** The most at once, in MiB. */
  memory: number;
}

export type CostSample = Record<keyof Cost, Sample>;

/** Runs a program of Node in a process of its own, with `env` besides ours. @throws Error with its output when it fails */
export async function measureProcess(argv: string[], cwd: string, env: Record<string, string> = {}): Promise<Cost> {
  const preload = new URL('report-usage.mjs', import.meta.url).href;
  const begin = performance.now();
  const child = spawn(process.execPath, ['--import', preload, ...argv], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const texts = child.stdio.slice(1).map(() => '');
  for (const [index, stream] of child.stdio.slice(1).entries()) {
    stream?.on('data', (chunk: Buffer) => {
      texts[index] += chunk.toString();
    });
  }
  const ended = once(child, 'exit').then(() => performance.now() - begin);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}:\n${texts[0]}${texts[1]}`);
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(texts[2]!) as NodeJS.ResourceUsage;
  return { wall: await ended, cpu: (userCPUTime + systemCPUTime) / 1000, memory: maxRSS / 1024 };
}

export function costSampleOf(costs: readonly Cost[]): CostSample {
  return {
    wall: sampleOf(costs.map(({ wall }) => wall)),
    cpu: sampleOf(costs.map(({ cpu }) => cpu)),
    memory: sampleOf(costs.map(({ memory }) => memory)),
  };
}

/** The medians of one thing over those of another. */
export function ratioOf(a: CostSample, b: CostSample): Cost {
  return {
    wall: a.wall.median / b.wall.median,
    cpu: a.cpu.median / b.cpu.median,
    memory: a.memory.median / b.memory.median,
  };
}
