import { describe, expect, test } from '@jest/globals';
import { type Concurrency, jobsOf, workflowOf } from './support/documents.ts';
import { file, reusables, templates } from './support/yaml-files.ts';

/** In the order of asking, up to a hundred, and none is ever stopped in the middle of a change. */
const inLine = { 'cancel-in-progress': false, queue: 'max' };

const preview = `fairlead-pr-\${{ github.event.pull_request.number }}`;
const environment = `fairlead-env-\${{ inputs.environment }}`;

const decided: Record<string, Record<string, Concurrency | undefined>> = {
  preview: {
    build: {
      group: expect.stringMatching(/^fairlead-build-\$\{\{ inputs.directory \}\}-\$\{\{ /) as unknown as string,
      'cancel-in-progress': true,
    },
    deploy: { group: preview, ...inLine },
  },
  production: {
    build: { group: `fairlead-production-build-\${{ inputs.directory }}`, ...inLine },
    deploy: { group: environment, ...inLine },
    smoke: undefined,
    settle: { group: environment, ...inLine },
  },
  rollback: { rollback: { group: environment, ...inLine } },
  cleanup: {
    find: { group: 'fairlead-find', ...inLine },
    remove: { group: `fairlead-pr-\${{ matrix.pull-request }}`, ...inLine },
  },
  'fork-preview': { withdraw: undefined, deploy: { group: preview, ...inLine } },
};

test.each(Object.entries(decided))('the groups of %s are those that were decided', (name, jobs) => {
  const found = jobsOf(file(`.github/workflows/${name}.yml`)).map(([job, { concurrency }]) => [job, concurrency]);
  expect(Object.fromEntries(found)).toEqual(jobs);
});

test('every reusable workflow is decided about', () => {
  expect(reusables.map(({ path }) => /([a-z-]+)\.yml/.exec(path)![1]).sort()).toEqual(Object.keys(decided).sort());
});

test.each([...templates, ...reusables])('$path has no group for all of its jobs', (workflow) => {
  // A caller that is in the group of what it calls is cancelled by it; a run that waits for an approval would hold it.
  expect(workflowOf(workflow).concurrency).toBeUndefined();
});

test.each(templates)('$path leaves groups to what it calls', (workflow) => {
  expect(jobsOf(workflow).filter(([, job]) => job.concurrency !== undefined)).toEqual([]);
});

describe('a run that a preview has no use for', () => {
  const { build } = workflowOf(file('.github/workflows/preview.yml')).jobs;
  const condition = build!.if!;

  test('is in a group of its own, and cancels no other: what skips the job also chooses the group', () => {
    const numbers =
      "&& format('pr-{0}-{1}-{2}', github.event.pull_request.number, github.sha, github.base_ref) || format('run-{0}', github.run_id)";
    expect(build!.concurrency!.group).toBe(`fairlead-build-\${{ inputs.directory }}-\${{ ${condition} ${numbers} }}`);
  });
});
