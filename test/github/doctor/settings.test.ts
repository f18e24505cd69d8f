import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { checkSettings } from '../../../github/doctor/settings.ts';
import { callsIn } from '../../../github/doctor/workflows.ts';
import { type TargetName, workflowFiles } from '../../../github/init/workflows.ts';
import type { Request } from '../../../github/request.ts';
import { guardsOf } from '../../fakes/github/model/guards.ts';
import type { Repository } from '../../fakes/github/model/repository.ts';
import type { Permissions } from '../../fakes/github/model/tokens.ts';
import { type Fixture, fixture } from '../fake-forge.ts';

let github: Fixture;
let repository: Repository;
beforeEach(() => {
  github = fixture();
  repository = github.repository;
});
afterEach(() => expect(github.fake.violations).toEqual([]));

const administrator: Permissions = {
  administration: 'read',
  actions: 'read',
  contents: 'read',
  'pull-requests': 'read',
  issues: 'read',
  variables: 'read',
  environments: 'read',
};

/** As somebody leaves it who followed the guide. */
function setUp(): void {
  repository.environments.set('preview', { branches: ['main', 'refs/pull/*/merge'] });
  repository.environments.set('production', { branches: ['main'], reviewers: ['ada'] });
  repository.labels.get('fairlead:preview');
  const guards = guardsOf(repository);
  guards.protection = { strict: true };
  guards.runners = [{ name: 'shed', online: true }];
  guards.forkApproval = 'all_external_contributors';
}

async function check({
  permissions = administrator,
  target = 'local',
  forks = false,
  edit = (text: string) => text,
}: {
  permissions?: Permissions;
  target?: TargetName;
  forks?: boolean;
  edit?: (text: string) => string;
} = {}) {
  const applications = [{ directory: '.', name: 'shop' }];
  const files = Object.entries(workflowFiles({ applications, target, branch: 'main', forks, region: 'eu-west-1' }));
  return checkSettings({
    slug: { owner: 'ada', name: 'shop' },
    calls: callsIn(Object.fromEntries(files.map(([file, text]) => [file, edit(text)]))),
    request: github.api(permissions, { login: 'ada' }).request as Request,
  });
}

const problems = async (options?: Parameters<typeof check>[0]) =>
  (await check(options)).filter(({ state }) => state !== 'ok').map(({ id, state }) => `${state} ${id}`);

test('a repository that is set up is fine', async () => {
  setUp();
  const checks = await check();
  expect(checks.filter(({ state }) => state !== 'ok')).toEqual([]);
  expect(checks.map(({ id }) => id)).toEqual([
    'actions.enabled',
    'actions.allowed',
    'actions.token',
    'runners.online',
    'environments.preview',
    'environments.production',
    'labels.preview',
    'branch.up-to-date',
  ]);
});

test('a new repository lacks much, and would work all the same', async () => {
  expect(await problems()).toEqual([
    'warning runners.online',
    'warning environments.preview',
    'warning environments.production',
    'warning labels.preview',
    'warning branch.up-to-date',
  ]);
  const [first] = (await check()).filter(({ state }) => state === 'warning');
  expect(first?.mend).toMatch(/Settings, Actions, Runners/);
});

describe('of a repository that is set up but for one thing', () => {
  beforeEach(setUp);
  const settings = () => repository.settings;

  test.each<[string, () => void, string[]]>([
    ['Actions', () => (settings().actions.enabled = false), ['failed actions.enabled']],
    ['actions of others', () => (settings().actions.allowed = 'local_only'), ['failed actions.allowed']],
    ['the action of the kit', () => (settings().actions.allowed = 'selected'), ['failed actions.allowed']],
    ['tags of actions', () => (settings().actions.pinned = true), ['failed actions.pinning']],
    ['tokens that read', () => (settings().workflow.permissions = 'write'), ['warning actions.token']],
    ['a runner', () => (guardsOf(repository).runners[0]!.online = false), ['warning runners.online']],
    ['the rule', () => (guardsOf(repository).protection = { strict: false }), ['warning branch.up-to-date']],
    [
      'the queue of merges',
      () => Object.assign(guardsOf(repository), { protection: undefined, rules: { queue: true } }),
      ['warning branch.up-to-date'],
    ],
    [
      'pull requests in the environment of previews',
      () => repository.environments.set('preview', { branches: ['main'] }),
      ['failed environments.preview'],
    ],
    [
      'the default branch in the environment of previews',
      () => repository.environments.set('preview', { branches: ['refs/pull/*/merge'] }),
      ['failed environments.preview'],
    ],
    [
      'pull requests, since previews are for protected branches',
      () => repository.environments.set('preview', { branches: 'protected' }),
      ['failed environments.preview'],
    ],
    [
      'a limit of production',
      () => repository.environments.set('production', { branches: 'all' }),
      ['warning environments.production'],
    ],
    [
      'an exact limit of production',
      () => repository.environments.set('production', { branches: ['*', 'main'] }),
      ['warning environments.production'],
    ],
    [
      'the default branch in production',
      () => repository.environments.set('production', { branches: ['release/*'] }),
      ['failed environments.production'],
    ],
    [
      'previews without reviewers',
      () => repository.environments.set('preview', { reviewers: ['ada'] }),
      ['warning environments.preview.reviewers'],
    ],
  ])('%s is missed', async (_, change, expected) => {
    change();
    expect(await problems()).toEqual(expected);
  });

  test.each([
    ['fairlead-dev/fairlead/*'],
    ['fairlead-dev/*'],
    ['Fairlead-Dev/fairlead/.github/workflows/preview.yml@*'],
  ])('the kit may run as %s', async (pattern) => {
    Object.assign(settings().actions, { allowed: 'selected', patterns: [pattern] });
    expect(await problems()).toEqual([]);
  });

  test.each([[['other/kit/*']], [['fairlead-dev/*', '!fairlead-dev/fairlead/*']]])(
    'the kit may not run with %s',
    async (patterns) => {
      Object.assign(settings().actions, { allowed: 'selected', patterns });
      expect(await problems()).toEqual(['failed actions.allowed']);
    },
  );

  test('a rule of a ruleset is one, too, and protected branches are enough for production', async () => {
    Object.assign(guardsOf(repository), { protection: undefined, rules: { strict: true } });
    repository.environments.set('production', { branches: 'protected' });
    expect(await problems()).toEqual([]);
  });

  test('another environment of production is looked at in its place', async () => {
    const edit = (text: string) => text.replace('target: local', 'environment: staging\n      target: local');
    expect(await problems({ edit })).toEqual(['warning environments.staging']);
  });

  test('of forks there is an environment more', async () => {
    expect(await problems({ forks: true })).toEqual(['warning environments.preview-fork']);
    repository.environments.set('preview-fork', { branches: ['main'] });
    expect(await problems({ forks: true })).toEqual([]);
  });
});

