import { expect, test } from '@jest/globals';
import { whatIsWrong } from './invariants.ts';
import { scenario } from './scenario.ts';

test('open, push, merge, roll back, resume, sweep', async () => {
  const templates = (files: Readonly<Record<string, string>>) => ({
    ...files,
    '.github/workflows/production.yml': `${files['.github/workflows/production.yml']}      proof: preferred\n`,
  });
  const story = await scenario({ templates });
  const { repository, platform } = story;
  const { pulls } = repository;
  const main = () => repository.branches.get('main');
  repository.push('main');
  await platform.settle();
  const first = main();
  expect(story.standing('production')?.commit).toBe(first);
  pulls.open();
  await platform.settle();
  expect(story.standing('pr-1')).toMatchObject({ state: 'running', commit: pulls.require(1).head.sha });
  pulls.push(1);
  await platform.settle();
  expect(story.standing('pr-1')?.commit).toBe(pulls.require(1).head.sha);
  pulls.merge(1);
  await platform.settle();
  expect(story.standing('pr-1')).toBeUndefined();
  expect(story.standing('production')?.commit).toBe(main());
  expect(repository.comments.list(1)).toHaveLength(1);
  story.rollback();
  await platform.settle();
  expect(story.standing('production')?.commit).toBe(first);
  repository.push('main');
  await platform.settle();
  // Held until somebody resumes.
  expect(story.standing('production')?.commit).toBe(first);
  story.resume();
  await platform.settle();
  platform.rerun(platform.runs.findLast(({ file }) => file.endsWith('production.yml'))!);
  await platform.settle();
  expect(story.standing('production')?.commit).toBe(main());
  story.sweep();
  await platform.settle();
  expect(whatIsWrong(story)).toEqual([]);
  expect(
    platform.runs.map(({ conclusion }) => conclusion).filter((one) => one !== 'success' && one !== 'skipped'),
  ).toEqual([]);
});

test('a smoke test that fails takes back what it tested', async () => {
  const smoke = '{ "environments": { "production": { "smoke": { "command": "false" } } } }';
  const templates = (files: Readonly<Record<string, string>>) => ({
    ...files,
    '.github/workflows/production.yml': `${files['.github/workflows/production.yml']}      proof: preferred\n`,
  });
  const story = await scenario({ templates });
  const { repository, platform, trees } = story;
  const good = repository.push('main');
  await platform.settle();
  const bad = story.github.world.commits.create([good]).sha;
  trees.change(bad, { 'src/main.ts': bad, 'fairlead.json': smoke });
  repository.push('main', { sha: bad });
  await platform.settle();
  expect(story.standing('production')?.history.map(({ commit, by }) => [commit, by])).toEqual([
    [good, 'production/deploy'],
    [bad, 'production/deploy'],
    [good, 'production/settle'],
  ]);
  expect(whatIsWrong(story)).toEqual([]);
});
