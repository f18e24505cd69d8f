import { expect, test } from '@jest/globals';
import { takeDown } from '../../actions/bring-up.ts';
import type { LeafResult } from '../../actions/leaf.ts';
import type { Runner } from '../../actions/runner.ts';
import { type Ports, UserError } from '../../pipeline/mod.ts';
import { application, World } from '../pipeline/simulation.ts';

const down = new UserError({
  code: 'FL6105',
  severity: 'error',
  message: 'GitHub does not answer',
  help: 'Run it again.',
});
const refuse = () => Promise.reject(down);

test.each<[string, (ports: Ports) => Ports]>([
  ['nobody can tell', (ports) => ({ ...ports, forge: { ...ports.forge, pullRequest: refuse } })],
  ['removing it fails', (ports) => ({ ...ports, target: { ...ports.target, destroy: refuse } })],
])('a preview that stays because %s is a failure, not superseded', async (_, broken) => {
  const world = await withDraft();
  const result = await takeDownIn(world, broken);
  expect(result).toMatchObject({
    failures: [{ code: 'FL6032', message: expect.stringContaining('GitHub does not answer') }],
  });
  expect(world.running('pr-1')).toBe('a');
});

test('a preview that is wanted again is left to the run that brings it up', async () => {
  const world = await withDraft();
  world.change(1, { draft: false });
  expect(await takeDownIn(world)).toMatchObject({ outputs: { kind: 'superseded' } });
  expect(world.running('pr-1')).toBe('a');
});

test('a preview that nobody wants is removed', async () => {
  const world = await withDraft();
  expect(await takeDownIn(world)).toMatchObject({ outputs: { kind: 'removed' } });
  expect(world.running('pr-1')).toBeUndefined();
});

async function withDraft(): Promise<World> {
  const world = new World();
  world.open(1, 'a');
  await world.settle();
  world.change(1, { draft: true });
  return world;
}

async function takeDownIn(world: World, change = (ports: Ports) => ports): Promise<LeafResult | undefined> {
  const policy = { drafts: false, bots: false };
  const request = { number: 1, head: 'a', base: 'main', directory: '.', policy };
  const runner = { run: { url: 'https://github.com/ada/shop/actions/runs/1' } } as Runner;
  const process = world.start('take down', (ports) => takeDown(request, application, change(ports), runner));
  await world.settle();
  return process.value;
}
