import { expect, test } from '@jest/globals';
import { cleanup, destroyEnvironment, planEnvironment, rollback, status, UserError } from '../../pipeline/mod.ts';
import { at, migrations } from './sample-graph.ts';
import { application, config, graphOf, type Process, production, World } from './simulation.ts';

test('a promotion names the preview that has run the very same release', async () => {
  const world = new World();
  const same = graphOf('same');
  world.open(7, 'a', same);
  await world.settle();
  const proven = world.merge('b', same);
  await world.settle();
  const unproven = world.merge('c');
  await world.settle();
  expect(proven.value).toMatchObject({ kind: 'deployed', provenBy: 'pr-7' });
  expect(unproven.value).not.toHaveProperty('provenBy');
});

test('promoting what runs already changes nothing', async () => {
  const world = await inProduction('a', 'a');
  const again = world.merge('a');
  await world.settle();
  expect(again.value).toMatchObject({ kind: 'unchanged', outcome: { started: [], kept: ['app'] } });
});

test('a closed pull request is not built', async () => {
  const world = new World();
  world.open(1, 'a');
  world.close(1);
  const late = world.wake(1, 'a');
  await world.settle((count) => count - 1);
  expect(late.value?.kind).toBe('nothing');
  expect(world.log.filter((line) => line.endsWith(': build'))).toEqual([]);
});

test('a release that never becomes healthy is a failure in the history and on the pull request', async () => {
  const world = new World();
  world.open(1, 'a');
  await world.settle();
  world.unhealthy.add('b');
  const refused = world.push(1, 'b');
  await world.settle();
  expect(codes(refused)).toEqual(['FL4999']);
  expect(world.running('pr-1')).toBe('a');
  expect(world.history('pr-1').slice(-2)).toEqual(['preview started', 'preview failure']);
  expect(world.comments.get(1)).toContain('The former release still answers at **<http://pr-1.test>**');
});

test('sources of another application are not deployed', async () => {
  const world = new World();
  const refused = world.merge('a', graphOf('a', { application: 'blog' }));
  await world.settle();
  expect(codes(refused)).toEqual(['FL3006']);
});

test('production refuses a rewritten migration; a preview is made anew and says so', async () => {
  const world = new World();
  const [first, other] = ['first', 'other'].map((text) => graphOf(text, { databases: [migrations('orders', text)] }));
  world.merge('a', first);
  world.open(1, 'b', first);
  await world.settle();
  const refused = world.merge('c', other);
  const anew = world.push(1, 'd', other);
  await world.settle();
  expect(codes(refused)).toEqual(['FL3008']);
  expect(world.running('production')).toBe('a');
  expect(anew.value).toMatchObject({ kind: 'deployed', recreated: [{ code: 'FL3008' }] });
  expect(world.comments.get(1)).toContain('The databases of this preview were made anew');
  expect(world.comments.get(1)).toContain('Production will refuse this release');
  expect(world.violations).toEqual([]);
});

test.each<[string, string[], string[]]>([
  ['gone', ['one'], ['2_two.up.sql of database orders has been applied and is gone']],
  ['renumbered', ['new', 'one', 'two'], ['1_new.up.sql of', '2_one.up.sql of']],
  ['continued', ['one', 'two', 'three'], []],
])('applied migrations that are %s', async (_what, texts, expected) => {
  const world = new World();
  world.merge('a', graphOf('a', { databases: [migrations('orders', 'one', 'two')] }));
  await world.settle();
  const next = world.merge('b', graphOf('b', { databases: [migrations('orders', ...texts)] }));
  await world.settle();
  const messages = next.error instanceof UserError ? next.error.diagnostics.map(({ message }) => message) : [];
  expect(messages).toEqual(expected.map((message) => expect.stringContaining(message)));
});

test('a rollback goes back one release at a time, once until someone resumes, and never forwards', async () => {
  const world = await inProduction('a', 'b', 'c');
  for (const expected of ['b', 'a']) {
    world.rollback();
    await world.settle();
    expect(world.running('production')).toBe(expected);
    const again = world.rollback();
    await world.settle();
    expect(again.value).toMatchObject({ kind: 'held', by: { action: 'rollback', status: 'success' } });
    expect(world.running('production')).toBe(expected);
    world.resume();
    await world.settle();
  }
  const nowhere = world.rollback();
  await world.settle();
  expect(codes(nowhere)).toEqual(['FL3010']);
  expect(world.running('production')).toBe('a');
});

