import { expect, test } from '@jest/globals';
import { checkoutHandler } from './checkout.ts';
import { stage, workflows } from './stage.ts';

const job = (steps: string) => `jobs:\n  only:\n    runs-on: x\n    steps:\n${steps}`;
const checkout = (more = '') => `      - { uses: actions/checkout@v7${more} }\n`;

function scene(files: Record<string, string>) {
  const made = stage({
    files: workflows(files),
    handlers: { 'actions/checkout': (call) => checkoutHandler(made.repository, made.trees)(call) },
  });
  return made;
}

test('without a ref it is the commit of the event; what it is and whose is noted', async () => {
  const made = scene({ ci: `on: [push, pull_request]\n${job(checkout(', with: { persist-credentials: false }'))}` });
  made.repository.push('main');
  await made.platform.settle();
  expect(made.job('only').checkouts).toMatchObject([
    { ref: 'refs/heads/main', trusted: true, credentials: false, path: '.' },
  ]);
  made.repository.pulls.open();
  await made.platform.settle();
  const own = made.platform.runs.find(({ event }) => event.name === 'pull_request')!;
  expect(own.jobs[0]!.checkouts).toMatchObject([{ ref: 'refs/pull/1/merge', sha: own.event.sha, trusted: false }]);
});

test('an action of the workspace is code of whoever wrote the workspace', async () => {
  const made = scene({ ci: `on: pull_request\n${job(`${checkout()}      - { uses: ./local }\n`)}` });
  const { repository, trees } = made;
  repository.branch('topic');
  trees.change(repository.push('topic'), {
    'local/action.yml':
      'name: L\ndescription: L\nruns: { using: composite, steps: [{ name: say, run: say, shell: bash }] }\n',
  });
  repository.pulls.open({ head: 'topic' });
  await made.platform.settle();
  expect(made.job('only').untrusted).toEqual(['the action ./local of refs/pull/1/merge']);
  expect(made.said).toEqual(['only: ']);
});

// https://docs.github.com/actions/reference/security/securely-using-pull_request_target
test('in pull_request_target it refuses what comes from a fork', async () => {
  const made = scene({
    ci: `on: pull_request_target\n${job(checkout(', with: { ref: "${{ github.event.pull_request.head.sha }}" }'))}`,
  });
  made.repository.pulls.open({ by: 'eve', from: made.world.fork(made.repository, 'eve') });
  await made.platform.settle();
  expect(made.results()).toEqual({ only: 'failure' });
  made.repository.pulls.open();
  await made.platform.settle();
  expect(made.results()).toEqual({ only: 'success' });
});
