import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { readBuildSettings } from '../../images/encore-app.ts';
import { hookEnvironment } from '../../images/hook-environment.ts';
import { runHook } from '../../images/hooks.ts';
import { UserError } from '../../pipeline/mod.ts';
import { failureOf } from './oci/content.ts';
import { directory } from './sample.ts';

/** Steps as they began. */
function reporter() {
  const steps: string[] = [];
  const report = {
    step<T>(title: string, work: () => Promise<T>): Promise<T> {
      steps.push(title);
      return work();
    },
  };
  return { steps, report };
}

const app = (hooks: object) => directory({ 'encore.app': JSON.stringify({ build: { hooks } }) });
const env = { PATH: process.env.PATH, LANG: 'C', NPM_TOKEN: 'secret' };

test('a hook runs in the root by the shell, with its own variables and a few of the environment', async () => {
  await using root = await app({
    prebuild: {
      command: 'pwd > out && echo "$LANG $OWN $NPM_TOKEN $AWS_PROFILE." | tr a-z A-Z >> out',
      env: { OWN: 'world' },
    },
  });
  const { steps, report } = reporter();
  await runHook(root.path, 'prebuild', { env: { ...env, AWS_PROFILE: 'x' }, report });
  expect(await readFile(join(root.path, 'out'), 'utf8')).toBe(`${root.path}\nC WORLD  .\n`);
  await runHook(root.path, 'postbuild', { env, report });
  expect(steps).toEqual(['Run the prebuild hook']);
});

test('what the hook itself is given stays, whatever it is called', async () => {
  await using root = await app({ postbuild: { command: 'test "$NPM_TOKEN" = public', env: { NPM_TOKEN: 'public' } } });
  await runHook(root.path, 'postbuild', { env, ...reporter() });
});

test.each([undefined, '', '// nothing\n{}'])('without hooks nothing is run: encore.app is %j', async (text) => {
  await using root = await directory(text === undefined ? {} : { 'encore.app': text });
  const { steps, report } = reporter();
  await runHook(root.path, 'prebuild', { env, report });
  expect(steps).toEqual([]);
});

test('a hook that fails is one error, with its place and its last words', async () => {
  await using root = await directory({
    'encore.app':
      '{\n  "build": {\n    "hooks": { "prebuild": "seq 1 100; printf \'\\\\033[31mred\\\\033[0m\\\\n\' >&2; exit 3" }\n  }\n}\n',
  });
  const error = await runHook(root.path, 'prebuild', { env, ...reporter() }).catch((error: unknown) => error);
  const { diagnostics } = error as UserError;
  expect(diagnostics).toEqual([
    {
      code: 'FL2507',
      severity: 'error',
      message: expect.stringMatching(
        /^the prebuild hook failed: it ended with 3. Its last words:\n {4}72\n[\s\S]*\n {4}100\n {4}red$/,
      ),
      help: expect.stringContaining('what else it needs in its `env`'),
      position: expect.objectContaining({ file: 'encore.app', line: 3, column: 16 }),
    },
  ]);
});

test.each([
  ['exit 1', 'it ended with 1, and said nothing'],
  ['kill -9 $$', 'it was ended by SIGKILL, and said nothing'],
  ['no-such-program', 'it ended with 127. Its last words:\n'],
])('a hook that fails: %s', async (command, how) => {
  await using root = await app({ prebuild: command });
  const failure = await failureOf(runHook(root.path, 'prebuild', { env, ...reporter() }));
  expect([failure.code, failure.text]).toEqual(['FL2507', expect.stringContaining(`the prebuild hook failed: ${how}`)]);
});

test('a program that does not exist in the directory is no bug of ours', async () => {
  await using root = await app({ prebuild: 'true' });
  const broken = { ...env, PATH: undefined };
  await runHook(root.path, 'prebuild', { env: broken, ...reporter() });
});

test('an interruption reaches everything that the hook has started, once, and leaves nothing behind', async () => {
  await using root = await app({
    prebuild: `trap 'echo parent >> out' INT
      sh -c 'trap "echo child >> out; exit" INT; sleep 60 & echo $! > pid; touch ready; wait'`,
  });
  const controller = new AbortController();
  const work = runHook(root.path, 'prebuild', { env, ...reporter(), signal: controller.signal });
  const failed = work.catch((error: unknown) => error);
  for (let ready = false; !ready; await sleep(20)) ready = await isThere(join(root.path, 'ready'));
  const reason = new Error('stop');
  controller.abort(reason);
  expect(await failed).toBe(reason);
  expect((await readFile(join(root.path, 'out'), 'utf8')).trim().split('\n').sort()).toEqual(['child', 'parent']);
  const left = Number(await readFile(join(root.path, 'pid'), 'utf8'));
  while (await isRunning(left)) await sleep(20);
});

