import { mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { bundleActions } from '../../actions/bundle/bundle.ts';
import { type FakeAws, makeFakeAws } from '../fakes/aws/fake.ts';
import { application, deploying, hello, type Lab, openLab } from './lab.ts';
import type { StepOutcome } from './leaf-process.ts';

// The bundles of the leaves as processes, with environments in an account of AWS that is a fake: tasks and databases really run.

let lab: Lab;
let aws: FakeAws;
const root = resolve(import.meta.dirname, '../..');
const dist = mkdtempSync(join(root, '.dist-'));

beforeAll(async () => {
  [lab, aws] = await Promise.all([openLab(), makeFakeAws({ containers: 'real' }), bundleActions(root, dist)]);
});
afterAll(async () => {
  await Promise.all([lab.close(), aws.dispose()]);
  rmSync(dist, { recursive: true, force: true });
});
afterEach(() => lab.github.expectNoViolations());

const permissions = { ...deploying, 'id-token': 'write' } as const;
const target = { target: 'aws', region: 'eu-central-1' };

/** The same with a database; what runs its containers has Node itself. */
function sources(greeting: string): Record<string, string> {
  return {
    ...application(greeting),
    'fairlead.json': JSON.stringify({ target: 'aws', build: { base: 'scratch', platforms: ['linux/amd64'] } }),
    'door/db.ts': `import { SQLDatabase } from 'encore.dev/storage/sqldb';
export const guests = new SQLDatabase('guests', { migrations: './migrations' });
`,
    'door/migrations/1_guests.up.sql': 'CREATE TABLE guests (name text);',
  };
}

async function built(greeting: string, pull?: number) {
  const files = sources(greeting);
  lab.checkOut(files);
  const event = pull === undefined ? 'push' : 'pull_request';
  const run = lab.shop.runs.start({
    event,
    actor: 'ada',
    ...(pull === undefined && { headSha: lab.shop.branches.get('main')! }),
  });
  const { outputs, log } = await lab.step({
    ...{ leaf: 'build', event, run, inputs: { target: 'aws' }, builds: true },
    ...(pull !== undefined && { pull }),
  });
  expect(log).not.toContain('error FL');
  return { event, run, handover: outputs.handover ?? '' };
}

const commentsOf = (number: number) => lab.shop.comments.list(number).map(({ body }) => body);

async function up(outcome: StepOutcome, greeting: string): Promise<void> {
  expect(outcome.log).not.toContain('error FL');
  expect(outcome.outputs).toMatchObject({ kind: 'deployed' });
  expect(await hello(outcome)).toBe(greeting);
}

test('a pull request has a preview, what is merged goes to production and back, and what is closed goes', async () => {
  lab.shop.push('main', { files: sources('main') });
  const { number } = lab.shop.pulls.open({ head: 'topic' });
  const { run, handover } = await built('Hello', number);
  const preview = await lab.step({
    ...{ leaf: 'deploy', run, pull: number, permissions, dist, env: aws.env },
    inputs: { ...target, handover },
  });
  await up(preview, 'Hello');
  const [comment] = commentsOf(number);
  expect(comment).toContain(preview.outputs.url);
  expect(comment).toMatch(/\*\*Cost of production\*\* · \d+\.\d\d USD a month/);

  const promoted = async (greeting: string) => {
    lab.shop.push('main', { files: sources(greeting) });
    const { handover, ...job } = await built(greeting);
    const inputs = { ...target, handover, proof: 'preferred' };
    return lab.step({ leaf: 'promote', ...job, permissions, dist, env: aws.env, inputs });
  };
  const one = await promoted('Hello');
  await up(one, 'Hello');
  expect(one.outputs.release).toBe(preview.outputs.release);
  await up(await promoted('Good day'), 'Good day');
  const back = await lab.step({
    ...{ leaf: 'rollback', event: 'workflow_dispatch', permissions, dist, env: aws.env },
    inputs: { ...target, environment: 'production', reason: 'slow' },
  });
  expect(back.outputs).toMatchObject({ kind: 'rolled-back', release: one.outputs.release });
  expect(await hello(back)).toBe('Hello');

  lab.shop.pulls.close(number);
  const found = await lab.step({ leaf: 'find', event: 'schedule', permissions, dist, env: aws.env, inputs: target });
  expect(found.outputs).toMatchObject({ 'pull-requests': '[1]' });
  const gone = await lab.step({ leaf: 'cleanup', event: 'schedule', permissions, dist, env: aws.env, inputs: target });
  expect(gone.outputs).toMatchObject({ kind: 'removed' });
  expect(commentsOf(number)).toEqual([expect.stringMatching(/removed[\s\S]*Saves \d+\.\d\d USD a month/)]);
}, 600_000);

test('another registry than that of the account is refused', async () => {
  const { commands } = await lab.step({
    ...{ leaf: 'resume', event: 'workflow_dispatch', permissions, dist, env: aws.env },
    inputs: { ...target, registry: 'ghcr.io/ada' },
  });
  expect(commands).toEqual([expect.stringMatching(/^::error title=FL6038::/)]);
});
