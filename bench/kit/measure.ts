import { appendFile, chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machine } from '../../test/e2e/place.ts';
import { type Happening, type Played, Stage } from '../../test/e2e/stage.ts';
import { ownPackage } from '../../test/e2e/story.ts';
import { type Sample, sampleOf } from '../sample.ts';
import { measureSetup, type SetupFigures } from './setup.ts';

export interface KitFigures {
  /** What the steps of a preview take, of both jobs, but for the checkout: a push that changes one line. */
  preview: Sample;
  /** The same push by `fairlead preview` in a terminal, whose sources are checked out already. */
  command: Sample;
  /** The preview's steps over the command. */
  ratio: number;
  /** The first preview on a machine. */
  cold: number;
  /** Of the pushes: milliseconds of each step. */
  steps: { name: string; sample: Sample }[];
  /** Requests to GitHub's REST API for each event. */
  requests: { event: string; count: number }[];
  setup: SetupFigures;
  /** Milliseconds. */
  goals: { preview: number; setup: number };
}

const branch = 'bench';

/** Plays pushes to a pull request through the workflows as they are, in turn with the command in a terminal. */
export async function measureKit(rounds: number): Promise<KitFigures> {
  const setup = await measureSetup();
  const home = await realpath(await mkdtemp(join(tmpdir(), 'fairlead-bench-')));
  await chmod(home, 0o711);
  const shop = fileURLToPath(new URL('../../examples/shop', import.meta.url));
  try {
    await using stage = await Stage.create(home, shop, machine);
    try {
      return { ...(await play(stage, rounds)), setup, goals: { preview: 10_000, setup: 3000 } };
    } finally {
      await stage.leaveNothing();
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function play(stage: Stage, rounds: number): Promise<Omit<KitFigures, 'setup' | 'goals'>> {
  await stage.work.commit('Keep the shop by itself', ownPackage);
  await stage.fairlead.succeed(['secret', 'set', 'MailApiKey', '--type', 'preview,production'], 'bench');
  await stage.fairlead.succeed(['init', '--target', 'local', '--branch', 'main']);
  await stage.push('main', 'Deploy with Fairlead', []);
  await stage.work.branch(branch);
  await stage.push(branch, 'Change a line', [line(0)]);
  const { number } = await stage.open(branch, 'Change a line');
  const first = await green(stage, { ...wake, action: 'opened', number });
  const pushes: Played[] = [];
  const commands: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    await stage.push(branch, 'Change a line', [line(round)]);
    pushes.push(await green(stage, { ...wake, action: 'synchronize', number }));
    commands.push(await command(stage, 1000 + round));
  }
  stage.hosted.pulls.close(number);
  const closed = await green(stage, {
    ...{ event: 'pull_request_target', workflow: 'fairlead-cleanup.yml', action: 'closed', number },
  });
  const [preview, inTerminal] = [sampleOf(pushes.map((run) => total(stepsOf(run)))), sampleOf(commands)];
  return {
    preview,
    command: inTerminal,
    ratio: preview.median / inTerminal.median,
    cold: total(stepsOf(first)),
    steps: stepsOf(pushes[0]!).map(({ name }, index) => ({
      name,
      sample: sampleOf(pushes.map((run) => stepsOf(run)[index]?.milliseconds ?? 0)),
    })),
    requests: [
      { event: 'pull request opened', count: first.requests },
      { event: 'push to it', count: pushes[0]!.requests },
      { event: 'closed', count: closed.requests },
    ],
  };
}

const wake = { event: 'pull_request', workflow: 'fairlead-preview.yml' } as const;

const line = (round: number) => ({ file: 'orders/push.ts', content: `export const push = ${round};\n` });

async function green(stage: Stage, happening: Happening): Promise<Played> {
  const played = await stage.run(happening);
  if (played.exitCode !== 0) throw new Error(`${happening.workflow} failed:\n${played.log}`);
  return played;
}

/** The same sources in an environment of their own. */
async function command(stage: Stage, round: number): Promise<number> {
  const file = join(stage.work.root, 'orders/push.ts');
  await appendFile(file, `export const again = ${round};\n`);
  const begin = performance.now();
  await stage.fairlead.succeed(['preview', '--pr', '999']);
  const took = performance.now() - begin;
  await stage.work.commit('Change it in the terminal, too', []);
  return took;
}

/** The steps that the runner timed, without the checkout. It copies the kit for each of them, which is in their times. */
function stepsOf({ log }: Pick<Played, 'log'>): { name: string; milliseconds: number }[] {
  const steps = new Map<string, number>();
  // A composite ends after what it consists of, which may be called the same.
  for (const [, job, name = '', took = ''] of log.matchAll(
    /^\[Preview\/Preview\/(\w+)\] +✅ +Success - Main (.+?) \[([^\]]+)\]/gm,
  ))
    if (['Build', 'Deploy'].includes(job ?? '') && top.has(name)) steps.set(`${job}: ${name}`, duration(took));
  return [...steps].map(([name, milliseconds]) => ({ name, milliseconds }));
}

/** Steps of the workflows; what composites consist of is in them. */
const top = new Set(['Read the pull request', 'Set up', 'Build', 'Deploy']);

/** As Go writes them: `1m2.5s`, `812.5ms`. */
function duration(text: string): number {
  const units: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, µs: 0.001, ns: 0.000_001 };
  return [...text.matchAll(/([\d.]+)(ms|µs|ns|h|m|s)/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (units[unit ?? ''] ?? 0),
    0,
  );
}

function total(steps: readonly { milliseconds: number }[]): number {
  return steps.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
}
