import { expect, test } from '@jest/globals';
import { identityOf } from './contexts.ts';
import { stage, workflows } from './stage.ts';

const job = (permissions: string, environment = '') =>
  `jobs:\n  only:\n    runs-on: x\n${permissions ? `    permissions: ${permissions}\n` : ''}${environment}    steps:\n      - { name: say, run: say, env: { SAY: "\${{ secrets.KEY }}" } }\n`;
const everything = '{ contents: write, id-token: write, deployments: write, pull-requests: none }';

async function onPush(top: string, own: string, setting: 'read' | 'write' = 'read') {
  const scene = stage({ files: workflows({ ci: `on: push\n${top}${job(own)}` }) });
  scene.repository.settings.workflow.permissions = setting;
  scene.repository.push('main');
  await scene.platform.settle();
  return scene.job('only').permissions;
}

// https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#permissions
test('the job, else the workflow, else the setting; what is not named is none', async () => {
  expect(await onPush('', '')).toEqual({ contents: 'read', packages: 'read' });
  expect(await onPush('', '', 'write')).toMatchObject({ contents: 'write', deployments: 'write' });
  expect((await onPush('', '', 'write'))['id-token']).toBeUndefined();
  expect(await onPush('permissions: {}\n', '')).toEqual({});
  expect(await onPush('permissions: { issues: write }\n', '{ contents: read }')).toEqual({ contents: 'read' });
  expect(await onPush('permissions: read-all\n', '')).toMatchObject({ contents: 'read', deployments: 'read' });
});

async function onPull(by: string, fromFork: boolean) {
  const scene = stage({
    files: workflows({
      own: `on: pull_request\n${job(everything)}`,
      target: `on: pull_request_target\n${job(everything)}`,
    }),
    secrets: { repository: { KEY: 'k' } },
  });
  const from = fromFork ? scene.world.fork(scene.repository, by) : scene.repository;
  scene.repository.pulls.open({ by, from });
  await scene.platform.settle();
  const of = (name: string) => scene.platform.runs.find(({ event }) => event.name === name)!.jobs[0]!;
  return { own: of('pull_request'), target: of('pull_request_target'), said: scene.said.sort(), scene };
}

// https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#how-permissions-are-calculated-for-a-workflow-job
test('the run of a fork reads, and has neither secrets nor an identity; the one of pull_request_target has all', async () => {
  const { own, target, said, scene } = await onPull('eve', true);
  expect(own.permissions).toEqual({ contents: 'read', deployments: 'read' });
  expect(own.secrets).toEqual([]);
  expect(() => identityOf(scene.repository, own, 'aws')).toThrow(/ID_TOKEN/);
  expect(target.permissions).toMatchObject({ 'id-token': 'write', contents: 'write' });
  expect(said).toEqual(['only: ', 'only: k']);
});

test('a member has what the workflow says', async () => {
  const { own, said } = await onPull('ada', false);
  expect(own.permissions['id-token']).toBe('write');
  expect(said).toEqual(['only: k', 'only: k']);
});

// https://docs.github.com/code-security/dependabot/troubleshooting-dependabot/troubleshooting-dependabot-on-github-actions
test('Dependabot has no secrets, and reads unless the workflow gives it more', async () => {
  const { own, said } = await onPull('dependabot[bot]', false);
  expect(own.permissions['id-token']).toBe('write');
  expect(said).toEqual(['only: ', 'only: k']);
  const scene = stage({ files: workflows({ own: `on: pull_request\n${job('')}` }) });
  scene.repository.settings.workflow.permissions = 'write';
  scene.repository.pulls.open({ by: 'dependabot[bot]' });
  await scene.platform.settle();
  expect(Object.values(scene.job('only').permissions)).not.toContain('write');
});

// https://docs.github.com/actions/reference/security/oidc
test('an identity says whose run it is, in which environment, and which workflow runs', async () => {
  const scene = stage({
    files: workflows({
      ci: `on: push\n${job(everything, '    environment: { name: production, deployment: false }\n')}`,
    }),
  });
  scene.repository.push('main');
  await scene.platform.settle();
  const { id, owner } = scene.repository;
  expect(identityOf(scene.repository, scene.job('only'), 'aws')).toMatchObject({
    aud: 'aws',
    sub: `repo:ada@${owner.id}/shop@${id}:environment:production`,
    repository_id: String(id),
    environment: 'production',
    job_workflow_ref: 'ada/shop/.github/workflows/ci.yml@refs/heads/main',
    ref: 'refs/heads/main',
  });
});
