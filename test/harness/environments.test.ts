import { expect, test } from '@jest/globals';
import { minutes, stage, workflows } from './stage.ts';

const text = (name: string, more = '') => `on: [push, pull_request]
jobs:
  only:
    runs-on: x
    environment: { name: ${name}, deployment: false }
${more}    steps:
      - { name: say, run: say, env: { SAY: "\${{ vars.PLACE }} \${{ secrets.KEY }}" } }
`;

// https://docs.github.com/actions/reference/workflows-and-actions/deployments-and-environments
test('an environment has variables and secrets of its own', async () => {
  const scene = stage({
    files: workflows({ ci: text('production') }),
    secrets: { repository: { KEY: 'mine' }, environments: { production: { KEY: 'its' } } },
  });
  scene.repository.settings.setVariable('PLACE', 'here');
  scene.repository.settings.setVariable('PLACE', 'there', 'production');
  scene.repository.push('main');
  await scene.platform.settle();
  expect(scene.said).toEqual(['only: there its']);
});

test('its rules are of the ref that runs', async () => {
  const scene = stage({ files: workflows({ ci: text('preview') }) });
  scene.repository.environments.set('preview', { branches: ['refs/pull/*/merge'] });
  scene.repository.push('main');
  scene.repository.pulls.open();
  await scene.platform.settle();
  expect(scene.platform.runs.map(({ event, conclusion }) => [event.ref, conclusion]).sort()).toEqual([
    ['refs/heads/main', 'failure'],
    ['refs/heads/topic-1', 'failure'],
    ['refs/pull/1/merge', 'success'],
  ]);
});

test('reviewers are waited for, and may refuse', async () => {
  const decide = async (verdict: 'approve' | 'reject') => {
    const scene = stage({ files: workflows({ ci: text('production') }), review: () => ({ minutes: 60, verdict }) });
    scene.repository.environments.set('production', { reviewers: ['ada'] });
    scene.repository.push('main');
    await scene.platform.settle();
    return { result: scene.run().conclusion, after: scene.clock.time - scene.run().created >= 3_600_000 };
  };
  expect(await decide('approve')).toEqual({ result: 'success', after: true });
  expect(await decide('reject')).toEqual({ result: 'failure', after: true });
});

test('a job holds its group while it waits for reviewers, or asks for it after them', async () => {
  const concurrency = '    concurrency: { group: production, queue: max }\n';
  const order = async (first: 'group' | 'review') => {
    let reviews = 0;
    const scene = stage({
      files: workflows({ ci: text('production', concurrency).replace('name: say, run: say', 'name: wait, run: wait') }),
      delay: minutes,
      first,
      // The first is looked at late.
      review: () => ({ minutes: reviews++ === 0 ? 600 : 1, verdict: 'approve' }),
    });
    scene.repository.environments.set('production', { reviewers: ['ada'] });
    scene.repository.push('main');
    await scene.platform.settle(scene.clock.time + 60_000);
    scene.repository.push('main');
    await scene.platform.settle();
    return scene.platform.runs.map(({ jobs }) => jobs[0]!.started!);
  };
  const [first, second] = await order('group');
  expect(first).toBeLessThan(second!);
  const [slow, quick] = await order('review');
  expect(quick).toBeLessThan(slow!);
});

test('a wait timer delays the job', async () => {
  const scene = stage({ files: workflows({ ci: text('production') }) });
  scene.repository.environments.set('production', { wait: 30 });
  scene.repository.push('main');
  await scene.platform.settle();
  expect(scene.job('only').started! - scene.run().created).toBeGreaterThanOrEqual(1_800_000);
});
