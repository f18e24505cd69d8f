import { describe, expect, test } from '@jest/globals';
import { evaluate, evaluateCondition, Scope, type Status, type Value } from '../harness/expressions.ts';
import { readWorkflow } from '../harness/parse.ts';
import { file } from './support/yaml-files.ts';

const repository = 'o/r';
const running: Status = { success: true, failure: false, cancelled: false };

interface Happening {
  event?: string;
  action?: string;
  actor?: string;
  label?: string;
  labels?: string[];
  /** Where the head is; null when that repository was deleted. */
  from?: string | null;
  changes?: Value;
  inputs?: { [key: string]: Value };
  needs?: { [key: string]: Value };
  cancelled?: boolean;
}

async function job(workflow: string, name: string) {
  const { path, text } = file(`.github/workflows/${workflow}.yml`);
  return (await readWorkflow(path, text)).jobs.find(({ id }) => id === name)!;
}

function scopeOf({ event = 'pull_request', action = 'synchronize', actor = 'ann', ...rest }: Happening): Scope {
  const { label, labels = [], from = repository, changes, inputs = {}, needs = {}, cancelled = false } = rest;
  const payload: Value = {
    action,
    ...(label !== undefined && { label: { name: label } }),
    ...(changes !== undefined && { changes }),
    ...(event.startsWith('pull_request') && {
      pull_request: {
        number: 7,
        head: { repo: from === null ? null : { full_name: from } },
        labels: labels.map((name) => ({ name })),
      },
    }),
  };
  const github = { repository, actor, event_name: event, event: payload, run_id: '99', sha, base_ref: 'main' };
  return new Scope({ github, inputs: { directory: '.', ...inputs }, needs }, { ...running, cancelled });
}

async function runs(workflow: string, name: string, happening: Happening): Promise<boolean> {
  return evaluateCondition((await job(workflow, name)).if, scopeOf(happening));
}

/** Of the merge commit. */
const sha = 'd'.repeat(40);

describe('the build of a preview', () => {
  const edited = (changes: Value): Happening => ({ action: 'edited', changes });

  test.each<[string, Happening, boolean]>([
    ['a push', {}, true],
    ['our label', { action: 'labeled', label: 'fairlead:preview' }, true],
    ['our label, taken off', { action: 'unlabeled', label: 'fairlead:preview' }, true],
    ['a label of somebody else', { action: 'labeled', label: 'bug' }, false],
    ['another base', edited({ base: { ref: { from: 'main' }, sha: { from: 'c0ffee' } } }), true],
    ['another title', edited({ title: { from: 'Old' } }), false],
    ['another text', edited({ body: { from: null } }), false],
    ['a draft', { action: 'converted_to_draft' }, true],
    ['a fork', { from: 'mallory/r' }, true],
    ['Dependabot', { actor: 'dependabot[bot]' }, true],
    ['an event that it refuses', { event: 'merge_group', action: 'checks_requested' }, true],
  ])('wakes up on %s: %j → %s', async (_, happening, expected) => {
    expect(await runs('preview', 'build', happening)).toBe(expected);
    // Whatever is skipped is in nobody's group, so that it can cancel nobody.
    const { concurrency } = await job('preview', 'build');
    const pullRequest = happening.event === undefined ? '7' : '';
    const group = `fairlead-build-.-${expected ? `pr-${pullRequest}-${sha}-main` : 'run-99'}`;
    expect(evaluate(concurrency, scopeOf(happening))).toEqual({ group, 'cancel-in-progress': true });
  });
});

describe('the deployment of a preview', () => {
  const built = (result: string): Happening => ({ needs: { build: { result, outputs: {} } } });

  test.each<[string, Happening, boolean]>([
    ['after the build', built('success'), true],
    ['after a build that failed', built('failure'), true],
    ['not when the build was cancelled', built('cancelled'), false],
    ['not when there was nothing to do', built('skipped'), false],
    ['not when the run was cancelled', { ...built('success'), cancelled: true }, false],
    ['not for a fork', { ...built('success'), from: 'mallory/r' }, false],
    ['not for a fork that is gone', { ...built('success'), from: null }, false],
    ['not for what Dependabot does', { ...built('success'), actor: 'dependabot[bot]' }, false],
    ['not on the event of forks with rights', { ...built('success'), event: 'pull_request_target' }, false],
    ['not on a push', { ...built('failure'), event: 'push' }, false],
    ['not on a merge queue', { ...built('failure'), event: 'merge_group' }, false],
  ])('runs %s', async (_, happening, expected) => {
    expect(await runs('preview', 'deploy', happening)).toBe(expected);
  });
});

