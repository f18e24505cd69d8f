import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { application, deploying, hello, type Job, type Lab, openLab } from './lab.ts';
import type { StepOutcome } from './leaf-process.ts';

// The leaves as processes, as a runner starts them, on the API of a GitHub, its artifacts, and environments of this machine.

let lab: Lab;

beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());
afterEach(() => lab.github.expectNoViolations());

const step = (job: Job) => lab.step(job);

const target = { target: 'local' };

/** What `.github/workflows/preview.yml` does when the pull request wants a preview. */
async function previewed(pull: number, greeting: string): Promise<StepOutcome> {
  lab.checkOut(application(greeting));
  const run = lab.shop.runs.start({ event: 'pull_request', actor: 'ada' });
  const built = await step({
    leaf: 'build',
    run,
    pull,
    permissions: { contents: 'read' },
    inputs: target,
    builds: true,
  });
  expect(built.log).toContain('Write images');
  expect(built.code).toBe(0);
  const { handover = '' } = built.outputs;
  expect(handover).toMatch(/^sha256:/);
  return step({ leaf: 'deploy', run, pull, permissions: deploying, inputs: { ...target, handover } });
}

function cleanup(inputs: Record<string, string> = {}): Promise<StepOutcome> {
  return step({ leaf: 'cleanup', event: 'schedule', permissions: deploying, inputs: { ...target, ...inputs } });
}

const commentsOf = (number: number) => lab.shop.comments.list(number).map(({ body }) => body);

test('a pull request has a preview that follows it, and none when it is closed', async () => {
  lab.shop.push('main', { files: application('main') });
  const { number } = lab.shop.pulls.open({ head: 'topic' });

  const decided = await step({ leaf: 'decide', pull: number, permissions: { 'pull-requests': 'read' } });
  expect(decided.outputs).toMatchObject({ wanted: 'true', kind: 'wanted', trusted: 'true', 'pull-request': '1' });

  const first = await previewed(number, 'Hello');
  expect(first.log).not.toContain('error');
  expect(first.outputs).toMatchObject({ kind: 'deployed', environment: 'pr-1' });
  expect(await hello(first)).toBe('Hello');
  expect(first.summary).toContain(first.outputs.url);
  expect(commentsOf(number)).toEqual([expect.stringContaining(first.outputs.url!)]);

  lab.shop.pulls.push(number);
  const second = await previewed(number, 'Good day');
  expect(await hello(second)).toBe('Good day');
  expect(second.outputs.release).not.toBe(first.outputs.release);
  expect(commentsOf(number)).toHaveLength(1);

  const kept = await cleanup();
  expect(kept.outputs).toMatchObject({ kind: 'nothing' });
  lab.shop.pulls.close(number);
  const found = await step({ leaf: 'find', event: 'schedule', permissions: deploying, inputs: target });
  expect(found.outputs).toMatchObject({ 'pull-requests': '[1]' });
  expect((await cleanup({ 'dry-run': 'true' })).outputs).toMatchObject({ kind: 'planned' });
  const gone = await cleanup({ 'pull-request': '1' });
  expect(gone.outputs).toMatchObject({
    kind: 'removed',
    previews: '[{"application":"shop","environment":"pr-1","kind":"removed"}]',
  });
  await expect(hello(second)).rejects.toThrow();
  expect(commentsOf(number)).toEqual([expect.stringContaining('removed')]);
}, 240_000);

test('a draft has none, and loses the one it had', async () => {
  const { number } = lab.shop.pulls.open({ head: 'drafted' });
  const up = await previewed(number, 'Draft');
  lab.shop.pulls.draft(number, true);
  const decided = await step({ leaf: 'decide', pull: number, permissions: { 'pull-requests': 'read' } });
  expect(decided.outputs).toMatchObject({ wanted: 'false', kind: 'draft', trusted: 'true' });
  expect(decided.commands).toEqual([expect.stringMatching(/^::notice title=Fairlead::No preview: .*is a draft/)]);
  const down = await step({ leaf: 'deploy', pull: number, permissions: deploying, inputs: target });
  expect(down).toMatchObject({ code: 0, outputs: { kind: 'removed', environment: `pr-${number}` } });
  await expect(hello(up)).rejects.toThrow();
}, 240_000);

