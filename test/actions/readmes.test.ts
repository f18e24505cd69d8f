import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { readmes } from '../../actions/readmes.ts';
import { kit } from '../../github/kit.ts';
import { type Action, jobsOf, workflowOf } from '../workflows/support/documents.ts';
import { workflowErrors } from '../workflows/support/github-parser.ts';
import { file } from '../workflows/support/yaml-files.ts';

const root = join(import.meta.dirname, '../..');
const texts = readmes(root, {});

const blocks = (path: string) => [...texts[path]!.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, block]) => block!);

test.each([
  ['deploy', 'preview'],
  ['promote', 'production'],
  ['rollback', 'rollback'],
  ['resume', 'rollback'],
  ['cleanup', 'cleanup'],
])('the README of %s asks for what the workflow %s grants, and no more', (action, workflow) => {
  const job = jobsOf(file(`.github/workflows/${workflow}.yml`)).find(([, { steps = [] }]) =>
    steps.some(({ uses }) => uses === `$/actions/${action}`),
  );
  const asked = parse(blocks(`actions/${action}/README.md`)[0]!) as { permissions: Record<string, string> };
  expect(asked.permissions).toEqual(job![1].permissions);
});

test.each(['deploy', 'plan', 'promote'])('the snippet of %s takes over what was built', (action) => {
  const [step] = parse(blocks(`actions/${action}/README.md`).at(-1)!) as { with: Record<string, string> }[];
  expect(step!.with.handover).toBe(`\${{ needs.build.outputs.handover }}`);
});

test('the workflow made of the one step is one to GitHub, and its inputs are there', async () => {
  const example = { path: 'own.yml', text: blocks('actions/README.md')[0]! };
  expect(await workflowErrors(example)).toEqual([]);
  const { inputs = {} } = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as Action;
  const steps = jobsOf(example).flatMap(([, job]) => job.steps ?? []);
  const ours = steps.filter(({ uses }) => uses === `${kit.repository}@${kit.ref}`);
  expect(ours.map((step) => step.with?.command)).toEqual(['build', 'preview']);
  expect(ours.flatMap((step) => Object.keys(step.with ?? {})).filter((name) => !(name in inputs))).toEqual([]);
  const { permissions, jobs } = workflowOf(example);
  expect(permissions).toEqual({});
  expect(jobs.preview!.permissions).toEqual({
    contents: 'read',
    deployments: 'write',
    'pull-requests': 'write',
  });
});
