import { expect, test } from '@jest/globals';
import { type Diagnostic, type Digest, parseConfig, shortDigest, UserError } from '../../pipeline/mod.ts';
import { migrations, service } from './sample-graph.ts';
import { graphOf, type Process, World } from './simulation.ts';

test('what has never run in a preview is refused where proof is required, and goes through where it is preferred', async () => {
  const world = requiring();
  const refused = world.merge('a');
  await world.settle();
  expect(problemOf(refused)).toMatchObject({ code: 'FL3016', message: expect.stringContaining('has never run') });
  expect(world.environments.size).toBe(0);
  expect(world.history('production')).toEqual(['promote failure']);
  expect(world.deployments[0]?.reason).toContain('has never run in a preview of shop');
  const preferred = world.merge('b', graphOf('b'), { proof: 'preferred' });
  await world.settle();
  expect(preferred.value).toMatchObject({ kind: 'deployed', reviewed: { kind: 'unseen' } });
  expect(preferred.value).not.toHaveProperty('provenBy');
});

test('what a preview ran and showed is rolled out, also when the pull request is closed by then', async () => {
  const world = requiring();
  world.open(7, 'a', services('a', 'orders'));
  await world.settle();
  world.close(7);
  const merged = world.merge('a', services('a', 'orders'));
  await world.settle();
  expect(merged.value).toMatchObject({
    kind: 'deployed',
    provenBy: 'pr-7',
    reviewed: { kind: 'seen', by: 'pr-7', already: [] },
  });
  expect(world.violations).toEqual([]);
});

test('a preview that failed, and a promotion elsewhere, prove nothing', async () => {
  const world = requiring();
  world.unhealthy.add('a');
  world.open(7, 'a');
  world.merge('a', graphOf('a'), { proof: 'preferred' });
  await world.settle();
  world.unhealthy.clear();
  const refused = world.merge('a');
  await world.settle();
  expect(problemOf(refused).code).toBe('FL3016');
});

test('where the base has moved on, the refusal says what the preview ran and what has become different', async () => {
  const world = requiring();
  world.open(7, 'a', services('a', 'orders'));
  await world.settle();
  const [previewed] = [...world.releases.keys()];
  const refused = world.merge('b', services('a', 'orders', 'mail'), { pullRequest: 7 });
  await world.settle();
  const { message, help } = problemOf(refused);
  expect(message).toContain(`The preview of pull request 7 ran ${shortDigest(previewed!)}. From that to this:\n`);
  expect(message).toContain('\n  - service mail is added');
  expect(help).toMatch(/up to date before they are merged.*accept: [0-9a-f]{12}\./);

  world.releases.delete(previewed!);
  const later = world.merge('c', services('c', 'orders', 'mail'), { pullRequest: 7 });
  const other = world.merge('d', services('d'), { pullRequest: 8 });
  await world.settle();
  expect(problemOf(later).message).toContain(`ran ${shortDigest(previewed!)}, which is no longer kept.`);
  expect(problemOf(other).message).toContain('The preview of pull request 8 has never come up.');
});

test('a maintainer lets one release through by its digest, and no other', async () => {
  const world = requiring();
  world.merge('a');
  await world.settle();
  const [digest] = [...world.releases.keys()] as [Digest];
  for (const accept of ['', digest.slice(0, 18), `${digest.slice(0, -1)}g`, 'sha256:', '0'.repeat(12)]) {
    const refused = world.merge('a', graphOf('a'), { accept });
    await world.settle();
    expect({ accept, code: problemOf(refused).code }).toEqual({ accept, code: 'FL3019' });
  }
  const accepted = world.merge('a', graphOf('a'), { accept: shortDigest(digest) });
  await world.settle();
  expect(accepted.value).toMatchObject({ kind: 'deployed', reviewed: { kind: 'accepted' } });
  const again = world.merge('a');
  await world.settle();
  expect(again.value).toMatchObject({ kind: 'unchanged', reviewed: { kind: 'nothing-changes' } });
});

