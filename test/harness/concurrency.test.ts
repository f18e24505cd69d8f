import { expect, test } from '@jest/globals';
import { ConcurrencyGroups } from './concurrency.ts';
import { minutes, stage, workflows } from './stage.ts';

const request = (queue: 'single' | 'max' = 'single', cancelInProgress = false, group = 'g') => ({
  group,
  queue,
  cancelInProgress,
});

// https://docs.github.com/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
test('one runs and one waits; a newer one takes the place of the one that waits', () => {
  const groups = new ConcurrencyGroups<string>();
  expect(groups.request('a', request()).admitted).toBe(true);
  expect(groups.request('b', request())).toEqual({ admitted: false, replaced: [], interrupted: [] });
  expect(groups.request('c', request())).toEqual({ admitted: false, replaced: ['b'], interrupted: [] });
  expect(groups.release('a', 'g')).toBe('c');
  expect(groups.release('c', 'g')).toBeUndefined();
});

// https://github.blog/changelog/2026-05-07-github-actions-concurrency-groups-now-allow-larger-queues
test('a queue of up to a hundred, in order', () => {
  const groups = new ConcurrencyGroups<number>();
  for (let n = 0; n <= 100; n++) expect(groups.request(n, request('max')).replaced).toEqual([]);
  expect(() => groups.request(101, request('max'))).toThrow(/more than 100/);
  for (let n = 0; n < 100; n++) expect(groups.release(n, 'g')).toBe(n + 1);
});

test('names of groups are compared without regard to case; one that waits can leave', () => {
  const groups = new ConcurrencyGroups<string>();
  groups.request('a', request('max', false, 'Prod'));
  groups.request('b', request('max', false, 'prod'));
  groups.request('c', request('max', false, 'PROD'));
  expect(groups.release('b', 'prod')).toBeUndefined();
  expect(groups.release('a', 'prod')).toBe('c');
});

test('cancel-in-progress interrupts the one that runs', () => {
  const groups = new ConcurrencyGroups<string>();
  groups.request('a', request());
  expect(groups.request('b', request('single', true))).toEqual({ admitted: false, replaced: [], interrupted: ['a'] });
  expect(() => groups.request('c', request('max', true))).toThrow(/refuses/);
});

const file = (concurrency: string) =>
  workflows({
    ci: `on: push\njobs:\n  only:\n    runs-on: x\n    concurrency: ${concurrency}\n    steps:\n      - { name: wait, run: wait }\n  after:\n    needs: only\n    if: always()\n    runs-on: x\n    steps:\n      - { name: say, run: say, env: { SAY: "\${{ needs.only.result }}" } }\n`,
  });

async function pushThree(concurrency: string) {
  const scene = stage({ files: file(concurrency), delay: minutes });
  for (let n = 0; n < 3; n++) {
    scene.repository.push('main');
    await scene.platform.settle(scene.clock.time + 300_000);
  }
  await scene.platform.settle();
  return scene.platform.runs.map(({ jobs }) => jobs[0]!.result);
}

test('jobs of several runs share a group', async () => {
  expect(await pushThree('deploy')).toEqual(['success', 'cancelled', 'success']);
  expect(await pushThree('{ group: deploy, queue: max }')).toEqual(['success', 'success', 'success']);
  expect(await pushThree('{ group: deploy, cancel-in-progress: true }')).toEqual(['cancelled', 'cancelled', 'success']);
  expect(await pushThree('{ group: "deploy-${{ github.run_id }}" }')).toEqual(['success', 'success', 'success']);
});

test('at no time do two of a group run', async () => {
  const scene = stage({ files: file('{ group: deploy, queue: max }'), delay: minutes });
  for (let n = 0; n < 5; n++) scene.repository.push('main');
  let most = 0;
  await scene.platform.until(() => {
    most = Math.max(most, scene.platform.jobs('running').filter(({ path }) => path === 'only').length);
    return scene.platform.runs.length === 5 && scene.platform.active.length === 0;
  });
  expect(most).toBe(1);
});
