import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { cleanup, type Forge, type Ports, preview, promote, resume, rollback } from '../../pipeline/mod.ts';
import { actionsBot } from '../fakes/github/model/users.ts';
import { application, config, graphOf, production, World } from '../pipeline/simulation.ts';
import { type Fixture, fixture } from './fake-forge.ts';

let github: Fixture;
let world: World;
beforeEach(() => {
  github = fixture();
  world = new World();
});
afterEach(() => {
  expect(github.fake.violations).toEqual([]);
  expect(world.violations).toEqual([]);
});

/** One job with a forge of its own; returns what came of it and how many calls to GitHub it made. */
async function job<T>(work: (ports: Ports) => Promise<T>, commit?: string): Promise<{ value: T; calls: number }> {
  github.fake.clock.advance(60_000);
  const forge: Forge = github.forge(commit === undefined ? {} : { commit });
  github.calls();
  const process = world.start('job', (ports) => work({ ...ports, forge }));
  while (!process.done) {
    for (const ready of world.ready()) await world.step(ready);
    await sleep(1);
  }
  if (process.error) throw process.error;
  return { value: process.value as T, calls: github.calls().length };
}

function deployPreview(pullRequest: number) {
  const { sha: head } = github.repository.pulls.require(pullRequest).head;
  world.sources.set(head, graphOf(`sources of ${pullRequest}`));
  return job((ports) => preview({ application, pullRequest, source: { root: head, head }, config }, ports), head);
}

function deployProduction(pullRequest: number) {
  const commit = github.repository.pulls.merge(pullRequest);
  world.sources.set(commit, graphOf(`sources of ${pullRequest}`));
  const request = { environment: production, root: commit, config, commit, proof: 'required' as const };
  return job((ports) => promote(request, ports), commit);
}

test('a pull request comes, goes to production, is rolled back and resumed, with few calls', async () => {
  const calls: Record<string, number> = {};
  const { pulls, comments, deployments } = github.repository;
  for (const number of [1, 2, 3]) {
    pulls.open();
    const { value, calls: first } = await deployPreview(number);
    expect(value.kind).toBe('deployed');
    if (number === 3) {
      calls['the first preview'] = first;
      pulls.push(number);
      calls['a push'] = (await deployPreview(number)).calls;
      continue;
    }
    const promoted = await deployProduction(number);
    expect(promoted.value).toMatchObject({ kind: 'deployed', provenBy: `pr-${number}` });
    calls['a merge'] = promoted.calls;
    const closed = await job((ports) => cleanup({ application, pullRequest: number }, ports));
    expect(closed.value).toMatchObject([{ kind: 'removed' }]);
    calls['a close'] = closed.calls;
  }
  const back = await job((ports) => rollback({ environment: production, config, reason: 'it is slow' }, ports));
  expect(back.value.kind).toBe('rolled-back');
  calls['a rollback'] = back.calls;
  const held = await deployProduction(3);
  expect(held.value).toMatchObject({ kind: 'held', by: { reason: 'it is slow' } });
  calls['a merge on hold'] = held.calls;
  const resumed = await job((ports) => resume({ environment: production }, ports));
  expect(resumed.value.kind).toBe('resumed');
  calls['a resume'] = resumed.calls;

  expect(calls).toMatchInlineSnapshot(`
{
  "a close": 10,
  "a merge": 10,
  "a merge on hold": 2,
  "a push": 16,
  "a resume": 4,
  "a rollback": 6,
  "the first preview": 13,
}
`);
  const ours = [1, 2, 3].map((number) => comments.list(number).filter(({ user }) => user === actionsBot).length);
  expect(ours).toEqual([1, 1, 1]);
  const shown = deployments.list().filter(({ statuses }) => statuses.at(-1)?.state === 'success');
  expect(shown.map(({ task }) => task)).toEqual(['fairlead:shop:production', 'fairlead:shop:pr-3']);
});
