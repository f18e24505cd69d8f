import { expect, test } from '@jest/globals';
import { cleanup, previewLabel } from '../../pipeline/mod.ts';
import { at } from './sample-graph.ts';
import { application, graphOf, World } from './simulation.ts';

// One test for each thing that can happen to a pull request. Each wakes a run, and the run reads what is true by then.

test('a draft has no preview until it is ready, and loses it when it is a draft again', async () => {
  const world = strict();
  world.change(1, { head: 'a', draft: true });
  expect(await wake(world)).toMatchObject({ kind: 'nothing', unwanted: { why: 'draft' } });
  expect(world.log.filter((line) => line.endsWith(': build'))).toEqual([]);
  world.change(1, { draft: false });
  expect(await wake(world)).toMatchObject({ kind: 'deployed' });
  world.change(1, { draft: true });
  expect(await wake(world)).toMatchObject({ kind: 'removed', unwanted: { why: 'draft' }, destroyed: { left: [] } });
  expect(world.environments.size).toBe(0);
  expect(world.comments.get(1)).toMatch(
    /is removed[\s\S]*Because pull request 1 is a draft\. .*set the label `fairlead:preview`\./,
  );
});

test('a label gives a draft its preview, and takes it away when it goes', async () => {
  const world = strict();
  world.change(1, { head: 'a', draft: true, labels: ['bug', previewLabel] });
  expect(await wake(world)).toMatchObject({ kind: 'deployed' });
  world.change(1, { labels: ['bug'] });
  expect(await wake(world)).toMatchObject({ kind: 'removed', unwanted: { why: 'draft' } });
});

test('the label is taken off while it is deployed, and the event of that is lost: it removes itself', async () => {
  const world = strict();
  world.change(1, { head: 'a', draft: true, labels: [previewLabel] });
  world.sources.set('a', graphOf('a'));
  const deploying = world.wake(1, 'a');
  await world.until(deploying, 'start processes');
  world.change(1, { labels: [] });
  await world.settle();
  expect(deploying.value).toMatchObject({ kind: 'removed', unwanted: { why: 'draft' } });
  expect(world.environments.size).toBe(0);
});

test('a bot has none without being asked', async () => {
  const world = strict();
  world.change(1, { head: 'a', author: { name: 'renovate[bot]', bot: true } });
  expect(await wake(world)).toMatchObject({ kind: 'nothing', unwanted: { why: 'bot' } });
  world.change(1, { labels: [previewLabel] });
  expect(await wake(world)).toMatchObject({ kind: 'deployed' });
});

test('a pull request of a fork never has secrets, whoever asked for its preview', async () => {
  const world = new World();
  const graph = graphOf('a', { secrets: [{ name: 'MailKey', position: at('orders/mail.ts') }] });
  world.sources.set('a', graph);
  world.change(1, { head: 'a', fork: true });
  expect(await wake(world)).toMatchObject({ kind: 'nothing', unwanted: { why: 'fork' } });
  world.change(1, { labels: [previewLabel] });
  expect(await wake(world)).toMatchObject({
    kind: 'deployed',
    plan: { isolated: true, secrets: [{ name: 'MailKey' }] },
  });
  world.policy = { drafts: false, bots: false };
  expect(await wake(world)).toMatchObject({ kind: 'removed', unwanted: { why: 'fork' } });
  expect(world.violations).toEqual([]);
});

test('of another branch than before: the run of the former one yields, the new one deploys', async () => {
  const world = strict();
  for (const base of ['main', 'next']) world.sources.set(`a on ${base}`, graphOf(`a on ${base}`));
  world.change(1, { head: 'a', base: 'main' });
  const former = world.wake(1, 'a', { root: 'a on main', base: 'main' });
  await world.until(former, 'build');
  world.change(1, { base: 'next' });
  const latter = world.wake(1, 'a', { root: 'a on next', base: 'next' });
  await world.settle();
  expect([former.value, latter.value?.kind]).toEqual([{ kind: 'superseded', head: 'a', base: 'next' }, 'deployed']);
  expect(world.running('pr-1')).toBe('a on next');
  // The run of the former branch, once more, much later.
  const again = world.wake(1, 'a', { root: 'a on main', base: 'main' });
  await world.settle();
  expect(again.value?.kind).toBe('superseded');
  expect(world.running('pr-1')).toBe('a on next');
});