describe('production', () => {
  const deployed = (smoke: string): Happening => ({
    event: 'push',
    needs: { deploy: { result: 'success', outputs: { smoke } } },
  });
  const tested = (result: string, outcome: string): Happening => ({
    event: 'push',
    needs: { smoke: { result, outputs: { outcome } } },
  });

  test('is tested when there is a command, and something new', async () => {
    expect(await runs('production', 'smoke', deployed('npm run smoke'))).toBe(true);
    expect(await runs('production', 'smoke', deployed(''))).toBe(false);
  });

  test.each([
    ['failure', 'failure', true],
    // The runner broke before the command began.
    ['failure', '', false],
    ['success', 'success', false],
    ['skipped', '', false],
    ['cancelled', 'cancelled', false],
  ])('goes back after a test that ended with %s, its command with %j: %s', async (result, outcome, expected) => {
    expect(await runs('production', 'settle', tested(result, outcome))).toBe(expected);
  });
});

describe('cleanup', () => {
  const closed: Happening = {
    event: 'pull_request_target',
    action: 'closed',
    needs: { find: { result: 'skipped', outputs: {} } },
  };
  const swept = (numbers: string, dry = false, result = 'success'): Happening => ({
    event: 'schedule',
    inputs: { 'dry-run': dry },
    needs: { find: { result, outputs: { 'pull-requests': numbers } } },
  });

  test.each<[string, Happening, boolean]>([
    ['what is closed', closed, true],
    ['what is closed, whoever it is from', { ...closed, from: null, actor: 'dependabot[bot]' }, true],
    ['nothing on another event of a pull request', { ...closed, action: 'opened' }, false],
    ['what was found', swept('[3, 12]'), true],
    ['nothing when there is nothing', swept('[]'), false],
    ['nothing when only asked', swept('[3]', true), false],
    ['nothing when it could not look', swept('', false, 'failure'), false],
  ])('removes %s', async (_, happening, expected) => {
    expect(await runs('cleanup', 'remove', happening)).toBe(expected);
  });

  test('looks for nothing when it knows what is closed', async () => {
    expect(await runs('cleanup', 'find', closed)).toBe(false);
    expect(await runs('cleanup', 'find', { event: 'schedule' })).toBe(true);
  });

  test('removes each by its number', async () => {
    const { strategy } = await job('cleanup', 'remove');
    expect(evaluate(strategy, scopeOf(closed))).toMatchObject({ matrix: { 'pull-request': [7] } });
    expect(evaluate(strategy, scopeOf(swept('[3, 12]')))).toMatchObject({ matrix: { 'pull-request': [3, 12] } });
  });
});

describe('the preview of a fork', () => {
  const ours = ['fairlead:preview'];
  const asked: Happening = {
    event: 'pull_request_target',
    action: 'labeled',
    label: 'fairlead:preview',
    labels: ours,
    from: 'mallory/r',
  };

  test.each<[string, Happening, boolean, boolean]>([
    ['asked for', asked, true, false],
    ['pushed to', { ...asked, action: 'synchronize', label: undefined as never }, false, true],
    ['pushed to and not asked for', { ...asked, action: 'synchronize', labels: [] }, false, false],
    ['labelled otherwise', { ...asked, label: 'bug' }, false, false],
    ['no fork', { ...asked, from: repository }, false, false],
    ['of a fork that is gone', { ...asked, from: null }, true, false],
    ['an event without rights', { ...asked, event: 'pull_request' }, false, false],
  ])('%s', async (_, happening, deploys, withdraws) => {
    expect(await runs('fork-preview', 'deploy', happening)).toBe(deploys);
    expect(await runs('fork-preview', 'withdraw', happening)).toBe(withdraws);
  });
});
