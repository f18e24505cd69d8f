import { expect, test } from '@jest/globals';
import { takeDown } from '../../actions/bring-up.ts';
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

test('a preview that stays because nobody can tell is a failure, not superseded', async () => {
  const world = await withDraft();
  const process = takingDown(world, (ports) => ({ ...ports, forge: { ...ports.forge, pullRequest: refuse } }));
  await world.settle();
  expect(process.error).toBe(down);
  expect(world.running('pr-1')).toBe('a');
});

test('a preview that stays because removing it fails is a failure, not superseded', async () => {
  const world = await withDraft();
  const process = takingDown(world, (ports) => ({ ...ports, target: { ...ports.target, destroy: refuse } }));
  await world.settle();
  expect(process.value).toMatchObject({
    failures: [{ code: 'FL6032', message: expect.stringContaining('GitHub does not answer') }],
  });
  expect(world.running('pr-1')).toBe('a');
});

test('a preview that is wanted again is left to the run that brings it up', async () => {
  const world = await withDraft();
  world.change(1, { draft: false });
  const process = takingDown(world);
  await world.settle();
  expect(process.value).toMatchObject({ outputs: { kind: 'superseded' } });
  expect(world.running('pr-1')).toBe('a');
});

test('a preview that nobody wants is removed', async () => {
  const world = await withDraft();
  const process = takingDown(world);
  await world.settle();
  expect(process.value).toMatchObject({ outputs: { kind: 'removed' } });
  expect(world.running('pr-1')).toBeUndefined();
});

async function withDraft(): Promise<World> {
  const world = new World();
  world.open(1, 'a');
  await world.settle();
  world.change(1, { draft: true });
  return world;
}

function takingDown(world: World, change = (ports: Ports) => ports) {
  const policy = { drafts: false, bots: false };
  const request = { number: 1, head: 'a', base: 'main', directory: '.', policy };
  const runner = { run: { url: 'https://github.com/ada/shop/actions/runs/1' } } as Runner;
  return world.start('take down', (ports) => takeDown(request, application, change(ports), runner));
}