test('what production has taken meanwhile needs not be taken again', async () => {
  const world = requiring();
  await proven(world, 1, 'a', services('a', 'orders'));
  world.open(2, 'c', services('c', 'mail', 'orders', 'stock'));
  await world.settle();
  await proven(world, 3, 'b', services('b', 'mail', 'orders'));
  const merged = world.merge('c', services('c', 'mail', 'orders', 'stock'));
  await world.settle();
  expect(merged.value).toMatchObject({
    kind: 'deployed',
    reviewed: { kind: 'seen', by: 'pr-2', already: [{ action: 'add', kind: 'service', subject: 'mail' }] },
    plan: { changes: [{ subject: 'stock' }] },
  });
});

test('after a rollback, what it took back was not shown to those who reviewed what comes next', async () => {
  const world = await rolledBackBelow();
  const refused = world.merge('c', services('c', 'mail', 'orders', 'stock'));
  await world.settle();
  const { code, message } = problemOf(refused);
  expect(code).toBe('FL3017');
  expect(message.split('\n').slice(1)).toEqual(['  - service mail is added']);
  expect(world.running('production')).toBe('a');

  const [accept] = [...world.releases].find(([, { content }]) => content.graph.services.length === 3)!;
  const accepted = world.merge('c', services('c', 'mail', 'orders', 'stock'), { accept });
  await world.settle();
  expect(accepted.value).toMatchObject({ kind: 'deployed', reviewed: { kind: 'accepted' }, provenBy: 'pr-3' });
  expect(world.violations).toEqual([]);
});

test('running the preview again shows what would change now', async () => {
  const world = await rolledBackBelow();
  world.wake(3, 'c');
  await world.settle();
  const merged = world.merge('c', services('c', 'mail', 'orders', 'stock'));
  await world.settle();
  expect(merged.value).toMatchObject({ kind: 'deployed', reviewed: { kind: 'seen', already: [] } });
});

test('what was shown counts when it is the same, and cannot be drawn up again without what it was compared with', async () => {
  const world = requiring();
  await proven(world, 1, 'a', services('a', 'orders'));
  const [against] = [...world.releases.keys()] as [Digest];
  world.open(2, 'b', services('b', 'mail', 'orders'));
  world.open(3, 'c', services('c', 'orders', 'stock'));
  await world.settle();
  const moved = world.merge('b', services('b', 'mail', 'orders'));
  await world.settle();
  expect(moved.value?.kind).toBe('deployed');
  world.releases.delete(against);
  const unknown = world.merge('c', services('c', 'orders', 'stock'));
  await world.settle();
  expect(problemOf(unknown)).toMatchObject({
    code: 'FL3017',
    message: expect.stringContaining(
      `${against} is no longer kept\n  - service mail is removed\n  - service stock is added`,
    ),
  });
});

test('what could not be shown on the pull request is no proof', async () => {
  const world = requiring();
  const deploying = world.open(7, 'a', services('a', 'orders'));
  await world.until(deploying, 'comment');
  world.crash(deploying);
  const refused = world.merge('a', services('a', 'orders'));
  await world.settle();
  expect(problemOf(refused).code).toBe('FL3016');
});

test('merged before anybody could have seen what it changes: it ran, and that is all that is known', async () => {
  const world = requiring();
  const deploying = world.open(7, 'a', services('a', 'orders'));
  await world.until(deploying, 'switch over');
  world.close(7);
  await world.settle();
  const refused = world.merge('a', services('a', 'orders'));
  await world.settle();
  expect(problemOf(refused)).toMatchObject({
    code: 'FL3017',
    message: expect.stringContaining('no preview of it showed what changes in production\n  - service orders is added'),
  });
});

test('a run that comes late, or again, does not go back', async () => {
  const world = new World();
  for (const head of ['a', 'b']) world.merge(head);
  await world.settle();
  const before = world.history('production');
  const late = world.promote('a', 'a');
  await world.settle();
  expect(late.value).toMatchObject({ kind: 'superseded', by: { commit: 'b' } });
  expect(world.history('production')).toEqual(before);
  expect(world.running('production')).toBe('b');
});

