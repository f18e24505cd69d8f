import { expect, test } from '@jest/globals';
import { workflowReference } from '../../github/kit.ts';
import { callErrors, outputErrors, permissionErrors } from './support/calls.ts';
import { jobsOf, workflowOf } from './support/documents.ts';
import { actions, changed, file, templates, workflows } from './support/yaml-files.ts';

const opened = ['opened', 'reopened', 'synchronize', 'edited', 'ready_for_review', 'converted_to_draft'];

test.each([
  ['preview', { pull_request: { types: [...opened, 'labeled', 'unlabeled'] } }],
  [
    'production',
    {
      push: { branches: ['main'] },
      workflow_dispatch: { inputs: { accept: expect.anything(), 'allow-data-loss': expect.anything() } },
    },
  ],
  ['rollback', { workflow_dispatch: { inputs: expect.anything() } }],
  [
    'cleanup',
    {
      pull_request_target: { types: ['closed'] },
      schedule: [{ cron: expect.stringMatching(/^\d+ \d+ \* \* \*$/) }],
      workflow_dispatch: { inputs: { 'dry-run': expect.objectContaining({ type: 'boolean', default: true }) } },
    },
  ],
  ['fork-preview', { pull_request_target: { types: ['labeled', 'synchronize'] } }],
] as const)('%s wakes up on what it is for, and calls its namesake', (name, on) => {
  const template = file(`workflows/${name}.yml`);
  expect(workflowOf(template).on).toEqual(on);
  expect(jobsOf(template).map(([, { uses }]) => uses)).toEqual([workflowReference(name)]);
});

test.each(templates)('$path is short, and begins with how to configure it', ({ text }) => {
  const lines = text.trimEnd().split('\n');
  const header = lines.findIndex((line) => !line.startsWith('#'));
  expect(lines.slice(0, header).join('\n')).toMatch(
    /\n# To configure this workflow:\n# 1\. [\s\S]*\n# 2\. [\s\S]*\n# 3\. /,
  );
  expect(lines.length - header).toBeGreaterThanOrEqual(15);
  expect(lines.length - header).toBeLessThanOrEqual(30);
});

test.each(templates)('$path grants exactly what the jobs that it calls ask for', (template) => {
  expect(permissionErrors(template)).toEqual([]);
});

test.each([...templates, ...workflows, ...actions])('$path calls everything by its inputs', (caller) => {
  expect(callErrors(caller)).toEqual([]);
});

test.each([...workflows, ...actions])('$path reads outputs that there are', (reader) => {
  expect(outputErrors(reader)).toEqual([]);
});

const template = file('workflows/preview.yml');
const reusable = file('.github/workflows/preview.yml');

test.each([
  ['an input that is not declared', callErrors(changed(template, 'directory:', 'folder:'))],
  ['a required input that is not given', callErrors(changed(template, '      target: local\n', ''))],
  ['text where true or false belongs', callErrors(changed(template, 'directory: .', "drafts: 'yes'"))],
  ['a file that is not there', callErrors(changed(template, 'preview.yml@', 'previews.yml@'))],
  ['an input that an action has not', callErrors(changed(reusable, /handover: (?=.*needs)/, 'hand-over: '))],
  ['an action that is not there', callErrors(changed(reusable, '$/actions/deploy', '$/actions/deployment'))],
  ['a permission that is missing', permissionErrors(changed(template, /^ *deployments: .*\n/m, ''))],
  ['a permission too many', permissionErrors(changed(template, 'contents: read', 'contents: write'))],
  [
    'an output that an action has not',
    outputErrors(changed(reusable, 'steps.deploy.outputs.url', 'steps.deploy.outputs.uri')),
  ],
])('%s would be seen', (_, errors) => {
  expect(errors).toHaveLength(1);
});
