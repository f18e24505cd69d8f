import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Digest, type KeptRelease, type Ports, parseEnvironment } from '../../pipeline/mod.ts';
import { forgetFormer, judge, type Needs } from '../../pipeline/prune-releases.ts';
import { migrations } from './sample-graph.ts';
import { graphOf, World } from './simulation.ts';

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const now = new Date('2026-03-04T12:00:00Z');

function kept(letter: string, at: string, environment?: string): KeptRelease {
  return { digest: digest(letter), at: `2026-03-${at}:00Z`, ...(environment !== undefined && { environment }) };
}

function needs(environment: string, parts: Partial<Needs> = {}): Needs {
  return { environment, attempted: [], recent: [], migrated: [], ...parts };
}

test('each release is judged by all environments, and goes when none of them needs it', () => {
  const all = [
    kept('a', '04T11:30', 'pr-7'),
    kept('b', '04T10:00', 'production'),
    kept('c', '03T10:00', 'production'),
    kept('b', '03T09:00', 'pr-6'),
    kept('d', '02T10:00', 'pr-5'),
    kept('e', '02T10:00'),
    kept('f', '01T10:00', 'staging'),
  ];
  const verdicts = judge(
    all,
    [
      needs('production', { runs: digest('b'), attempted: [digest('b')] }),
      needs('staging', { runs: digest('b'), attempted: [digest('f'), digest('b')], migrated: [digest('e')] }),
      needs('production', { recent: [digest('b'), digest('c')] }),
    ],
    now,
  );
  expect(verdicts).toEqual([
    { digest: digest('a'), kept: [all[0]], reasons: [{ kind: 'young' }] },
    {
      digest: digest('b'),
      kept: [all[1], all[3]],
      reasons: [
        { kind: 'runs', environment: 'production' },
        { kind: 'runs', environment: 'staging' },
        { kind: 'recent', environment: 'production' },
      ],
    },
    { digest: digest('c'), kept: [all[2]], reasons: [{ kind: 'recent', environment: 'production' }] },
    { digest: digest('d'), kept: [all[4]], reasons: [] },
    { digest: digest('e'), kept: [all[5]], reasons: [{ kind: 'migrated', environment: 'staging' }] },
    { digest: digest('f'), kept: [all[6]], reasons: [{ kind: 'attempted', environment: 'staging' }] },
  ]);
});

test('an environment that nobody rolls back keeps what it runs, and what others have been given, too', async () => {
  const environment = parseEnvironment('shop', 'local');
  const all = [
    kept('a', '04T11:30', 'local'),
    kept('b', '04T10:00', 'local'),
    kept('c', '04T09:00', 'local'),
    kept('d', '04T08:00', 'local'),
    kept('c', '03T10:00', 'production'),
    kept('e', '03T09:00', 'pr-1'),
  ];
  const removed: Digest[] = [];
  await forgetFormer(environment, {
    clock: { now: () => now },
    target: {
      read: async () => ({ environment, release: digest('b'), state: 'stopped', processes: [], updated: '' }),
    } as Partial<Ports['target']> as Ports['target'],
    registry: {
      list: async () => all,
      put: async () => undefined,
      get: async () => undefined,
      remove: async (releases) => {
        removed.push(...releases);
        return { releases: [...releases], spared: [], images: [] };
      },
    },
  });
  expect(removed).toEqual([digest('d')]);
});

async function promoted(...heads: string[]): Promise<World> {
  const world = new World();
  for (const head of heads) {
    world.merge(head);
    await world.settle();
  }
  world.night();
  return world;
}

test('the last releases of production stay, and what previews ran goes with them', async () => {
  const world = await promoted('a', 'b', 'c');
  world.open(1, 'd');
  await world.settle();
  world.close(1);
  await world.settle();
  world.night();
  const pruned = world.prune(2);
  await world.settle();
  expect(pruned.value?.releases.map(({ reasons }) => reasons.map(({ kind }) => kind))).toEqual([
    [],
    ['runs', 'recent'],
    ['recent'],
    [],
  ]);
  expect(world.releases.size).toBe(2);
  world.rollback();
  await world.settle();
  expect(world.running('production')).toBe('b');
  expect(world.violations).toEqual([]);
});

test('after a rollback the release stays that says what the databases have seen', async () => {
  const world = new World();
  for (const [head, texts] of Object.entries({ a: ['init'], b: ['init', 'wider'] })) {
    world.merge(head, graphOf(head, { databases: [migrations('orders', ...texts)] }));
    await world.settle();
  }
  world.rollback();
  await world.settle();
  world.night();
  const pruned = world.prune(1);
  await world.settle();
  const reasons = pruned.value?.releases.map((verdict) => verdict.reasons.map(({ kind }) => kind));
  expect(reasons).toEqual([['migrated'], ['runs', 'recent']]);
  expect(world.violations).toEqual([]);
});