test('closed and opened again in between: whatever order the runs have, it is there in the end', async () => {
  for (const pick of [0, 1]) {
    const world = strict();
    world.open(1, 'a');
    await world.settle();
    world.close(1);
    world.open(1, 'a');
    await world.settle((count) => pick % count);
    expect(world.running('pr-1')).toBe('a');
    expect(world.violations).toEqual([]);
  }
});

test('a run that is repeated after a month finds the pull request closed, or elsewhere', async () => {
  const world = strict();
  world.open(1, 'a');
  world.push(1, 'b');
  await world.settle();
  const repeated = world.wake(1, 'a');
  await world.settle();
  expect(repeated.value).toMatchObject({ kind: 'superseded', head: 'b' });
  world.close(1);
  await world.settle();
  const late = world.wake(1, 'b');
  await world.settle();
  expect(late.value).toMatchObject({ kind: 'nothing', unwanted: { why: 'closed' } });
});

test('a forced push back to a former head brings that back', async () => {
  const world = strict();
  for (const head of ['a', 'b', 'a']) world.push(1, head);
  await world.settle((count) => count - 1);
  expect(world.running('pr-1')).toBe('a');
});

test('a run that was cancelled leaves what the next one finishes', async () => {
  const world = strict();
  const cancelled = world.open(1, 'a');
  await world.until(cancelled, 'migrate');
  world.crash(cancelled);
  const next = world.push(1, 'b');
  await world.settle();
  expect(next.value?.kind).toBe('deployed');
  expect(world.running('pr-1')).toBe('b');
});

test('a pull request on top of another has a preview of its own, and stays when the lower one is merged', async () => {
  const world = strict();
  world.sources.set('b on a', graphOf('b on a'));
  world.open(1, 'a');
  world.change(2, { head: 'b', base: 'feature' });
  world.wake(2, 'b', { root: 'b on a', base: 'feature' });
  await world.settle();
  world.close(1);
  await world.settle();
  expect([...world.environments.keys()]).toEqual(['pr-2']);
});

test('the sweeper removes what is unwanted by now, says why, and leaves other applications alone', async () => {
  const world = strict();
  for (const [number, head] of [
    [1, 'a'],
    [2, 'b'],
    [3, 'c'],
  ] as const)
    world.open(number, head);
  world.sources.set('blog a', graphOf('blog a', { application: 'blog' }));
  world.wake(1, 'a', { root: 'blog a', of: 'blog' });
  await world.settle();
  world.change(1, { draft: true });
  world.change(3, { state: 'closed' });
  const swept = world.sweep();
  await world.settle();
  expect(swept.value?.map(({ kind, unwanted }) => [kind, unwanted?.why])).toEqual([
    ['removed', 'draft'],
    ['kept', undefined],
    ['removed', 'closed'],
  ]);
  expect([...world.environments.keys()].sort()).toEqual(['blog/pr-1', 'pr-2']);
  const other = world.sweep('blog');
  await world.settle();
  expect(other.value).toMatchObject([{ environment: { application: 'blog' }, kind: 'removed' }]);
});

test('what nobody can look up is left alone', async () => {
  const world = strict();
  world.open(1, 'a');
  await world.settle();
  const swept = world.start('sweep', (ports) =>
    cleanup(
      { application },
      {
        ...ports,
        forge: {
          ...ports.forge,
          pullRequest: async () => {
            throw new Error('GitHub is down');
          },
        },
      },
    ),
  );
  await world.settle();
  expect(swept.value).toMatchObject([{ kind: 'left', left: [{ why: 'GitHub is down' }] }]);
  expect(swept.value?.[0]).not.toHaveProperty('unwanted');
  expect(world.running('pr-1')).toBe('a');
});

function strict(): World {
  const world = new World();
  world.policy = { drafts: false, bots: false };
  return world;
}

/** The run of an event of pull request 1, with nothing else going on. */
async function wake(world: World) {
  const { head } = world.pullRequests.get(1)!;
  if (!world.sources.has(head)) world.sources.set(head, graphOf(head));
  const process = world.wake(1, head);
  await world.settle();
  if (process.error) throw process.error;
  return process.value;
}
