import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { LeafResult } from '../../actions/leaf.ts';
import { leaf } from '../../actions/leaves/fork/leaf.ts';
import type { Runner } from '../../actions/runner.ts';
import type { Pull } from '../fakes/github/model/pulls.ts';
import type { Run } from '../fakes/github/model/runs.ts';
import type { Permissions } from '../fakes/github/model/tokens.ts';
import { type Fixture, fixture } from '../github/fake-forge.ts';

let github: Fixture;
let pull: Pull;
let run: Run;

/** A fork's pull request with a hostile branch, built by a workflow. */
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
const granted: Permissions = { actions: 'read', contents: 'read', deployments: 'write', 'pull-requests': 'write' };

function build(options: { event?: string } = {}): Run {
  const { runs } = github.repository;
  const { sha: headSha, ref: headBranch, repository: headRepository } = pull.head;
  const started = runs.start({ event: 'pull_request', headSha, headBranch, headRepository, ...options });
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

/** The event of a label that is set now. */
function labelled(by: string, name = label) {
  github.repository.pulls.label(pull.number, name, by);
  return { action: 'labeled', sender: { login: by }, label: { name }, pull_request: view() };
}

function view() {
  const { sha, ref, repository } = pull.head;
  return {
    number: pull.number,
    head: { sha, ref, repo: { id: repository } },
    base: { ref: 'main' },
    updated_at: new Date(github.fake.clock.now()).toISOString(),
  };
}

function look(payload: object, permissions = granted): Promise<LeafResult> {
  const runner = {
    event: { name: 'pull_request_target', payload },
    run: { repository: { owner: 'ada', name: 'shop', id: github.repository.id } },
    api: github.api(permissions),
    forge: async () => github.forge({ permissions }),
  } as unknown as Runner;
  return leaf.run({ 'github-token': 'token', directory: '.', target: 'local' } as never, runner);
}

test('who may write lets through the head that was built and looked at', async () => {
  expect(await look(labelled('mia'))).toEqual({
    outputs: {
      allowed: 'true',
      run: String(run.id),
      artifact: expect.stringMatching(/^\d+$/),
      digest: `sha256:${'a'.repeat(64)}`,
    },
  });
  expect(pull.labels).toEqual([label]);
  expect(github.calls()).toHaveLength(4);
});

test.each([
  ['ada', 'true'],
  ['wes', 'true'],
  ['tom', 'false'],
  ['eve', 'false'],
  ['github-actions[bot]', 'false'],
])('the label set by %s: %s', async (by, allowed) => {
  expect((await look(labelled(by))).outputs.allowed).toBe(allowed);
  expect(pull.labels).toEqual(allowed === 'true' ? [label] : []);
});

test('a push takes the label off, twice without harm', async () => {
  labelled('mia');
  github.repository.pulls.push(pull.number, 'eve');
  const payload = { action: 'synchronize', sender: { login: 'eve' }, pull_request: view() };
  expect(await look(payload)).toMatchObject({ outputs: { allowed: 'false' } });
  expect(pull.labels).toEqual([]);
  expect(await look(payload)).toMatchObject({ notice: expect.stringContaining('the label was for another commit') });
  await expect(look(payload, { ...granted, 'pull-requests': 'read' })).rejects.toThrow('FL6102');
});

test('a push after the label is not let through by it', async () => {
  const event = labelled('mia');
  github.repository.pulls.push(pull.number, 'eve');
  build();
  expect((await look(event)).notice).toMatch(/is at [0-9a-f]{12} by now/);
});

test.each<[string, (runs: Fixture['repository']['runs']) => void]>([
  [
    'a run that was run again since',
    (runs) => {
      runs.rerun(run);
      runs.finish(run);
    },
  ],
  ['a run that failed', () => Object.assign(run, { conclusion: 'failure' })],
  ['a run of a push', () => Object.assign(run, { event: 'push' })],
  ['a run of another branch with the same commit', () => Object.assign(run, { headBranch: 'main' })],
  ['a run of another fork with the same commit', () => Object.assign(run, { headRepository: github.repository.id })],
  ['an artifact that is gone', (runs) => runs.deleteArtifact(runs.artifacts(run.id)[0]!.id)],
])('%s lets nothing through', async (_, change) => {
  const event = labelled('mia');
  minute();
  change(github.repository.runs);
  expect((await look(event)).notice).toMatch(/no run had built [0-9a-f]{12} when the label was set/);
  expect(pull.labels).toEqual([]);
});

test('what was built after the label is not let through by it', async () => {
  const event = labelled('mia');
  github.repository.runs.deleteArtifact(github.repository.runs.artifacts(run.id)[0]!.id);
  minute();
  build();
  expect((await look(event)).outputs.allowed).toBe('false');
});

test('what is closed is not let through, and another label is nothing to look at', async () => {
  expect((await look(labelled('mia', 'bug'))).outputs.allowed).toBe('false');
  const event = labelled('mia');
  github.repository.pulls.close(pull.number);
  expect((await look(event)).notice).toMatch(/is closed/);
});