test('a rollback that was killed half-way can be taken up again', async () => {
  const world = await promoted('a', 'b');
  const killed = world.rollback();
  await world.until(killed, 'migrate');
  world.crash(killed);
  world.night();
  world.prune(1);
  await world.settle();
  const again = world.rollback();
  await world.settle();
  expect(again.error).toBeUndefined();
  expect(world.running('production')).toBe('a');
  expect(world.violations).toEqual([]);
});

test.each(['list', 'releases', 'deployments', 'remove releases'])(
  'a rollback that comes when a prune is about to look at "%s" waits, and says when its release is gone',
  async (point) => {
    const world = await promoted('a', 'b');
    const pruning = world.prune(1);
    await world.until(pruning, 'lock production');
    await world.step(pruning);
    await world.until(pruning, point);
    const rollback = world.rollback();
    await world.settle((count) => count - 1);
    expect(rollback.error).toMatchObject({ message: expect.stringContaining('is no longer kept') });
    expect(world.running('production')).toBe('b');
    expect(world.violations).toEqual([]);
  },
);

test.each(['get', 'apply', 'migrate', 'switch over'])(
  'a prune that comes when a rollback is about to "%s" waits, and leaves it what it needs',
  async (point) => {
    const world = await promoted('a', 'b');
    const rollback = world.rollback();
    await world.until(rollback, point);
    world.prune(1);
    await world.settle((count) => count - 1);
    expect(world.running('production')).toBe('a');
    expect(world.violations).toEqual([]);
  },
);

test.each(['lock production', 'releases', 'list', 'remove releases'])(
  'an old release that a new preview comes back to while a prune is about to "%s" is there for it',
  async (point) => {
    const world = await promoted('a', 'b');
    const pruning = world.prune(1);
    await world.until(pruning, point);
    const preview = world.open(1, 'a');
    await world.until(preview, 'apply');
    await world.settle((count) => count - 1);
    expect(world.running('pr-1')).toBe('a');
    expect(world.violations).toEqual([]);
  },
);

type Event =
  | { kind: 'push'; number: number; head: string }
  | { kind: 'close'; number: number }
  | { kind: 'merge'; head: string }
  | { kind: 'rollback' | 'resume' | 'prune' | 'night' | 'crash' | 'restart' };

const number = fc.integer({ min: 1, max: 2 });
const head = fc.constantFrom('a', 'b', 'c', 'd');
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constant('push'), number, head }),
  fc.record({ kind: fc.constant('close'), number }),
  fc.record({ kind: fc.constant('merge'), head }),
  fc.record({ kind: fc.constantFrom('rollback', 'resume', 'prune', 'prune', 'night', 'night', 'crash', 'restart') }),
);
const moments = fc.array(fc.record({ event, steps: fc.noBias(fc.nat({ max: 40 })) }), { maxLength: 16, size: 'max' });

/** Each head has the migrations of those before it; `c` drops something. */
const texts: Record<string, string[]> = { a: ['one'], b: ['one', 'two'], c: ['one', 'two', 'three!'], d: ['one'] };

function happen(world: World, event: Event): void {
  const graph = (of: string) => graphOf(of, { databases: [migrations('orders', ...texts[of]!)] });
  if (event.kind === 'push') world.push(event.number, event.head, graph(event.head));
  else if (event.kind === 'close') {
    if (world.pullRequests.has(event.number)) world.close(event.number);
  } else if (event.kind === 'merge') world.merge(event.head, graph(event.head));
  else if (event.kind === 'crash') {
    const [process] = world.alive();
    if (process) world.crash(process);
  } else if (event.kind === 'night') {
    // Whoever builds and deploys takes less than an hour.
    if (world.alive().length === 0) world.night();
  } else world[event.kind]();
}

// A failure prints the seed and the path of the smallest example; put them beside `numRuns` to play it again.
test('whatever happens in whatever order, no environment loses the release it runs or is brought to', async () => {
  let removed = 0;
  await fc.assert(
    fc.asyncProperty(moments, fc.infiniteStream(fc.nat({ max: 999 })), async (all, choices) => {
      const world = new World();
      const pick = (count: number) => (choices.next().value ?? 0) % count;
      for (const { event, steps } of all) {
        happen(world, event);
        for (let step = 0; step < steps; step += 1) {
          await Promise.resolve();
          const ready = world.ready();
          if (ready.length === 0) break;
          await world.step(ready[pick(ready.length)]!);
        }
      }
      await world.settle(pick);
      world.night();
      const before = world.releases.size;
      world.prune();
      await world.settle(pick);
      removed += before - world.releases.size;
      expect(world.violations).toEqual([]);
      for (const { release } of world.environments.values())
        if (release) expect(world.releases.has(release)).toBe(true);
    }),
    { numRuns: 120, seed: 21 },
  );
  expect(removed).toBeGreaterThan(50);
}, 30_000);
