import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Approval, readApproval, removeLabel } from '../../github/approval.ts';
import type { Pull } from '../fakes/github/model/pulls.ts';
import type { Run } from '../fakes/github/model/runs.ts';
import { type Fixture, fixture } from './fake-forge.ts';

let github: Fixture;
let pull: Pull;
let run: Run;

/** A fork's pull request with a hostile branch, built by the preview workflow. */
beforeEach(() => {
  github = fixture();
  const { fake, repository } = github;
  repository.collaborators.set('mia', 'maintain').set('tom', 'triage').set('wes', 'write');
  const fork = fake.world.fork(repository, 'eve');
  pull = repository.pulls.open({ from: fork, head: '$(id)', by: 'eve' });
  run = build();
});
afterEach(() => expect(github.fake.violations).toEqual([]));

const label = 'fairlead:preview';

function build(options: { path?: string; event?: string } = {}): Run {
  const { runs } = github.repository;
  const started = runs.start({
    ...{
      event: 'pull_request',
      headSha: pull.head.sha,
      headBranch: pull.head.ref,
      headRepository: pull.head.repository,
    },
    ...options,
  });
  minute();
  runs.addArtifact({
    ...{ run: started.id, attempt: 1, name: 'fairlead-handover-root', digest: `sha256:${'a'.repeat(64)}` },
    ...{ content: new Uint8Array(8), createdAt: started.createdAt, expiresAt: '2027-01-01T00:00:00Z' },
  });
  runs.finish(started);
  minute();
  return started;
}

function minute(): void {
  github.fake.clock.advance(60_000);
}

const ask = (head = pull.head.sha): Promise<Approval> =>
  readApproval(
    { pullRequest: pull.number, label, head, workflow: 'preview.yml', artifact: 'fairlead-handover-root' },
    {
      ...{ owner: 'ada', repo: 'shop' },
      api: github.api({ actions: 'read', contents: 'read', 'pull-requests': 'write' }),
    },
  );
const why = async (head?: string): Promise<string> => {
  const approval = await ask(head);
  return approval.kind === 'refused' ? approval.why : 'approved';
};

test('a maintainer approves the head that was built and looked at', async () => {
  github.repository.pulls.label(pull.number, label, 'mia');
  expect(await ask()).toEqual({
    kind: 'approved',
    by: 'mia',
    at: '2026-11-02T09:02:00Z',
    built: { run: run.id, id: expect.any(Number), digest: `sha256:${'a'.repeat(64)}` },
  });
  expect(github.calls()).toHaveLength(5);
});

test.each([
  ['ada', 'approved'],
  ['wes', 'approved'],
  ['tom', '`tom`, who set the label, has no write permission for this repository'],
  ['eve', '`eve`, who set the label, has no write permission for this repository'],
  ['github-actions[bot]', '`github-actions[bot]`, who set the label, has no write permission for this repository'],
])('the label set by %s: %s', async (by, expected) => {
  github.repository.pulls.label(pull.number, label, by);
  expect(await why()).toBe(expected);
});

test('who sets it last counts', async () => {
  const { pulls } = github.repository;
  pulls.label(pull.number, label, 'mia');
  pulls.unlabel(pull.number, label, 'mia');
  pulls.label(pull.number, label, 'eve');
  expect(await why()).toMatch(/^`eve`/);
});

test('a label that is taken off while it is read approves nothing', async () => {
  const { pulls } = github.repository;
  pulls.label(pull.number, label, 'mia');
  pulls.unlabel(pull.number, label, 'mia');
  pull.labels.push(label);
  expect(await why()).toBe('the label was taken off again');
});

test('it is found behind more than a hundred other events', async () => {
  const { pulls } = github.repository;
  pulls.label(pull.number, label, 'eve');
  for (let index = 0; index < 130; index++) pulls.rename(pull.number, `Title ${index}`);
  pulls.unlabel(pull.number, label, 'mia');
  for (let index = 0; index < 130; index++) pulls.rename(pull.number, `Title ${index}`);
  pulls.label(pull.number, label, 'mia');
  expect(await why()).toBe('approved');
  expect(github.calls()).toHaveLength(6);
});

test('a push after the label is not approved by it', async () => {
  const { pulls } = github.repository;
  const before = pull.head.sha;
  pulls.label(pull.number, label, 'mia');
  pulls.push(pull.number, 'eve');
  build();
  expect(await why(before)).toMatch(/another head by now/);
  expect(await why()).toMatch(/^no run of `preview.yml` had built [0-9a-f]{12} to the end before the label was set/);
});

test('what was built after the label is not approved by it, and neither is a run that was run again', async () => {
  const { pulls, runs } = github.repository;
  pulls.label(pull.number, label, 'mia');
  minute();
  runs.rerun(run);
  runs.finish(run);
  expect(await why()).toMatch(/^no run of/);
  build();
  expect(await why()).toMatch(/^no run of/);
});

test('only a successful run of that workflow for a pull request counts', async () => {
  const { pulls, runs } = github.repository;
  run.conclusion = 'failure';
  build({ path: '.github/workflows/evil.yml' });
  build({ event: 'push' });
  const other = build();
  other.headBranch = 'main';
  const another = build();
  another.headRepository = github.repository.id;
  pulls.label(pull.number, label, 'mia');
  expect(await why()).toMatch(/^no run of/);
  expect(runs.list()).toHaveLength(5);
});

test('what is gone is not approved', async () => {
  const { pulls, runs } = github.repository;
  expect(await why()).toBe('the pull request does not have the label');
  pulls.label(pull.number, label, 'mia');
  runs.deleteArtifact(runs.artifacts(run.id)[0]!.id);
  expect(await why()).toMatch(/^what the run built is not kept/);
  const fork = pulls.headRepository(pull)!;
  github.fake.world.deleteRepository(fork);
  expect(await why()).toBe('the fork is deleted');
  pulls.close(pull.number);
  expect(await why()).toBe('the pull request is not open');
});

test('takes the label off, twice without harm', async () => {
  const { pulls } = github.repository;
  pulls.label(pull.number, label, 'mia');
  const approving = { api: github.api(), owner: 'ada', repo: 'shop' };
  await removeLabel(pull.number, label, approving);
  await removeLabel(pull.number, label, approving);
  expect(pull.labels).toEqual([]);
  await expect(
    removeLabel(pull.number, label, { ...approving, api: github.api({ 'pull-requests': 'read' }) }),
  ).rejects.toThrow('FL6102');
});
