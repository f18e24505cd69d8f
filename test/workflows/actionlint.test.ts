import { describe, expect, test } from '@jest/globals';
import { actionlint, find, root, versions, withFiles } from './support/linters.ts';
import { changed, file, templates, workflows } from './support/yaml-files.ts';

const program = find('actionlint');
const judge = `actionlint ${versions.actionlint}`;
const here = program ? describe : describe.skip;

here(judge, () => {
  test('finds nothing but what it does not know yet', () => {
    const files = [...workflows, ...templates].map(({ path }) => path);
    expect(actionlint(program!, files, root)).toEqual({ status: 0, findings: [] });
  });

  test.each([
    ['an output that no step has', 'steps.build.outputs.release }}', 'steps.built.outputs.release }}', /"built"/],
    ['an input that is not declared', 'inputs.drafts }}', 'inputs.draft }}', /"draft"/],
    ['a key that it knows as little as GitHub', 'queue: max', 'queues: max', /"queues"/],
    ['an action without a ref that is not ours', '$/actions/setup', 'actions/setup', /ref is missing/],
    [
      'a condition that is always true',
      'if: inputs.target == ',
      `if: \${{ true }} && inputs.target == `,
      /always evaluated to true/,
    ],
  ])('would find %s', (_, from, to, says) => {
    const path = '.github/workflows/preview.yml';
    withFiles([changed(file(path), from, to)], (directory) => {
      const { status, findings } = actionlint(program!, [path], directory);
      expect(findings.join('\n')).toMatch(says);
      expect(status).not.toBe(0);
    });
  });
});

(process.env.CI ? test : test.skip)(`${judge} is there`, () => {
  expect(program).toBeDefined();
});
