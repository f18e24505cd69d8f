import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { runCommand } from '../run-command.ts';
import { alternate, type Sample, sampleOf } from '../sample.ts';
import { inKit } from '../shop.ts';
import { application } from './application.ts';

/** What is done as often as `times` says, by us and by the driver of PostgreSQL alone. */
export const works = {
  one: { title: 'queryRow of one row', times: 4000, rows: 4000 },
  many: { title: 'query of 1,000 rows', times: 60, rows: undefined },
  publish: { title: 'publish to handler, durably, 20 publishers', times: 10_000, rows: 10_000 },
} as const;

export type WorkName = keyof typeof works;

export interface DataFigures {
  /** Milliseconds for all of it. */
  took: Record<WorkName, Record<'fairlead' | 'pg', Sample>>;
  goals: typeof goals;
}

/** `sql`: how many times as long as the driver at most. `messages`: in a second, at least. */
export const goals = { sql: 1.05, messages: 5000 };

/** The application on this machine, as `fairlead run` has it: each round all of it in turn. */
export async function measureData(rounds: number): Promise<DataFigures> {
  await using running = await runApplication(application);
  const took: Record<string, Record<string, Sample>> = {};
  for (const [name, { times, rows }] of Object.entries(works)) {
    const ask = (who: string) => async () => {
      const answer = await fetch(`${running.url}/${name}/${who}?times=${times}`);
      const told = (await answer.json()) as { took: number; rows: number };
      if (!answer.ok || (rows !== undefined && told.rows < rows))
        throw new Error(`${name} of ${who}: ${JSON.stringify(told)}`);
      return told.took;
    };
    const figures = await alternate(rounds, { fairlead: ask('fairlead'), pg: ask('pg') });
    took[name] = { fairlead: sampleOf(figures.fairlead), pg: sampleOf(figures.pg) };
  }
  return { took: took as DataFigures['took'], goals };
}

interface Running extends AsyncDisposable {
  url: string;
}

/** Everything goes at the end. @throws Error when it does not start */
async function runApplication(files: Record<string, string>): Promise<Running> {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'fairlead-bench-')));
  // PostgreSQL runs as another user when we are root, and must be able to pass through.
  await chmod(home, 0o711);
  const root = join(home, 'application');
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  await symlink(inKit('node_modules'), join(root, 'node_modules'));
  const env = { FAIRLEAD_STATE_DIR: join(home, 'state'), FAIRLEAD_CACHE_DIR: join(home, 'cache'), ENCORE_NOLOG: '1' };
  const child = spawn(process.execPath, [inKit('cli/bin.js'), 'run', '--json'], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = async () => {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    if (child.exitCode === null) await ended;
    await runCommand([inKit('cli/bin.js'), 'destroy', '--env', 'local', '--yes'], { cwd: root, env });
    await rm(home, { recursive: true, force: true });
  };
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const { event, url } = JSON.parse(line) as { event: string; url: string };
    if (event !== 'running') continue;
    child.stdout.resume();
    return { url, [Symbol.asyncDispose]: stop };
  }
  await rm(home, { recursive: true, force: true });
  throw new Error(said);
}