test('a run that a newer commit has overtaken changes nothing', async () => {
  const { number } = lab.shop.pulls.open({ head: 'overtaken' });
  const old = lab.payload;
  lab.shop.pulls.push(number);
  lab.payload = old;
  const decided = await step({ leaf: 'decide', pull: number, permissions: { 'pull-requests': 'read' } });
  expect(decided.outputs).toMatchObject({ wanted: 'false', kind: 'superseded' });
  const deployed = await step({ leaf: 'deploy', pull: number, permissions: deploying, inputs: target });
  expect(deployed).toMatchObject({ code: 0, outputs: { kind: 'superseded' } });
  expect(deployed.commands).toEqual([expect.stringMatching(/^::notice/)]);
  lab.shop.pulls.close(number);
}, 120_000);

test('what is merged goes to production, back, and is held until someone resumes', async () => {
  const production = { ...target, environment: 'production' };
  const promoted = async (greeting: string, inputs: Record<string, string>) => {
    lab.shop.push('main', { files: application(greeting) });
    lab.checkOut(application(greeting));
    const run = lab.shop.runs.start({ event: 'push', actor: 'ada', headSha: lab.shop.branches.get('main')! });
    const { outputs } = await step({ leaf: 'build', event: 'push', run, inputs: target, builds: true });
    const handover = outputs.handover ?? '';
    return step({
      leaf: 'promote',
      event: 'push',
      run,
      permissions: deploying,
      inputs: { ...production, handover, ...inputs },
    });
  };
  const unproven = await promoted('One', {});
  expect(unproven.code).toBe(1);
  expect(unproven.commands).toEqual([expect.stringMatching(/^::error title=FL3016::/)]);

  const one = await promoted('One', { proof: 'preferred' });
  expect(one.outputs).toMatchObject({ kind: 'deployed', environment: 'production' });
  const two = await promoted('Two', { proof: 'preferred' });
  expect(await hello(two)).toBe('Two');

  const back = (leaf: string, inputs: Record<string, string> = {}) =>
    step({ leaf, event: 'workflow_dispatch', permissions: deploying, inputs: { ...production, ...inputs } });
  expect((await back('rollback', { 'dry-run': 'true' })).outputs).toMatchObject({
    kind: 'planned',
    release: one.outputs.release,
  });
  const other = await back('rollback', { from: `sha256:${'f'.repeat(64)}` });
  expect(other).toMatchObject({ code: 0, outputs: { kind: 'superseded' } });
  const nowhere = await back('rollback', { release: 'abcdef012345' });
  expect(nowhere.commands).toEqual([expect.stringMatching(/^::error title=FL3011::/)]);
  const rolledBack = await back('rollback', { reason: 'It is slow.\n::set-output name=x::y' });
  expect(rolledBack.outputs).toMatchObject({ kind: 'rolled-back', release: one.outputs.release });
  expect(await hello(rolledBack)).toBe('One');

  const held = await promoted('Three', { proof: 'preferred' });
  expect(held).toMatchObject({ code: 0, outputs: { kind: 'held' } });
  expect(held.commands).toEqual([expect.stringMatching(/^::notice title=Fairlead::Held: production was rolled back/)]);
  expect((await back('resume')).outputs).toMatchObject({ kind: 'resumed' });
  const three = await promoted('Three', { proof: 'preferred' });
  expect(await hello(three)).toBe('Three');
}, 400_000);

test('what the token may not is said with the permission and the file', async () => {
  const { number } = lab.shop.pulls.open({ head: 'rights' });
  const { code, commands } = await step({
    leaf: 'deploy',
    pull: number,
    permissions: { contents: 'read' },
    inputs: target,
  });
  expect(code).toBe(1);
  expect(commands).toEqual([expect.stringMatching(/^::error title=FL610\d::.*pull-requests.*\.github\/workflows\//)]);
  const cloud = await step({ leaf: 'deploy', pull: number, permissions: deploying, inputs: { target: 'aws' } });
  expect(cloud.commands).toEqual([
    expect.stringMatching(/^::error file=\.github\/workflows\/.*title=FL6030::.*id-token: write/),
  ]);
  lab.shop.pulls.close(number);
}, 120_000);