test('a refused promotion is nothing to go back to', async () => {
  const world = await inProduction('a', 'b');
  world.unhealthy.add('c');
  world.merge('c');
  await world.settle();
  world.rollback();
  await world.settle();
  expect(world.running('production')).toBe('a');
});

test('a rollback that was refused holds nothing', async () => {
  const world = await inProduction('a', 'b');
  world.unhealthy.add('a');
  const refused = world.rollback();
  await world.settle();
  const next = world.merge('c');
  await world.settle();
  expect(codes(refused)).toEqual(['FL4999']);
  expect(next.value?.kind).toBe('deployed');
});

test('a rollback to a release by the beginning of its digest', async () => {
  const world = await inProduction('a', 'b', 'c');
  const [first] = [...world.releases.keys()];
  world.rollback(first?.slice('sha256:'.length, 20));
  await world.settle();
  expect(world.running('production')).toBe('a');
  const unknown = ['000000', 'abc', '../../etc'].map((to) => world.rollback(to));
  await world.settle();
  expect(unknown.map(codes)).toEqual([['FL3011'], ['FL3011'], ['FL3011']]);
});

test('a rollback does not go to what only a preview has run, although somebody wrote that production did', async () => {
  const world = await inProduction('a');
  world.open(7, 'stranger');
  await world.settle();
  const [{ release, source } = {}] = world.deployments.filter(({ environment }) => environment.name === 'pr-7');
  const at = world.deployments[0]!.at;
  const forged = { environment: production, release: release!, source: source!, at };
  world.deployments.unshift({ ...forged, action: 'promote', status: 'success' });
  world.merge('b');
  await world.settle();
  const named = world.rollback(release);
  await world.settle();
  expect(codes(named)).toEqual(['FL3011']);
  world.rollback();
  await world.settle();
  expect(world.running('production')).toBe('a');
});

test('a rollback refuses code that the schema is too new for, also when the schema came with a refused release', async () => {
  const [a, b, c] = [['one'], ['one', 'two'], ['one', 'two', 'drop!']].map((texts, index) =>
    graphOf(`${index}`, { databases: [migrations('orders', ...texts)] }),
  );
  const world = new World();
  world.merge('a', a);
  await world.settle();
  world.merge('b', b);
  await world.settle();
  world.unhealthy.add('c');
  world.merge('c', c);
  await world.settle();
  const refused = world.rollback();
  await world.settle();
  expect(codes(refused)).toEqual(['FL3012']);
  expect((refused.error as UserError).diagnostics[0]).toMatchObject({
    message: expect.stringContaining('3_drop.up.sql has changed database orders'),
    position: at('orders/migrations/3_drop.up.sql', 3),
  });
  expect(world.running('production')).toBe('b');
});

test('a rollback that is only tried changes nothing and holds nothing', async () => {
  const world = await inProduction('a', 'b');
  const tried = world.start('try', (ports) => rollback({ environment: production, config, dryRun: true }, ports));
  await world.settle();
  expect(tried.value).toMatchObject({ kind: 'planned', plan: { changes: [] } });
  expect(world.running('production')).toBe('b');
  const next = world.merge('c');
  await world.settle();
  expect(next.value?.kind).toBe('deployed');
});

test('what is only tried says what is missing, and what would go back to what', async () => {
  const world = new World();
  world.missingSecrets.add('MailKey');
  world.merge('a', graphOf('a', { secrets: [{ name: 'MailKey', position: at('orders/mail.ts') }] }));
  world.merge('b');
  await world.settle();
  const tried = world.start('try', (ports) => rollback({ environment: production, config, dryRun: true }, ports));
  await world.settle();
  expect(tried.value).toMatchObject({
    kind: 'planned',
    fromSource: { commit: 'b' },
    plan: {
      release: { source: { commit: 'a' } },
      changes: [{ action: 'add', kind: 'secret', subject: 'MailKey' }],
    },
    missingSecrets: ['MailKey'],
  });
});

