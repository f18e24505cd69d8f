import {
  cleanup,
  type Environment,
  type PullRequest,
  preview as previewOf,
  promote,
  resume,
  rollback,
} from '../../../pipeline/mod.ts';
import type { Run } from './run.ts';
import { config, preview, production, type Simulation } from './simulation.ts';
import { application, flavours, type Head } from './sources.ts';

export type Act = (simulation: Simulation, which: number) => void | Promise<void>;

/** What people do, and the runs that it wakes. Nothing happens where it cannot. */
export const deeds: Record<string, Act> = {
  open: (simulation, which) => {
    const { pulls } = simulation.forge;
    if (pulls.size >= most) return;
    const number = pulls.size + 1;
    pulls.set(number, { number, state: 'open', head: headOf(which) });
    deploy(simulation, number);
  },
  push: (simulation, which) => {
    const pull = pick(openPulls(simulation), which);
    if (!pull) return;
    simulation.forge.pulls.set(pull.number, { ...pull, head: headOf(which) });
    deploy(simulation, pull.number);
  },
  close: (simulation, which) => {
    const pull = pick(openPulls(simulation), which);
    if (!pull) return;
    simulation.forge.pulls.set(pull.number, { ...pull, state: 'closed' });
    sweep(simulation, pull.number);
  },
  'close unheard': (simulation, which) => {
    const pull = pick(openPulls(simulation), which);
    if (pull) simulation.forge.pulls.set(pull.number, { ...pull, state: 'closed' });
  },
  reopen: (simulation, which) => {
    const closed = [...simulation.forge.pulls.values()].filter(({ state }) => state === 'closed');
    const pull = pick(closed, which);
    if (!pull) return;
    simulation.forge.pulls.set(pull.number, { ...pull, state: 'open' });
    deploy(simulation, pull.number);
  },
  merge: (simulation, which) => {
    simulation.forge.commits.push(`${headOf(which)}#${simulation.forge.commits.length}`);
    roll(simulation);
  },
  'roll back': (simulation) => {
    simulation.start('rollback', (ports) => rollback({ environment: production, config }, ports));
  },
  resume: (simulation) => {
    simulation.start('resume', (ports) => resume({ environment: production }, ports));
  },
  sweep: (simulation) => void sweep(simulation),
  sleep: onPreview('sleep'),
  wake: onPreview('wake'),
  repair: onPreview('repair'),
  revert: onPreview('revert'),
};

/** Pull requests of a story. */
const most = 3;

function headOf(which: number): Head {
  // Most sources are sound.
  const flavour = which % 3 === 0 ? 'plain' : flavours[which % flavours.length]!;
  return `${flavour}-${which % 2}`;
}

export function deploy(simulation: Simulation, number: number): Run {
  const { head } = simulation.forge.pulls.get(number)!;
  const source = { root: head, head };
  return simulation.start(`preview of pr-${number} ${head}`, (ports) =>
    previewOf({ application, pullRequest: number, source, config }, ports),
  );
}

export function sweep(simulation: Simulation, pullRequest?: number): Run {
  return simulation.start(`cleanup ${pullRequest ?? 'of all'}`, (ports) =>
    cleanup({ application, ...(pullRequest !== undefined && { pullRequest }) }, ports),
  );
}

/** Brings the newest commit to production. */
export function roll(simulation: Simulation): Run | undefined {
  const commit = simulation.forge.commits.at(-1);
  if (commit === undefined) return undefined;
  const root = commit.slice(0, commit.indexOf('#'));
  return simulation.start(`promotion of ${commit}`, (ports) =>
    promote({ environment: production, root, config, commit }, ports),
  );
}

export function repair(simulation: Simulation, environment: Environment): Run {
  return simulation.start(`repair of ${environment.name}`, (ports) =>
    ports.lock.hold(environment, async () => {
      if (await ports.target.read(environment)) await ports.target.cloud!.repair(environment, ports.report);
    }),
  );
}

function onPreview(what: 'sleep' | 'wake' | 'repair' | 'revert'): Act {
  return (simulation, which) => {
    const pull = pick(openPulls(simulation), which);
    if (!pull) return;
    const environment = preview(pull.number);
    simulation.start(`${what} of ${environment.name}`, (ports) =>
      ports.lock.hold(environment, async () => {
        if (await ports.target.read(environment)) await ports.target.cloud![what](environment, ports.report);
      }),
    );
  };
}

export function openPulls({ forge }: Simulation): PullRequest[] {
  return [...forge.pulls.values()].filter(({ state }) => state === 'open');
}

export function pick<T>(all: readonly T[], which: number): T | undefined {
  return all[which % Math.max(all.length, 1)];
}