test('nor when the end of what runs was never written down, nor between a commit and its reversal', async () => {
  const world = new World();
  world.merge('a');
  const killed = world.merge('b');
  await world.until(killed, 'record promote success');
  world.crash(killed);
  const late = world.promote('a', 'a');
  await world.settle();
  expect(late.value?.kind).toBe('superseded');
  const reversal = world.merge('a');
  await world.settle();
  expect(reversal.value?.kind).toBe('deployed');
  const between = world.promote('b', 'b');
  await world.settle();
  expect(between.value?.kind).toBe('superseded');
  expect(world.violations).toEqual([]);
});

test('a rollback goes back on purpose: once resumed, the commits after it come again', async () => {
  const world = new World();
  for (const head of ['a', 'b']) world.merge(head);
  // The same release, last built from a commit that nobody promoted.
  world.open(1, 'pull', graphOf('a'));
  await world.settle();
  world.rollback();
  await world.settle();
  expect(world.deployments.find(({ action }) => action === 'rollback')?.source?.commit).toBe('a');
  const held = world.promote('b', 'b');
  await world.settle();
  expect(held.value?.kind).toBe('held');
  world.resume();
  const [again, next] = [world.promote('b', 'b'), world.merge('c')];
  await world.settle();
  expect([again.value?.kind, next.value?.kind]).toEqual(['deployed', 'deployed']);
  expect(world.running('production')).toBe('c');
  expect(world.violations).toEqual([]);
});

test('the same where everything is recorded in the same moment', async () => {
  const world = new World();
  world.frozen = true;
  for (const head of ['a', 'b', 'c']) world.merge(head);
  await world.settle();
  for (const expected of ['b', 'a']) {
    world.rollback();
    const held = world.merge('x');
    await world.settle();
    expect(held.value?.kind).toBe('held');
    expect(world.running('production')).toBe(expected);
    world.resume();
    await world.settle();
  }
  const next = world.merge('y');
  await world.settle();
  expect(next.value?.kind).toBe('deployed');
  expect(new Set(world.deployments.map(({ at }) => at)).size).toBe(1);
  expect(world.violations).toEqual([]);
});

test.each([false, true])(
  'what fails its smoke test goes, and the former release is back; canary: %p',
  async (canary) => {
    const world = trying();
    world.canary = canary;
    world.merge('a');
    await world.settle();
    world.broken.add('b');
    const refused = world.merge('b');
    await world.settle();
    const [a, b] = [...world.releases.keys()].map(shortDigest);
    const problem = problemOf(refused);
    expect(problem.code).toBe('FL3018');
    expect(problem.message).toBe(
      `the smoke test of production failed; ${a} answers again\n  - GET /health answered 500, not 2xx: "broken\\n/health"`,
    );
    expect(world.running('production')).toBe('a');
    expect(world.deployments[0]).toMatchObject({ action: 'promote', status: 'failure', reason: problem.message });
    expect(shortDigest(world.deployments[0]!.release!)).toBe(b);

    world.broken.clear();
    const [again, next] = [world.promote('b', 'b'), world.merge('c')];
    await world.settle();
    expect([again.value?.kind, next.value?.kind]).toEqual(['deployed', 'deployed']);
    world.rollback();
    await world.settle();
    expect(world.running('production')).toBe('b');
    expect(world.violations).toEqual([]);
  },
);

test('a first release that fails its smoke test stays, and so does one that ran before', async () => {
  const world = trying();
  world.broken.add('a');
  const first = world.merge('a');
  await world.settle();
  expect(problemOf(first).message).toContain('stays: nothing ran there before');
  world.broken.clear();
  world.merge('b');
  await world.settle();
  world.broken.add('b');
  const again = world.merge('b');
  await world.settle();
  expect(problemOf(again).message).toContain('stays: it ran there before');
  expect(world.running('production')).toBe('b');
});

test('what stays although it failed is no older than its commit: a run of a former one does not go back from it', async () => {
  const world = trying();
  world.broken.add('a');
  world.broken.add('b');
  world.commits.push('a', 'b');
  world.sources.set('a', graphOf('a'));
  const first = world.merge('b');
  await world.settle();
  expect(problemOf(first).message).toContain('stays');
  const late = world.promote('a', 'a');
  await world.settle();
  expect(late.value).toMatchObject({ kind: 'superseded', by: { commit: expect.stringContaining('b') } });
});

