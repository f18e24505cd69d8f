import { expect, test } from '@jest/globals';
import { checkWorkflows, type WorkflowFacts } from '../../../github/doctor/workflows.ts';
import { workflowFile, workflowFiles } from '../../../github/init/workflows.ts';

const files = workflowFiles({
  applications: [{ directory: '.', name: 'shop' }],
  target: 'local',
  branch: 'main',
  forks: false,
});
const facts: WorkflowFacts = {
  files,
  onDefaultBranch: files,
  applications: [{ directory: '.', target: 'local' }],
};
const preview = workflowFile('preview');
/** The findings that are not fine, for a preview workflow with something changed. */
const findings = (from: string | RegExp, to: string, more: Partial<WorkflowFacts> = {}) => {
  const text = files[preview]!.replace(from, to);
  if (text === files[preview]) throw new Error(`nothing is ${from}`);
  const changed = { ...files, [preview]: text };
  return problems({ ...facts, files: changed, onDefaultBranch: changed, ...more });
};
const problems = (given: WorkflowFacts) =>
  checkWorkflows(given)
    .filter(({ state }) => state !== 'ok')
    .map(({ id, state, message }) => `${state} ${id}: ${message}`);

test('the files that init writes are fine', () => {
  expect(checkWorkflows(facts).map(({ id, state }) => [id, state])).toEqual(
    ['preview', 'production', 'rollback', 'cleanup', 'default-branch'].map((name) => [`workflows.${name}`, 'ok']),
  );
});

test('what a newcomer may have is found, with the place', () => {
  expect(problems({ ...facts, files: {}, onDefaultBranch: {} })).toEqual(
    ['preview', 'production', 'rollback', 'cleanup'].map(
      (name) => `failed workflows.${name}: no workflow calls ${name}.yml of the kit`,
    ),
  );
  expect(findings('permissions: {}', 'permissions: {')[0]).toMatch(/^failed workflows.syntax: .*is not YAML: /);
  expect(findings('@v0', '@v9')).toEqual([
    `warning workflows.preview.ref: ${preview} calls the kit at "v9", and this is v0`,
  ]);
  expect(findings('@v0', '@0123456789abcdef0123456789abcdef01234567')).toEqual([]);
  expect(findings('target: local', 'taget: local')).toEqual([
    `failed workflows.preview.inputs: ${preview} passes taget to preview.yml, which has no such input`,
    `failed workflows.preview.inputs: ${preview} does not pass target to preview.yml`,
  ]);
  expect(findings(/ {6}deployments: write.*\n/, '')).toEqual([
    `failed workflows.preview.permissions: jobs.preview of ${preview} does not grant deployments: write`,
  ]);
  expect(findings('pull-requests: write', 'pull-requests: read')).toEqual([
    `failed workflows.preview.permissions: jobs.preview of ${preview} does not grant pull-requests: write`,
  ]);
  expect(findings('synchronize, ', '')).toEqual([
    `warning workflows.preview.events: ${preview} does not run when a pull_request is synchronize`,
  ]);
  expect(findings('  pull_request:', '  push:')).toEqual([
    `warning workflows.preview.events: ${preview} does not run on pull_request`,
  ]);
  expect(findings('directory: .', 'directory: apps/shop')).toEqual([
    `failed workflows.preview.directory: ${preview} is for apps/shop, where no application is`,
    'warning workflows.preview.directory: no job calls preview.yml for the application in .',
  ]);
  expect(findings('target: local', 'target: aws')).toEqual([
    `warning workflows.preview.target: ${preview} is for the target aws, and fairlead.json of . for local`,
  ]);
});

test('the name of the file does not matter, nor how a directory is written', () => {
  const { [preview]: text, ...rest } = files;
  const renamed = { ...rest, '.github/workflows/ci.yaml': text!.replace('directory: .', 'directory: ./') };
  expect(problems({ ...facts, files: renamed, onDefaultBranch: renamed })).toEqual([]);
});

test('what the default branch lacks is told, since buttons and schedules run its files', () => {
  const { [preview]: text, ...rest } = files;
  expect(problems({ ...facts, onDefaultBranch: rest })).toEqual([
    `warning workflows.default-branch: ${preview} is not on the default branch`,
  ]);
  const crlf = Object.fromEntries(Object.entries(files).map(([file, one]) => [file, one.replaceAll('\n', '\r\n')]));
  expect(problems({ ...facts, onDefaultBranch: crlf })).toEqual([]);
  expect(problems({ ...facts, onDefaultBranch: { ...rest, [preview]: `${text}# more\n` } })).toEqual([
    `warning workflows.default-branch: ${preview} is another one on the default branch`,
  ]);
  expect(problems({ ...facts, onDefaultBranch: undefined })).toEqual([
    'skipped workflows.default-branch: git does not know the default branch of the remote: git remote set-head origin --auto',
  ]);
});

test('a workflow that two files call for one application runs twice', () => {
  const twice = { ...files, '.github/workflows/preview.yml': files[preview]! };
  expect(problems({ ...facts, files: twice, onDefaultBranch: twice })).toEqual([
    `failed workflows.preview.twice: jobs.preview of ${preview} and jobs.preview of .github/workflows/preview.yml call preview.yml for the application in ., so that everything runs twice`,
  ]);
});

test('what is broken is not told to be missing too', () => {
  expect(findings('permissions: {}', 'permissions: {')).toEqual([
    expect.stringMatching(/^failed workflows.syntax: .*is not YAML: /),
  ]);
});

test('the branch that production follows has to be somewhere, unless no branch is known', () => {
  const production = workflowFile('production');
  const following = (branch: string, branches: string[]) => {
    const changed = { ...files, [production]: files[production]!.replace('[main]', `[${branch}]`) };
    return problems({ ...facts, files: changed, onDefaultBranch: changed, branches });
  };
  expect(following('main', ['trunk', 'main'])).toEqual([]);
  expect(following('main', [])).toEqual([]);
  expect(following("'release/*'", ['trunk'])).toEqual([]);
  expect(following("'1\\+2'", ['1+2'])).toEqual([]);
  expect(following('main', ['trunk'])).toEqual([
    `failed workflows.production.branch: ${production} follows the branch main, which is neither here nor on the remote`,
  ]);
});

test('files that are no workflows of the kit do no harm', () => {
  const others = {
    '.github/workflows/a.yml': '',
    '.github/workflows/b.yml': 'on: push\njobs: []\n',
    '.github/workflows/c.yml':
      'on: [push]\njobs:\n  a: 3\n  b:\n    uses: other/kit/.github/workflows/preview.yml@v0\n',
  };
  expect(problems({ ...facts, files: { ...files, ...others } })).toEqual([]);
});
