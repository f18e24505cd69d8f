import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { FakeGitHub } from '../fakes/github/fake.ts';
import type { Permissions } from '../fakes/github/model/tokens.ts';
import { type Listening, listen } from '../fakes/github/server.ts';
import { runLeaf, type StepOutcome } from './leaf-process.ts';

// The leaves as processes, as a runner starts them, on the API of a GitHub, its artifacts, and environments of this machine.

const github = new FakeGitHub({ clock: { now: () => new Date() } });
const shop = github.world.createRepository('ada/shop');
const root = mkdtempSync(join(tmpdir(), 'fairlead-story-'));
// mkdtemp makes it for us alone, but as root a server runs as another user.
chmodSync(root, 0o711);
const workspace = join(root, 'shop');
const state = { FAIRLEAD_STATE_DIR: join(root, 'state') };
const deploying: Permissions = { contents: 'read', deployments: 'write', 'pull-requests': 'write' };

let server: Listening;
let payload: object = {};
let jobs = 0;

beforeAll(async () => {
  server = await listen(github);
  github.world.onHappening((happening) => {
    payload = github.payload(happening) as object;
  });
});
afterAll(async () => {
  await cleanup();
  await server.close();
  rmSync(root, { recursive: true, force: true });
});
afterEach(() => github.expectNoViolations());

const application = (greeting: string): Record<string, string> => ({
  'package.json': '{"name":"shop","type":"module"}',
  'tsconfig.json':
    '{"compilerOptions":{"module":"nodenext","target":"es2024","strict":true,"skipLibCheck":true,"noEmit":true}}',
  'door/door.ts': `import { api } from 'encore.dev/api';
export const hello = api({ expose: true, method: 'GET', path: '/hello' }, async (): Promise<{ text: string }> => ({ text: '${greeting}' }));
`,
});

function checkOut(files: Record<string, string>): void {
  rmSync(workspace, { recursive: true, force: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, name)), { recursive: true });
    writeFileSync(join(workspace, name), text);
  }
  const git = (...args: string[]) => execFileSync('git', ['-C', workspace, ...args]);
  git('init', '--quiet');
  git('add', '--all');
  git('-c', 'user.name=ada', '-c', 'user.email=ada@example.com', 'commit', '--quiet', '--message', 'Sources');
}

interface Job {
  leaf: string;
  event?: string;
  pull?: number;
  permissions?: Permissions;
  inputs?: Record<string, string>;
  /** Of the run that has the artifacts. */
  run?: ReturnType<typeof shop.runs.start>;
  builds?: boolean;
}

async function step({
  leaf,
  event = 'pull_request',
  pull,
  permissions = {},
  inputs = {},
  run,
  builds,
}: Job): Promise<StepOutcome> {
  const started = run ?? shop.runs.start({ event, actor: 'ada' });
  const job = shop.jobs.start({ run: started, name: leaf, permissions, ...(pull !== undefined && { pull }) });
  try {
    return await runLeaf({
      leaf,
      inputs: { ...(!builds && { 'github-token': job.token.value }), ...inputs },
      event: { name: event, payload },
      env: { ...github.env(job), ...state },
      temp: join(root, `job-${++jobs}`),
      ...(builds && { workspace }),
    });
  } finally {
    shop.jobs.end(job);
  }
}

const target = { target: 'local' };

/** What `.github/workflows/preview.yml` does when the pull request wants a preview. */
async function previewed(pull: number, greeting: string): Promise<StepOutcome> {
  checkOut(application(greeting));
  const run = shop.runs.start({ event: 'pull_request', actor: 'ada' });
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

const commentsOf = (number: number) => shop.comments.list(number).map(({ body }) => body);

test('a pull request has a preview that follows it, and none when it is closed', async () => {
  shop.push('main', { files: application('main') });
  const { number } = shop.pulls.open({ head: 'topic' });

  const decided = await step({ leaf: 'decide', pull: number, permissions: { 'pull-requests': 'read' } });
  expect(decided.outputs).toMatchObject({ wanted: 'true', kind: 'wanted', trusted: 'true', 'pull-request': '1' });

  const first = await previewed(number, 'Hello');
  expect(first.log).not.toContain('error');
  expect(first.outputs).toMatchObject({ kind: 'deployed', environment: 'pr-1' });
  expect(await hello(first)).toBe('Hello');
  expect(first.summary).toContain(first.outputs.url);
  expect(commentsOf(number)).toEqual([expect.stringContaining(first.outputs.url!)]);

  shop.pulls.push(number);
  const second = await previewed(number, 'Good day');
  expect(await hello(second)).toBe('Good day');
  expect(second.outputs.release).not.toBe(first.outputs.release);
  expect(commentsOf(number)).toHaveLength(1);

  const kept = await cleanup();
  expect(kept.outputs).toMatchObject({ kind: 'nothing' });
  shop.pulls.close(number);
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
}, 120_000);

test('a draft has none, and loses the one it had', async () => {
  const { number } = shop.pulls.open({ head: 'drafted' });
  const up = await previewed(number, 'Draft');
  shop.pulls.draft(number, true);
  const decided = await step({ leaf: 'decide', pull: number, permissions: { 'pull-requests': 'read' } });
  expect(decided.outputs).toMatchObject({ wanted: 'false', kind: 'draft', trusted: 'true' });
  expect(decided.commands).toEqual([expect.stringMatching(/^::notice title=Fairlead::No preview: .*is a draft/)]);
  const down = await step({ leaf: 'deploy', pull: number, permissions: deploying, inputs: target });
  expect(down).toMatchObject({ code: 0, outputs: { kind: 'removed', environment: `pr-${number}` } });
  await expect(hello(up)).rejects.toThrow();
}, 120_000);

test('a run that a newer commit has overtaken changes nothing', async () => {
  const { number } = shop.pulls.open({ head: 'overtaken' });
  const old = payload;
  shop.pulls.push(number);
  payload = old;
  const decided = await step({ leaf: 'decide', pull: number, permissions: { 'pull-requests': 'read' } });
  expect(decided.outputs).toMatchObject({ wanted: 'false', kind: 'superseded' });
  const deployed = await step({ leaf: 'deploy', pull: number, permissions: deploying, inputs: target });
  expect(deployed).toMatchObject({ code: 0, outputs: { kind: 'superseded' } });
  expect(deployed.commands).toEqual([expect.stringMatching(/^::notice/)]);
  shop.pulls.close(number);
}, 60_000);

test('what is merged goes to production, back, and is held until someone resumes', async () => {
  const production = { ...target, environment: 'production' };
  const promoted = async (greeting: string, inputs: Record<string, string>) => {
    shop.push('main', { files: application(greeting) });
    checkOut(application(greeting));
    const run = shop.runs.start({ event: 'push', actor: 'ada', headSha: shop.branches.get('main')! });
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
  const other = await back('rollback', { from: one.outputs.release! });
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
}, 180_000);

test('what the token may not is said with the permission and the file', async () => {
  const { number } = shop.pulls.open({ head: 'rights' });
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
  shop.pulls.close(number);
}, 60_000);

async function hello({ outputs }: StepOutcome): Promise<string> {
  const response = await fetch(`${outputs.url}/hello`);
  return ((await response.json()) as { text: string }).text;
}