test('a rollback from one release leaves another alone, and nothing goes back to that one later', async () => {
  const world = await inProduction('good', 'a', 'b');
  const [good, a, b] = [...world.releases.keys()];
  const back = (from?: string) =>
    world.start('rollback', (ports) => rollback({ environment: production, config, ...(from && { from }) }, ports));
  const late = back(a);
  await world.settle();
  expect(late.value).toEqual({ kind: 'superseded', by: b });
  expect(world.running('production')).toBe('b');
  const right = back(b);
  await world.settle();
  expect(right.value).toMatchObject({ kind: 'rolled-back', outcome: { release: good } });
  expect(world.running('production')).toBe('good');
});

test('what was found bad counts again once it was rolled out again', async () => {
  const world = await inProduction('good', 'a', 'b');
  const [, a] = [...world.releases.keys()];
  world.start('rollback', (ports) => rollback({ environment: production, config, from: a! }, ports));
  await world.settle();
  for (const head of ['a', 'c']) {
    world.merge(head);
    await world.settle();
  }
  world.rollback();
  await world.settle();
  expect(world.running('production')).toBe('a');
});

test('a release whose second rollout fails is still one to go back to', async () => {
  const world = await inProduction('good', 'a');
  const [, a] = [...world.releases.keys()];
  const record = (status: 'started' | 'failure') => ({
    environment: production,
    action: 'promote' as const,
    status,
    release: a!,
    at: '2026-01-02T00:00:00.000Z',
  });
  world.deployments.unshift(record('failure'), record('started'));
  world.merge('b');
  await world.settle();
  world.rollback();
  await world.settle();
  expect(world.running('production')).toBe('a');
});

test('resuming what is not held says so', async () => {
  const world = await inProduction('a');
  const resumed = world.resume();
  await world.settle();
  expect(resumed.value).toEqual({ kind: 'not-held' });
});

test('the sweeper removes every preview without an open pull request, and nothing else', async () => {
  const world = await inProduction('a');
  for (const number of [1, 2, 3]) world.open(number, `head-${number}`);
  await world.settle();
  for (const number of [1, 3]) world.crash(world.close(number));
  const tried = world.start('try', (ports) => cleanup({ application, dryRun: true }, ports));
  await world.settle();
  expect(tried.value?.map(({ environment, kind }) => [environment.name, kind])).toEqual([
    ['pr-1', 'removable'],
    ['pr-2', 'kept'],
    ['pr-3', 'removable'],
  ]);
  expect(world.environments.size).toBe(4);
  const swept = world.sweep();
  await world.settle();
  expect(swept.value?.map(({ kind }) => kind)).toEqual(['removed', 'kept', 'removed']);
  expect([...world.environments.keys()].sort()).toEqual(['pr-2', 'production']);
});

test('the sweeper removes what nobody has deployed for long, although its pull request is open', async () => {
  const world = new World();
  for (const number of [1, 2]) world.open(number, `head-${number}`);
  await world.settle();
  const ends = { 'pr-1': '2000-01-02T00:00:00.000Z', 'pr-2': '3000-01-02T00:00:00.000Z' } as Record<string, string>;
  const sweep = (expired: boolean) =>
    world.start('sweep', ({ target, ...ports }) => {
      const read: typeof target.read = async (environment) => {
        const deployed = await target.read(environment);
        return deployed && { ...deployed, expires: ends[environment.name]! };
      };
      return cleanup({ application, expired }, { ...ports, target: { ...target, read } });
    });
  const closed = sweep(false);
  await world.settle();
  expect(closed.value?.map(({ kind }) => kind)).toEqual(['kept', 'kept']);
  const swept = sweep(true);
  await world.settle();
  expect(swept.value?.map(({ kind, unwanted }) => [kind, unwanted?.message])).toEqual([
    ['removed', 'pr-1 was kept until 2000-01-02, and nobody has deployed it since'],
    ['kept', undefined],
  ]);
  expect([...world.environments.keys()]).toEqual(['pr-2']);
});

