import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { fakeGitHub } from '../fakes/github/fake.ts';
import { guardsOf } from '../fakes/github/model/guards.ts';
import { listen } from '../fakes/github/server.ts';
import { directoryWith, fairlead } from './fairlead.ts';
import { tinyApplication } from './tiny.ts';

let app: ReturnType<typeof tinyApplication>;
const git = (...args: string[]) => execFileSync('git', ['-C', app.path, ...args]);
const bare = { GITHUB_TOKEN: '', GH_TOKEN: '', PATH: '/usr/bin:/bin' };
const doctor = (env: Record<string, string> = {}) =>
  fairlead(['doctor', '--json'], { cwd: app.path, env: { ...bare, ...env } });
const statesOf = (stdout: string): Record<string, string> =>
  Object.fromEntries(
    (JSON.parse(stdout).checks as { id: string; state: string }[]).map(({ id, state }) => [id, state]),
  );

beforeEach(async () => {
  app = tinyApplication();
  git('init', '--quiet', '-b', 'main');
  git('config', 'user.email', 'a@example.com');
  git('config', 'user.name', 'a');
});
afterEach(() => app.remove());

/** As it is after the files are written and pushed. */
async function pushed(): Promise<void> {
  writeFileSync(join(app.path, 'package-lock.json'), '{}');
  await fairlead(['init', '--target', 'local'], { cwd: app.path });
  git('add', '-A');
  git('commit', '--quiet', '-m', 'Begin');
  git('remote', 'add', 'origin', 'https://github.com/ada/shop.git');
  git('update-ref', 'refs/remotes/origin/main', 'HEAD');
  git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main');
}

test('of a repository that has nothing yet, it lists what to do', async () => {
  const { code, stdout } = await doctor();
  expect(code).toBe(1);
  expect(statesOf(stdout)).toEqual({
    'repository.remote': 'failed',
    'application.check': 'ok',
    'application.lockfile': 'failed',
    'application.secrets': 'skipped',
    'workflows.preview': 'failed',
    'workflows.production': 'failed',
    'workflows.rollback': 'failed',
    'workflows.cleanup': 'failed',
    settings: 'skipped',
  });
});

test('without a token, what is on GitHub is skipped, and nothing is said to be ready', async () => {
  await pushed();
  const { code, stdout } = await doctor();
  expect([code, statesOf(stdout).settings, statesOf(stdout)['workflows.default-branch']]).toEqual([0, 'skipped', 'ok']);
  const text = await fairlead(['doctor'], { cwd: app.path, env: bare });
  expect(text.stdout).toContain('  ✓ the remote is ada/shop on GitHub\n');
  expect(text.stdout).not.toContain('Ready');
  expect(text.stdout).toMatch(
    /\n\nNothing found, but 8 settings on GitHub were not looked at: set GITHUB_TOKEN or run gh auth login\.\n$/,
  );
  rmSync(join(app.path, 'package-lock.json'));
  const unlocked = await fairlead(['doctor'], { cwd: app.path, env: bare });
  expect(unlocked.stdout).toMatch(/ {2}✗ tiny has no lockfile: .*\n {6}Run npm install/);
  expect([unlocked.code, unlocked.stdout.trim().split('\n').at(-1)]).toEqual([
    1,
    'Not ready: 1 would fail a first run, 2 not known.',
  ]);
});

test('workflows that are not committed are warned of, and a branch that is nowhere fails', async () => {
  await pushed();
  expect(statesOf((await doctor()).stdout)).not.toHaveProperty('workflows.committed');
  const production = join(app.path, '.github/workflows/fairlead-production.yml');
  writeFileSync(production, readFileSync(production, 'utf8').replace('[main]', '[trunk]'));
  const { code, stdout } = await doctor();
  expect([code, statesOf(stdout)]).toMatchObject([
    1,
    { 'workflows.committed': 'warning', 'workflows.production.branch': 'failed' },
  ]);
});

test('with a token it asks GitHub, and a setting that would fail a run fails', async () => {
  await pushed();
  const fake = fakeGitHub();
  await using server = await listen(fake);
  const repository = fake.world.createRepository('ada/shop');
  repository.environments.set('preview', { branches: ['main', 'refs/pull/*/merge'] });
  repository.environments.set('production', { branches: ['main'] });
  guardsOf(repository).runners = [{ name: 'shed', online: true }];
  const { value } = fake.world.tokens.issue({
    repository: 'ada/shop',
    login: 'ada',
    permissions: { administration: 'read', actions: 'read', contents: 'read', 'pull-requests': 'read' },
  });
  const env = { GITHUB_TOKEN: value, GITHUB_API_URL: server.url };
  const ready = await doctor(env);
  expect([ready.code, statesOf(ready.stdout)]).toMatchObject([
    0,
    { 'actions.enabled': 'ok', 'environments.preview': 'ok', 'environments.production': 'ok', 'runners.online': 'ok' },
  ]);
  repository.settings.actions.enabled = false;
  const off = await doctor(env);
  expect([off.code, statesOf(off.stdout)['actions.enabled']]).toEqual([1, 'failed']);
  fake.expectNoViolations();
});

test('an application that does not build is found without building it', async () => {
  await pushed();
  app.breakSources();
  const { code, stdout } = await doctor();
  expect([code, statesOf(stdout)['application.check']]).toEqual([1, 'failed']);
});

test('outside of a repository that is all it says', async () => {
  const place = directoryWith();
  try {
    const { code, stdout } = await fairlead(['doctor', '--json'], { cwd: place.path, env: bare });
    expect([code, statesOf(stdout)]).toEqual([1, { 'repository.git': 'failed' }]);
    const wrong = await fairlead(['doctor', '--json', '--repository', 'x'], { cwd: join(place.path), env: bare });
    expect(JSON.parse(wrong.stdout).diagnostics[0].code).toBe('FL6303');
  } finally {
    place.remove();
  }
});
