import { expect, test } from '@jest/globals';
import { stage, workflows } from './stage.ts';

const trunk =
  'jobs:\n  only:\n    runs-on: x\n    steps:\n      - { name: say, run: say, env: { SAY: "${{ github.ref }} ${{ github.event.action }}" } }\n';
const on = (events: string) => `on:\n${events}\n${trunk}`;

// https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request
test('of a pull request three activities, unless others are named', async () => {
  const scene = stage({
    files: workflows({ usual: on('  pull_request:'), named: on('  pull_request: { types: [closed, labeled] }') }),
  });
  const { number } = scene.repository.pulls.open();
  scene.repository.pulls.push(number);
  scene.repository.pulls.label(number, 'x');
  scene.repository.pulls.close(number);
  scene.repository.pulls.reopen(number);
  await scene.platform.settle();
  const of = (file: string) =>
    scene.platform.runs.filter((run) => run.file.includes(file)).map(({ event }) => event.action);
  expect(of('usual')).toEqual(['opened', 'synchronize', 'reopened']);
  expect(of('named')).toEqual(['labeled', 'closed']);
});

test('a conflict keeps pull_request away, not pull_request_target', async () => {
  const files = workflows({ own: on('  pull_request:'), target: on('  pull_request_target: { types: [closed] }') });
  const scene = stage({ files });
  const { number } = scene.repository.pulls.open();
  await scene.platform.settle();
  scene.repository.pulls.conflict(number);
  scene.repository.pulls.push(number);
  scene.repository.pulls.close(number);
  await scene.platform.settle();
  expect(scene.said).toEqual([`only: refs/pull/${number}/merge opened`, 'only: refs/heads/main closed']);
});

// https://github.blog/changelog/2025-11-07-actions-pull_request_target-and-environment-branch-protections-changes/
test('pull_request runs the file of the merge, pull_request_target the one of the default branch', async () => {
  const files = workflows({ own: on('  pull_request:'), target: on('  pull_request_target:') });
  const scene = stage({ files });
  const { repository, trees } = scene;
  repository.branch('topic');
  const sha = repository.push('topic');
  const changed = trunk.replace('SAY: "', 'SAY: "changed ');
  trees.change(sha, {
    '.github/workflows/own.yml': `on: pull_request\n${changed}`,
    '.github/workflows/target.yml': `on: pull_request_target\n${changed}`,
  });
  repository.pulls.open({ head: 'topic' });
  await scene.platform.settle();
  expect(scene.said.sort()).toEqual(['only: changed refs/pull/1/merge opened', 'only: refs/heads/main opened']);
});

// https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#onpull_requestpull_request_targetbranchesbranches-ignore
test('branches are those of the base, and of a push its own', async () => {
  const files = workflows({
    base: on("  pull_request: { branches: [main, 'release/*', '!release/old'] }"),
    pushed: on('  push: { branches: [main] }'),
    others: on("  push: { branches-ignore: [main, 'topic-*'] }"),
  });
  const scene = stage({ files });
  const { repository } = scene;
  for (const name of ['release/new', 'release/old', 'release/new/deep']) {
    repository.branch(name);
    repository.pulls.open({ base: name });
  }
  repository.push('main');
  repository.push('release/new');
  await scene.platform.settle();
  const of = (file: string) =>
    scene.platform.runs.filter((run) => run.file.includes(file)).map(({ event }) => event.baseRef ?? event.ref);
  expect(of('base')).toEqual(['release/new']);
  expect(of('pushed')).toEqual(['refs/heads/main']);
  expect(of('others')).toEqual(['refs/heads/release/new']);
});

// https://docs.github.com/actions/concepts/security/github_token#when-github_token-triggers-workflow-runs
test('what a workflow does with its own token starts no workflow', async () => {
  const scene = stage({ files: workflows({ ci: on('  pull_request: { types: [labeled] }') }) });
  const { number } = scene.repository.pulls.open();
  scene.repository.pulls.label(number, 'x', 'github-actions[bot]');
  await scene.platform.settle();
  expect(scene.platform.runs).toEqual([]);
});

// https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflow_dispatch
test('inputs by hand have types, and those that are wrong start nothing', async () => {
  const inputs =
    '  workflow_dispatch:\n    inputs:\n      what: { type: choice, options: [a, b], required: true }\n      dry: { type: boolean, default: true }\n      text: { type: string }';
  const body =
    "jobs:\n  only:\n    runs-on: x\n    steps:\n      - { name: say, run: say, env: { SAY: \"${{ inputs.what }} ${{ inputs.dry && 'yes' }} ${{ github.event.inputs.dry }} '${{ inputs.text }}'\" } }\n";
  const file = '.github/workflows/hand.yml';
  const scene = stage({ files: workflows({ hand: `on:\n${inputs}\n${body}` }) });
  scene.platform.dispatch(file, { what: 'a', dry: false });
  await scene.platform.settle();
  expect(scene.said).toEqual(["only: a false false ''"]);
  for (const wrong of [{}, { what: 'c' }, { what: 'a', dry: 'maybe' }, { what: 'a', other: 'x' }]) {
    const again = stage({ files: workflows({ hand: `on:\n${inputs}\n${body}` }) });
    again.platform.dispatch(file, wrong);
    await expect(again.platform.settle()).rejects.toThrow(/input/);
  }
  expect(() => scene.platform.dispatch('.github/workflows/none.yml')).toThrow(/default branch/);
});

// https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule
test('a schedule runs the file of the default branch', async () => {
  const scene = stage({ files: workflows({ daily: on("  schedule: [{ cron: '17 4 * * *' }]") }) });
  scene.platform.schedule('.github/workflows/daily.yml', '17 4 * * *');
  await scene.platform.settle();
  expect(scene.said).toEqual(['only: refs/heads/main ']);
});

test('filters that are not modelled are loud', async () => {
  const scene = stage({ files: workflows({ ci: on("  push: { paths: ['a'] }") }) });
  scene.repository.push('main');
  await expect(scene.platform.settle()).rejects.toThrow(/the filter paths/);
});
