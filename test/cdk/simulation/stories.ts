import fc from 'fast-check';
import type { JournalEntry } from '../../fakes/aws/model.ts';
import type { Ec2 } from '../../fakes/aws/services/ec2/ec2.ts';
import { deeds, deploy, openPulls, repair, roll, sweep } from './deeds.ts';
import { leftOf, whatIsWrong } from './invariants.ts';
import type { Run } from './run.ts';
import { preview, production, Simulation, type SimulationOptions } from './simulation.ts';
import { troubles } from './troubles.ts';

/** What somebody does, or what goes wrong. `which` chooses among what there is. */
export interface Deed {
  kind: string;
  which: number;
  /** Seconds until the next one. */
  after: number;
}

export interface Story {
  seed: number;
  deeds: Deed[];
}

export const kinds = { deeds: Object.keys(deeds), troubles: Object.keys(troubles) };

/** Stories that begin with a pull request or with production; most deeds come while something of the one before still runs. */
export function storiesOf(some: readonly string[], length: number): fc.Arbitrary<Story> {
  const which = fc.nat({ max: 999 });
  const after = fc.oneof(fc.nat({ max: 60 }), fc.nat({ max: 600 }));
  const deed = fc.record({ kind: fc.constantFrom(...some), which, after });
  const first = fc.record({ kind: fc.constantFrom('open', 'merge'), which: fc.constant(0), after });
  return fc.record({
    seed: fc.nat(),
    deeds: fc
      .tuple(first, fc.array(deed, { minLength: 3, maxLength: length, size: 'max' }))
      .map(([one, others]) => [one, ...others]),
  });
}

/** Plays a story, looks after what it has left, and answers what is wrong then. */
export async function play(story: Story, options: Omit<SimulationOptions, 'seed'>): Promise<string[]> {
  const simulation = await Simulation.open({ ...options, seed: story.seed });
  try {
    for (const { kind, which, after } of story.deeds) {
      await (deeds[kind] ?? troubles[kind])!(simulation, which);
      await simulation.settle(after * 1000);
    }
    await simulation.settle();
    return [...(await lookAfter(simulation, story)), ...(await whatIsWrong(simulation)), ...(await again(simulation))];
  } finally {
    await simulation.dispose();
  }
}

/** As somebody who looks after it once everything is quiet. Answers what cannot be removed even then. */
async function lookAfter(simulation: Simulation, story: Story): Promise<string[]> {
  const { aws } = simulation;
  simulation.endTroubles();
  aws.world.service<Ec2>('ec2').interfaces.linger(0);
  await simulation.setSecrets();
  const kept = story.deeds.some(({ kind }) => kind === 'keep network interfaces');
  if (kept) await simulation.settle(30 * 60_000);
  const environments = [...simulation.forge.pulls.keys()].map(preview);
  for (const environment of [...environments, production]) repair(simulation, environment);
  await simulation.settle();
  const swept = sweep(simulation);
  await simulation.settle();
  rerun(simulation);
  await simulation.settle();
  return leftOf(swept);
}

function rerun(simulation: Simulation): Run[] {
  const last = roll(simulation);
  return [...openPulls(simulation).map(({ number }) => deploy(simulation, number)), ...(last ? [last] : [])];
}

/** Everything once more: what went well changes nothing. Answers what did. */
async function again(simulation: Simulation): Promise<string[]> {
  const { journal } = simulation.aws.world;
  const changed = new Map<Run, string[]>();
  const from = journal.length;
  const runs = [sweep(simulation), ...rerun(simulation)];
  await simulation.settle();
  for (const entry of journal.slice(from)) {
    const run = simulation.runOf(entry.principal);
    if (run && !isReading(entry)) changed.set(run, [...(changed.get(run) ?? []), entry.operation]);
  }
  return runs
    .filter(({ error }) => error === undefined)
    .flatMap((run) => (changed.get(run) ?? []).map((operation) => `${run.name} calls ${operation} the second time`));
}

/** A change set that changes nothing is made and taken back. */
function isReading({ operation, error }: JournalEntry): boolean {
  return error !== undefined || /^(Get|Describe|List|Head|CreateChangeSet|DeleteChangeSet)/.test(operation);
}
