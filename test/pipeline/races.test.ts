import { expect, test } from '@jest/globals';
import { migrations } from './sample-graph.ts';
import { graphOf, World } from './simulation.ts';

test('a pull request is opened, pushed to and closed; the event of the push comes last', async () => {
  const world = new World();
  const opened = world.open(1, 'a');
  await world.settle();
  expect(opened.value?.kind).toBe('deployed');
  expect(world.running('pr-1')).toBe('a');
  expect(world.comments.get(1)).toContain('http://pr-1.test');

  const pushed = world.push(1, 'b');
  await world.settle();
  expect(pushed.value?.kind).toBe('deployed');
  expect(world.running('pr-1')).toBe('b');

  const closed = world.close(1);
  await world.settle();
  expect(closed.value?.map(({ kind }) => kind)).toEqual(['removed']);
  expect(world.comments.get(1)).toContain('is removed');

  const late = world.wake(1, 'b');
  await world.settle();
  expect(late.value).toMatchObject({ kind: 'nothing', unwanted: { why: 'closed' } });
  expect(world.environments.size).toBe(0);
  expect(world.violations).toEqual([]);
});

test('the same event twice changes nothing the second time', async () => {
  const world = new World();
  world.open(1, 'a');
  const again = world.wake(1, 'a');
  await world.settle();
  expect(again.value?.kind).toBe('unchanged');
});

test.each(['build', 'apply', 'migrate', 'start processes', 'switch over', 'comment'])(
  'closed while it is about to %s: nothing remains, whoever comes first',
  async (point) => {
    const world = new World();
    const deploying = world.open(1, 'a');
    await world.until(deploying, point);
    world.close(1);
    await world.settle((count) => count - 1);
    expect(world.environments.size).toBe(0);
    expect(world.comments.get(1) ?? 'is removed').toContain('is removed');
    expect(world.violations).toEqual([]);
  },
);

test('closed while it is deployed, and the event of the closing is lost: what was deployed removes itself', async () => {
  const world = new World();
  const deploying = world.open(1, 'a');
  await world.until(deploying, 'start processes');
  world.crash(world.close(1));
  await world.settle();
  expect(deploying.value?.kind).toBe('removed');
  expect(world.environments.size).toBe(0);
});

test('two pushes at once: the older yields, whichever comes first', async () => {
  for (const first of [0, 1]) {
    const world = new World();
    world.open(1, 'a');
    await world.settle();
    const runs = [world.push(1, 'b'), world.push(1, 'c')];
    await world.until(runs[first]!, 'pull request');
    await world.settle();
    expect(runs.map(({ value }) => value?.kind)).toEqual(['superseded', 'deployed']);
    expect(world.running('pr-1')).toBe('c');
  }
});

test('a push while the former is built: nothing of the former is deployed', async () => {
  const world = new World();
  const former = world.open(1, 'a');
  await world.until(former, 'build');
  world.push(1, 'b');
  await world.settle();
  expect(former.value).toEqual({ kind: 'superseded', head: 'b' });
  expect(world.running('pr-1')).toBe('b');
  expect(world.history('pr-1')).toEqual(['preview started', 'preview success']);
});

test('a rollback waits for the deployment that runs, then takes it back', async () => {
  const world = new World();
  world.merge('a');
  await world.settle();
  const deploying = world.merge('b');
  await world.until(deploying, 'start processes');
  const back = world.rollback();
  await world.settle((count) => count - 1);
  expect(deploying.value?.kind).toBe('deployed');
  expect(back.value?.kind).toBe('rolled-back');
  expect(world.running('production')).toBe('a');
  expect(world.violations).toEqual([]);
});

test('a rollback holds: merges stop until someone resumes', async () => {
  const world = new World();
  for (const head of ['a', 'b']) world.merge(head);
  await world.settle();
  world.rollback();
  await world.settle();
  const held = world.merge('c');
  await world.settle();
  expect(held.value).toMatchObject({ kind: 'held', by: { action: 'rollback', status: 'success' } });
  expect(world.running('production')).toBe('a');

  world.resume();
  const free = world.merge('c');
  await world.settle();
  expect(free.value?.kind).toBe('deployed');
  expect(world.running('production')).toBe('c');
});

test('a rollback that was killed holds already, and running it again finishes it instead of going further back', async () => {
  const world = new World();
  for (const head of ['a', 'b', 'c']) world.merge(head);
  await world.settle();
  for (const point of ['apply', 'switch over', 'record rollback success']) {
    const back = world.rollback();
    await world.until(back, point);
    world.crash(back);
    const merged = world.merge('d');
    await world.settle();
    expect(merged.value?.kind).toBe('held');
  }
  world.rollback();
  await world.settle();
  expect(world.running('production')).toBe('b');
  expect(world.violations).toEqual([]);
});

test('a destruction that stops half-way is finished by the next', async () => {
  const world = new World();
  world.open(1, 'a');
  await world.settle();
  world.failingDestructions = 1;
  const closed = world.close(1);
  await world.settle();
  expect(closed.value).toMatchObject([{ kind: 'left', left: [{ what: 'its database' }] }]);
  expect(world.comments.get(1)).toContain('not removed completely');
  const swept = world.sweep();
  await world.settle();
  expect(swept.value?.map(({ kind }) => kind)).toEqual(['removed']);
  expect(world.comments.get(1)).toContain('is removed');
});

test('killed at any step, running again ends where it would have ended', async () => {
  const scenes: Record<string, (world: World) => ReturnType<World['start']>> = {
    preview: (world) => world.open(1, 'b'),
    'a preview that is made anew': (world) => world.open(2, 'b', withMigrations('b', 'rewritten')),
    'the closing': (world) => world.close(2),
    promote: (world) => world.merge('b'),
    rollback: (world) => world.rollback(),
  };
  for (const [name, act] of Object.entries(scenes)) {
    const expected = await play(act);
    for (let step = 0; step < expected.steps; step++) {
      const { state } = await play(act, step);
      expect({ scene: name, step, state }).toEqual({ scene: name, step, state: expected.state });
    }
  }
});

/** A production with a history and a preview; then the act, killed after `steps` steps and run again. */
async function play(act: (world: World) => ReturnType<World['start']>, steps = Number.POSITIVE_INFINITY) {
  const world = new World();
  for (const head of ['x', 'y', 'z']) world.merge(head);
  world.open(2, 'a', withMigrations('a', 'first'));
  await world.settle();
  const process = act(world);
  let taken = 0;
  while (process.pending.length > 0 && taken < steps) {
    await world.step(process);
    taken += 1;
  }
  if (!process.done) {
    world.crash(process);
    act(world);
    await world.settle();
  }
  expect(world.violations).toEqual([]);
  const running = [...world.environments.keys()].sort().map((name) => `${name} ${world.running(name)}`);
  const headings = [...world.comments].map(([number, text]) => `${number} ${/### .*/.exec(text)}`);
  return { steps: taken, state: { running, headings } };
}

function withMigrations(head: string, ...texts: string[]) {
  return graphOf(head, { databases: [migrations('orders', ...texts)] });
}