test('cleaning up one pull request that is open leaves it', async () => {
  const world = new World();
  world.open(1, 'a');
  await world.settle();
  const kept = world.start('clean', (ports) => cleanup({ application, pullRequest: 1 }, ports));
  await world.settle();
  expect(kept.value).toMatchObject([{ kind: 'kept' }]);
  expect(world.running('pr-1')).toBe('a');
});

test('after a destruction the history begins anew: no hold, nothing to go back to', async () => {
  const world = await inProduction('a', 'b');
  world.rollback();
  await world.settle();
  world.start('destroy', (ports) => destroyEnvironment(production, ports));
  await world.settle();
  expect(world.environments.size).toBe(0);
  const fresh = world.merge('c');
  await world.settle();
  expect(fresh.value?.kind).toBe('deployed');
  const nowhere = world.rollback();
  await world.settle();
  expect(codes(nowhere)).toEqual(['FL3010']);
});

test('nothing is deployed over an environment that is half destroyed', async () => {
  const world = await inProduction('a');
  world.failingDestructions = 1;
  world.start('destroy', (ports) => destroyEnvironment(production, ports));
  await world.settle();
  const refused = world.merge('b');
  await world.settle();
  expect(codes(refused)).toEqual(['FL3014']);
});

test('what stands still is started as it was, without a build, and stays held', async () => {
  const world = await inProduction('a', 'b');
  world.rollback();
  await world.settle();
  world.stop('production');
  const before = world.history('production');
  const builds = world.log.filter((line) => line.endsWith(': build')).length;
  const [started, again] = [world.restart(), world.restart()];
  await world.settle();
  expect([started.value?.kind, again.value?.kind]).toEqual(['started', 'unchanged']);
  expect(world.running('production')).toBe('a');
  expect(world.history('production')).toEqual(before);
  expect(world.log.filter((line) => line.endsWith(': build'))).toHaveLength(builds);
  const held = world.merge('c');
  await world.settle();
  expect(held.value?.kind).toBe('held');
});

test('where nobody recorded what ran, the newest release that succeeded is started', async () => {
  const world = await inProduction('a', 'b');
  world.unhealthy.add('c');
  world.merge('c');
  await world.settle();
  world.stop('production');
  delete world.environments.get('production')!.release;
  world.restart();
  await world.settle();
  expect(world.running('production')).toBe('b');
});

test('an environment without a release has nothing to start', async () => {
  const world = new World();
  const nowhere = world.restart();
  world.unhealthy.add('a');
  world.merge('a');
  await world.settle();
  const never = world.restart();
  await world.settle();
  expect([nowhere, never].map(codes)).toEqual([['FL3015'], ['FL3015']]);
});

test('status tells what runs, where it came from and what holds it', async () => {
  const world = await inProduction('a', 'b');
  world.open(1, 'c');
  world.rollback();
  await world.settle();
  const looked = world.start('status', (ports) => status({ application }, ports));
  await world.settle();
  expect(looked.value).toMatchObject([
    { environment: { name: 'production' }, state: 'running', source: { commit: 'a' }, held: { action: 'rollback' } },
    { environment: { name: 'pr-1' }, state: 'running', source: { commit: 'c' } },
  ]);
  expect(looked.value?.[1]).not.toHaveProperty('held');
});

test('planning builds, compares and changes nothing that runs', async () => {
  const world = await inProduction('a');
  world.missingSecrets.add('MailKey');
  world.sources.set('b', graphOf('b', { secrets: [{ name: 'MailKey', position: at('orders/mail.ts') }] }));
  const planned = world.start('plan', (ports) =>
    planEnvironment({ environment: production, root: 'b', config }, ports),
  );
  await world.settle();
  expect(planned.value).toMatchObject({
    plan: { changes: [{ action: 'add', kind: 'secret', subject: 'MailKey' }] },
    refusals: [],
    missingSecrets: ['MailKey'],
  });
  expect(world.running('production')).toBe('a');
});

/** A production into which these heads were merged, one after the other. */
async function inProduction(...heads: string[]): Promise<World> {
  const world = new World();
  for (const head of heads) {
    world.merge(head);
    await world.settle();
  }
  return world;
}

function codes({ error }: Process<unknown>): string[] {
  if (!(error instanceof UserError)) throw new Error(`not refused: ${error}`);
  return error.diagnostics.map(({ code }) => code);
}
