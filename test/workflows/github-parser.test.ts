import { describe, expect, test } from '@jest/globals';
import { actionErrors, workflowErrors } from './support/github-parser.ts';
import { actions, changed, file, templates, workflows } from './support/yaml-files.ts';

test('the files are there', () => {
  expect(templates.map(({ path }) => path)).toEqual([
    'workflows/cleanup.yml',
    'workflows/fork-preview.yml',
    'workflows/preview.yml',
    'workflows/production.yml',
    'workflows/rollback.yml',
  ]);
  expect(workflows.map(({ path }) => path)).toEqual(
    expect.arrayContaining(templates.map(({ path }) => `.github/${path}`)),
  );
});

test.each([...templates, ...workflows])("GitHub's parser accepts $path", async (workflow) => {
  expect(await workflowErrors(workflow)).toEqual([]);
});

(actions.length > 0 ? describe : describe.skip)('actions', () => {
  test.each(actions)("GitHub's parser accepts $path", (action) => {
    expect(actionErrors(action)).toEqual([]);
  });
});

describe("GitHub's parser refuses", () => {
  const preview = file('.github/workflows/preview.yml');

  test.each([
    ['a key that there is not', 'timeout-minutes: 30', 'timeout: 30', /timeout/],
    ['a context where it is not known', "if: inputs.target == 'aws'", "if: secrets.target == 'aws'", /secrets/],
    ['a job that is not there', 'needs: build', 'needs: builds', /builds/],
    ['a value of a wrong type', 'cancel-in-progress: true', 'cancel-in-progress: [true]', /sequence/i],
  ])('%s', async (_, from, to, says) => {
    expect((await workflowErrors(changed(preview, from, to))).join('\n')).toMatch(says);
  });

  test('a step of a composite action without a shell', () => {
    const text = 'name: A\ndescription: B\nruns:\n  using: composite\n  steps:\n    - run: "true"\n';
    expect(actionErrors({ path: 'action.yml', text }).join('\n')).toMatch(/shell/);
  });
});