describe('variables', () => {
  beforeEach(setUp);

  test('that workflows name are needed, in the repository or its organization', async () => {
    expect(await problems({ target: 'aws' })).toEqual(['failed variables', 'failed variables']);
    repository.settings.setVariable('FAIRLEAD_PREVIEW_ROLE', 'arn:aws:iam::1:role/x');
    guardsOf(repository).sharedVariables = ['FAIRLEAD_PRODUCTION_ROLE'];
    expect(await problems({ target: 'aws' })).toEqual([]);
    const missing = (await check({ target: 'gcp' })).filter(({ state }) => state === 'failed');
    expect(missing.map(({ message }) => message)).toEqual(
      ['PREVIEW_SERVICE_ACCOUNT', 'PRODUCTION_SERVICE_ACCOUNT', 'WORKLOAD_IDENTITY_PROVIDER'].map(
        (name) => `the variable FAIRLEAD_${name} is not set`,
      ),
    );
  });

  test('are no use when tokens have another subject', async () => {
    for (const name of ['PREVIEW', 'PRODUCTION']) repository.settings.setVariable(`FAIRLEAD_${name}_ROLE`, 'x');
    repository.settings.subjectClaims = ['repo', 'job_workflow_ref'];
    expect(await problems({ target: 'aws' })).toEqual(['failed oidc.subject']);
  });
});

describe('a public repository', () => {
  beforeEach(() => {
    repository = github.fake.world.createRepository('ada/open', { private: false });
    setUp();
  });
  const openCheck = async (target: TargetName) => {
    const files = workflowFiles({
      applications: [{ directory: '.', name: 'x' }],
      target,
      branch: 'main',
      forks: false,
    });
    const { value } = github.fake.world.tokens.issue({
      repository: 'ada/open',
      permissions: administrator,
      login: 'ada',
    });
    const checks = await checkSettings({
      slug: { owner: 'ada', name: 'open' },
      calls: callsIn(files),
      request: github.api(administrator, { token: value }).request as Request,
    });
    return checks
      .filter(({ state, id }) => state !== 'ok' && id !== 'variables')
      .map(({ id, state }) => `${state} ${id}`);
  };

  test('with a runner of its own is warned of', async () => {
    expect(await openCheck('local')).toEqual(['warning runners.public']);
  });

  test('should let nobody from outside run anything unasked', async () => {
    guardsOf(repository).forkApproval = 'first_time_contributors';
    expect(await openCheck('local')).toEqual(['warning actions.forks', 'warning runners.public']);
  });
});

test('what the token may not read is skipped, with the reason', async () => {
  setUp();
  const checks = await check({ permissions: { contents: 'read', actions: 'read' } });
  expect(checks.filter(({ state }) => state === 'failed' || state === 'warning')).toEqual([]);
  const unknown = checks.filter(({ state }) => state === 'skipped');
  expect(unknown.map(({ id }) => id)).toEqual(
    expect.arrayContaining(['actions.enabled', 'actions.token', 'runners.online']),
  );
  expect(unknown[0]?.message).toBe(
    'the token may not read whether Actions are allowed (403); one of an administrator may',
  );
});

test('a repository that the token does not see is one failure', async () => {
  const request = github.api({}, { login: 'eve' }).request as Request;
  const checks = await checkSettings({ slug: { owner: 'ada', name: 'nothing' }, calls: [], request });
  expect(checks.map(({ id, state }) => [id, state])).toEqual([['repository.visible', 'failed']]);
});
