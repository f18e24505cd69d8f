import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { migrations } from './sample-graph.ts';
import { graphOf, World } from './simulation.ts';

// A failure prints the seed and the path of the smallest example; put them beside `numRuns` to play it again.
const bounds = { numRuns: 300, seed: 72 };

const number = fc.integer({ min: 1, max: 2 });
/** Few, so that pull requests come back to a head they had, and carry each other's migrations. */
const head = fc.constantFrom('a', 'b', 'c', 'd', 'e');

type Event =
  | { kind: 'push'; number: number; head: string }
  | { kind: 'close'; number: number; lost: boolean }
  | { kind: 'merge'; head: string }
  | { kind: 'rollback' }
  | { kind: 'resume' }
  | { kind: 'sweep' }
  | { kind: 'crash' };

const harmless: fc.Arbitrary<Event>[] = [
  fc.record({ kind: fc.constant('push'), number, head }),
  fc.record({ kind: fc.constant('close'), number, lost: fc.constant(false) }),
  fc.record({ kind: fc.constant('merge'), head }),
  fc.constant({ kind: 'rollback' }),
  fc.constant({ kind: 'resume' }),
  fc.constant({ kind: 'sweep' }),
];

const harmful: fc.Arbitrary<Event>[] = [
  fc.record({ kind: fc.constant('close'), number, lost: fc.boolean() }),
  fc.constant({ kind: 'crash' }),
];

/** Events, how far the processes run between them, and who is chosen each time. */
function stories(events: fc.Arbitrary<Event>[]) {
  const moment = fc.record({ event: fc.oneof(...events), steps: fc.noBias(fc.nat({ max: 50 })) });
  return fc.tuple(fc.noBias(fc.array(moment, { maxLength: 12, size: 'max' })), fc.infiniteStream(fc.nat({ max: 999 })));
}

test('whatever the order, every open pull request runs its head, and no other has an environment', async () => {
  await fc.assert(
    fc.asyncProperty(stories(harmless), async ([moments, choices]) => {
      const world = await play(moments, choices);
      expectConverged(world);
    }),
    bounds,
  );
});

test('the same after crashes, lost events and half destructions, once the runs are repeated and the sweeper came', async () => {
  await fc.assert(
    fc.asyncProperty(
      stories([...harmless, ...harmful]),
      fc.nat({ max: 2 }),
      async ([moments, choices], failingDestructions) => {
        const world = await play(moments, choices, { failingDestructions });
        world.failingDestructions = 0;
        for (const { number, state, head } of world.pullRequests.values()) {
          if (state === 'open') world.wake(number, head);
        }
        world.sweep();
        await world.settle(chooser(choices));
        expectConverged(world);
      },
    ),
    bounds,
  );
});

test('production runs what its databases allow, and while it is held only the rollback changes it', async () => {
  const events: fc.Arbitrary<Event>[] = [
    fc.record({ kind: fc.constant('merge'), head }),
    // Most merges leave the schema alone, else hardly any would go through after the first few.
    fc.record({ kind: fc.constant('merge'), head: fc.constantFrom('b', 'x', 'y', 'z') }),
    fc.constant({ kind: 'rollback' }),
    fc.constant({ kind: 'resume' }),
    fc.constant({ kind: 'crash' }),
  ];
  await fc.assert(
    fc.asyncProperty(stories(events), fc.subarray(['c', 'e', 'x']), async ([moments, choices], unhealthy) => {
      const world = await play(moments, choices, { unhealthy });
      expect(world.violations).toEqual([]);
    }),
    bounds,
  );
});

interface Moment {
  event: Event;
  steps: number;
}

interface Troubles {
  failingDestructions?: number;
  /** Heads that never become healthy. */
  unhealthy?: string[];
}

async function play(
  moments: Moment[],
  choices: fc.Stream<number>,
  { failingDestructions = 0, unhealthy = [] }: Troubles = {},
): Promise<World> {
  const world = new World();
  world.failingDestructions = failingDestructions;
  for (const head of unhealthy) world.unhealthy.add(head);
  const choose = chooser(choices);
  for (const { event, steps } of moments) {
    happen(world, event, choose);
    for (let step = 0; step < steps && world.ready().length > 0; step++) {
      const ready = world.ready();
      await world.step(ready[choose(ready.length)]!);
    }
  }
  await world.settle(choose);
  return world;
}

function happen(world: World, event: Event, choose: (count: number) => number): void {
  switch (event.kind) {
    case 'push':
      world.push(event.number, event.head, sources(event.head));
      break;
    case 'close': {
      if (world.pullRequests.get(event.number)?.state !== 'open') break;
      const closed = world.close(event.number);
      if (event.lost) world.crash(closed);
      break;
    }
    case 'merge':
      world.merge(event.head, sources(event.head));
      break;
    case 'rollback':
      world.rollback();
      break;
    case 'resume':
      world.resume();
      break;
    case 'sweep':
      world.sweep();
      break;
    case 'crash': {
      const alive = world.alive();
      if (alive.length > 0) world.crash(alive[choose(alive.length)]!);
      break;
    }
  }
}

/** One database through five heads: extended, extended in a way old code cannot live with, and rewritten. */
function sources(head: string) {
  const texts: Record<string, string[]> = {
    a: ['first'],
    b: ['first', 'second'],
    c: ['first', 'second', 'third!'],
    d: ['first', 'other'],
    e: ['first', 'second', 'third!', 'fourth'],
  };
  return graphOf(head, { databases: [migrations('orders', ...(texts[head] ?? texts.b!))] });
}

function expectConverged(world: World): void {
  const wanted = [...world.pullRequests.values()].filter(({ state }) => state === 'open');
  const found = [...world.environments.keys()].filter((name) => name !== 'production');
  expect(world.violations).toEqual([]);
  expect(found.sort()).toEqual(wanted.map(({ number }) => `pr-${number}`).sort());
  for (const { number, head } of wanted) expect(world.running(`pr-${number}`)).toBe(head);
}

function chooser(choices: fc.Stream<number>): (count: number) => number {
  return (count) => (choices.next().value ?? 0) % count;
}
