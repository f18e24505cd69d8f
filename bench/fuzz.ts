import { type ChildProcess, fork } from 'node:child_process';
import type { Tried } from './fuzz-worker.ts';

/** A case takes about a tenth of it. */
const longestSeconds = 10;

export interface FuzzFigures {
  cases: number;
  seconds: number;
  /** Of the slowest case. */
  slowest: { seed: number; milliseconds: number };
  /** Cases that threw, killed the process or did not end; one of each kind. */
  findings: { seed: number; failure: string; changes: string }[];
}

/** Analyzes mutated sources, seed after seed, until the time is over. Each seed gives the same case again. */
export async function fuzz(options: { seconds: number; first: number; cases?: number }): Promise<FuzzFigures> {
  const begin = performance.now();
  const elapsed = () => (performance.now() - begin) / 1000;
  const figures: FuzzFigures = {
    cases: 0,
    seconds: 0,
    slowest: { seed: options.first, milliseconds: 0 },
    findings: [],
  };
  let worker = startWorker();
  try {
    for (let seed = options.first; elapsed() < options.seconds && figures.cases < (options.cases ?? Infinity); seed++) {
      const started = performance.now();
      const { changes, failure } = await tryCase(worker, seed);
      const milliseconds = performance.now() - started;
      figures.cases++;
      if (milliseconds > figures.slowest.milliseconds) figures.slowest = { seed, milliseconds };
      if (worker.exitCode !== null || worker.signalCode !== null) worker = startWorker();
      if (failure === undefined || figures.findings.some((known) => kindOf(known.failure) === kindOf(failure)))
        continue;
      figures.findings.push({ seed, failure, changes: JSON.stringify(changes) });
    }
  } finally {
    worker.kill('SIGKILL');
  }
  return { ...figures, seconds: elapsed() };
}

function startWorker(): ChildProcess {
  return fork(new URL('fuzz-worker.ts', import.meta.url), { stdio: ['ignore', 'inherit', 'ignore', 'ipc'] });
}

/** One case; a worker that does not answer in time is killed. */
function tryCase(worker: ChildProcess, seed: number): Promise<Tried> {
  return new Promise((resolve) => {
    let changes: Tried['changes'] = [];
    let announced = false;
    const end = (tried: Tried) => {
      clearTimeout(timer);
      worker.off('message', answered).off('exit', died);
      resolve(tried);
    };
    const answered = (tried: Tried) => {
      changes = tried.changes;
      if (announced) end(tried);
      announced = true;
    };
    const died = (code: number | null, signal: string | null) =>
      end({ changes, failure: `the process ended with ${code ?? signal}` });
    const timer = setTimeout(() => {
      worker.off('exit', died).once('exit', () => end({ changes, failure: `no end within ${longestSeconds} s` }));
      worker.kill('SIGKILL');
    }, longestSeconds * 1000);
    worker.on('message', answered).on('exit', died);
    worker.send(seed);
  });
}

/** Failures of one kind have the same message and the same innermost place of ours. */
function kindOf(failure: string): string {
  const [message = '', ...frames] = failure.split('\n');
  const own = frames.find((frame) => frame.includes('/analyzer/')) ?? '';
  return message.replace(/[0-9]+/g, 'n') + own;
}