test('a schema that the former release cannot live with keeps it away', async () => {
  const world = trying();
  world.merge('a', graphOf('a', { databases: [migrations('orders', 'one')] }));
  await world.settle();
  world.broken.add('b');
  const refused = world.merge('b', graphOf('b', { databases: [migrations('orders', 'one', 'drop!')] }));
  await world.settle();
  expect(problemOf(refused).message).toMatch(/stays: .*2_drop\.up\.sql has changed database orders/);
  expect(world.running('production')).toBe('b');
  expect(world.violations).toEqual([]);
});

test('killed during the smoke test: the next run tries it again, and goes back to what worked', async () => {
  const world = trying();
  world.merge('a');
  await world.settle();
  world.broken.add('b');
  for (const point of ['probe', 'wait']) {
    const killed = world.merge('b');
    await world.until(killed, point);
    world.crash(killed);
    expect(world.running('production')).toBe('b');
  }
  const again = world.merge('b');
  await world.settle();
  expect(problemOf(again).message).toContain('answers again');
  expect(world.running('production')).toBe('a');
  expect(world.violations).toEqual([]);
});

test('what the edge checks comes after the URLs, and counts as much', async () => {
  const world = new World();
  world.merge('a');
  await world.settle();
  const seen: string[] = [];
  const check = async (url: string) => {
    seen.push(url);
    return ['`npm run smoke`: it ended with 1'];
  };
  const refused = world.merge('b', graphOf('b'), {}, check);
  await world.settle();
  expect(problemOf(refused).message).toContain('answers again\n  - `npm run smoke`: it ended with 1');
  expect(seen).toEqual(['http://production.test']);
  expect(world.running('production')).toBe('a');
});

test('a preview is tried only where that is configured, and stays to be looked at', async () => {
  const world = trying();
  world.broken.add('a');
  const untried = world.open(1, 'a');
  await world.settle();
  expect(untried.value?.kind).toBe('deployed');
  world.config = parseConfig('{"environments":{"preview":{"smoke":{"urls":[{"path":"/"}]}}}}', 'fairlead.json');
  const tried = world.wake(1, 'a');
  await world.settle();
  expect(problemOf(tried).code).toBe('FL3018');
  expect(world.running('pr-1')).toBe('a');
  expect(world.comments.get(1)).toContain('could not be updated');
});

function requiring(): World {
  const world = new World();
  world.proof = 'required';
  return world;
}

/** A production that is asked for /health. */
function trying(): World {
  const world = new World();
  const smoke = { urls: [{ path: '/health' }], timeout: '5s' };
  world.config = parseConfig(JSON.stringify({ environments: { production: { smoke } } }), 'fairlead.json');
  return world;
}

/** Production ran a, then b with another service, and was rolled back to a. Pull request 3 was compared with b. */
async function rolledBackBelow(): Promise<World> {
  const world = requiring();
  await proven(world, 1, 'a', services('a', 'orders'));
  await proven(world, 2, 'b', services('b', 'mail', 'orders'));
  world.open(3, 'c', services('c', 'mail', 'orders', 'stock'));
  await world.settle();
  world.rollback();
  await world.settle();
  world.resume();
  await world.settle();
  expect(world.running('production')).toBe('a');
  return world;
}

async function proven(world: World, number: number, head: string, graph: ReturnType<typeof graphOf>) {
  world.open(number, head, graph);
  await world.settle();
  const merged = world.merge(head, graph);
  await world.settle();
  expect(merged.value).toMatchObject({ kind: 'deployed', provenBy: `pr-${number}` });
}

function services(head: string, ...names: string[]) {
  return graphOf(head, { services: names.map((name) => service(name, { directory: `${head}/${name}` })) });
}

function problemOf({ error }: Process<unknown>): Diagnostic {
  if (!(error instanceof UserError)) throw new Error(`not refused: ${error}`);
  expect(error.diagnostics).toHaveLength(1);
  return error.diagnostics[0]!;
}