test('what a hook leaves in the background is not waited for', async () => {
  await using root = await app({ prebuild: 'sleep 30 & echo started' });
  const begin = performance.now();
  await runHook(root.path, 'prebuild', { env, ...reporter() });
  expect(performance.now() - begin).toBeLessThan(10_000);
});

/** Not one that has ended and nobody has asked for. */
async function isRunning(pid: number): Promise<boolean> {
  return readFile(`/proc/${pid}/stat`, 'utf8').then(
    (stat) => !/\) [ZX]/.test(stat),
    () => false,
  );
}

async function isThere(path: string): Promise<boolean> {
  return readFile(path).then(
    () => true,
    () => false,
  );
}

test.each([
  ['AWS_ACCESS_KEY_ID', 'a'],
  ['GOOGLE_APPLICATION_CREDENTIALS', '/key.json'],
  ['ACTIONS_ID_TOKEN_REQUEST_URL', 'https://a'],
  ['GITHUB_TOKEN', 'a'],
  ['GITHUB_ENV', '/file'],
  ['GH_PAT', 'a'],
  ['NODE_AUTH_TOKEN', 'a'],
  ['npm_config__auth', 'a'],
  ['npm_config__password', 'a'],
  ['NPM_CONFIG_OTP', '123456'],
  ['npm_config_key', 'a'],
  ['npm_config_//registry.example/:_authToken', 'a'],
  ['npm_config_registry', 'https://me:word@registry.example'],
  ['HTTP_AUTHORIZATION', 'a'],
  ['GIT_CONFIG_VALUE_0', 'AUTHORIZATION: basic a'],
  ['MYSQL_PWD', 'a'],
  ['PGPASSFILE', '/file'],
  ['STRIPE_KEY', 'a'],
  ['RAILS_MASTER_KEY', 'a'],
  ['DEPLOY_KEY', 'a'],
  ['CI_JOB_JWT', 'a'],
  ['TWINE_PASS', 'a'],
  ['FAIRLEAD_STATE_DIR', '/var'],
  ['SSH_AUTH_SOCK', '/socket'],
  ['KUBECONFIG', '/file'],
  ['MY_OWN', 'a'],
  ['DATABASE', 'jdbc:postgresql://me:word@db.example'],
  ['HTTPS_PROXY', 'http://me:word@proxy.example:3128'],
  ['HTTPS_PROXY', 'http://me:wo/rd@proxy.example:3128'],
  ['https_proxy', 'http://token@proxy.example:3128'],
  ['all_proxy', 'me:word@proxy.example:3128'],
  ['NODE_OPTIONS', '--import=https://token@modules.example/a.js'],
  ['TERM', 'Bearer a'],
])('a hook does not get %s=%s', (name, value) => {
  expect(hookEnvironment({ [name]: value })).toEqual({});
});

test('a hook gets what says how programs run here', () => {
  const harmless = {
    ...{ PATH: '/bin', HOME: '/home/me', LANG: 'de', LC_ALL: 'C', TZ: 'UTC', CI: 'true', XDG_CACHE_HOME: '/cache' },
    NODE_ENV: 'production',
    NODE_OPTIONS: '--import=file:///app/node_modules/@scope/name/register.js',
    HTTPS_PROXY: 'http://proxy.example:3128',
    no_proxy: 'localhost,.example',
    npm_config_registry: 'https://registry.example',
    npm_config_user_agent: 'npm/11.0.0',
  };
  expect(hookEnvironment({ ...harmless, UNSET: undefined, PWD: '/elsewhere' })).toEqual(harmless);
});

test('what encore.app says of images: the base counts, the rest is worth a warning at its place', async () => {
  await using root = await directory({
    'encore.app': `{
  "build": { "docker": {
    "base_image": "node:24",
    "bundle_source": true,
    "working_dir": "/srv",
    "process_per_service": true,
  }, "worker_pooling": true },
}`,
  });
  const { baseImage, hooks, warnings } = await readBuildSettings(root.path);
  expect([baseImage, hooks]).toEqual(['node:24', {}]);
  expect(warnings.map(({ code, severity, message, position }) => [code, severity, message, position?.line])).toEqual([
    ['FL2512', 'warning', '`build.docker.bundle_source` of encore.app has no effect', 4],
    ['FL2512', 'warning', '`build.docker.working_dir` of encore.app has no effect', 5],
    ['FL2512', 'warning', '`build.docker.process_per_service` of encore.app has no effect', 6],
  ]);
});

test('what is off in encore.app is no reason to warn', async () => {
  await using root = await directory({
    'encore.app':
      '{ "docker_base_image": "node:22", "build": { "docker": { "bundle_source": false, "process_per_service": false } } }',
  });
  expect(await readBuildSettings(root.path)).toEqual({ hooks: {}, baseImage: 'node:22', warnings: [] });
});

test('an encore.app that is not JSON is refused', async () => {
  await using root = await directory({ 'encore.app': '{ "build": ' });
  expect(await readBuildSettings(root.path).catch((error: unknown) => error instanceof UserError)).toBe(true);
});
