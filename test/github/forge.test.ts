import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { historyOf, taskOf } from '../../github/history-entry.ts';
import type { Deployment, Environment } from '../../pipeline/mod.ts';
import { digest } from '../conformance/forge.ts';
import { actionsBot } from '../fakes/github/model/users.ts';
import { type Fixture, fixture } from './fake-forge.ts';

let github: Fixture;
beforeEach(() => {
  github = fixture();
});
afterEach(() => expect(github.fake.violations).toEqual([]));

const preview: Environment = { application: 'shop', name: 'pr-1', type: 'preview', pullRequest: 1 };
const production: Environment = { application: 'shop', name: 'production', type: 'production' };
const at = (seconds: number) => new Date(Date.UTC(2026, 10, 2, 9, 0, seconds, 123)).toISOString();
const started: Deployment = {
  ...{ environment: preview, action: 'preview', status: 'started', release: digest('abc'), at: at(1) },
  source: { hash: digest('d'), commit: 'e'.repeat(40) },
};
const ended: Deployment = { ...started, status: 'success', url: 'https://pr-1.example/', at: at(9) };
const paths = (calls: string[]) => calls.map((call) => call.replace('/repos/ada/shop', '').replace(/\?.*/, ''));
const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
    return 'nothing';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('pull requests', () => {
  test('come with everything that decides about a preview', async () => {
    github.repository.pulls.open({ title: 'One', draft: true, labels: ['fairlead:preview'], by: 'dependabot[bot]' });
    expect(await github.forge().pullRequest(1)).toEqual({
      number: 1,
      state: 'open',
      head: github.repository.pulls.require(1).head.sha,
      title: 'One',
      draft: true,
      labels: ['fairlead:preview'],
      author: { name: 'dependabot[bot]', bot: true },
      fork: false,
      base: 'main',
    });
    expect(github.calls()).toEqual(['GET /repos/ada/shop/pulls/1']);
  });

  test('of forks are known as such, also when the fork is deleted', async () => {
    const fork = github.fake.world.fork(github.repository, 'eve');
    github.repository.pulls.open({ from: fork, head: '`$(id)`-$IFS', by: 'eve' });
    expect(await github.forge().pullRequest(1)).toMatchObject({ fork: true, author: { name: 'eve', bot: false } });
    github.fake.world.deleteRepository(fork);
    expect(await github.forge().pullRequest(1)).toMatchObject({ fork: true, state: 'open' });
  });

  test('that cannot be seen are not taken for absent', async () => {
    github.repository.pulls.open();
    expect(await github.forge().pullRequest(7)).toBeUndefined();
    expect(paths(github.calls())).toEqual(['GET /pulls/7', 'GET /pulls', 'GET /pulls/7']);
    const elsewhere = github.forge({ repo: 'other' });
    expect(await codeOf(elsewhere.pullRequest(1))).toBe(
      'FL6103: GitHub: cannot read pull request 1 of ada/other: it is not there, or the token may not see it',
    );
  });

  test('that GitHub denies once are not taken for absent', async () => {
    github.repository.pulls.open();
    github.fake.faults.add({ method: 'GET', path: /pulls\/1$/, how: { status: 404 } });
    expect(await github.forge().pullRequest(1)).toMatchObject({ number: 1, state: 'open' });
  });

  test('are listed over pages', async () => {
    for (let number = 1; number <= 130; number++) github.repository.pulls.open();
    github.repository.pulls.close(5);
    const open = await github.forge().openPullRequests();
    expect(open.map(({ number }) => number)).toEqual(
      Array.from({ length: 130 }, (_, at) => at + 1).filter((one) => one !== 5),
    );
    expect(github.calls()).toHaveLength(2);
  });
});

describe('the comment', () => {
  const marked = (text: string) => `<!-- fairlead:preview -->\n\n${text}\n`;

  test('is found among 250 others, and left alone when it says the same', async () => {
    github.repository.pulls.open();
    const { comments } = github.repository;
    for (let index = 0; index < 120; index++) comments.create(1, `chat ${index}`, 'eve');
    await github.forge().comment(1, marked('first'));
    expect(paths(github.calls())).toEqual([
      ...['GET /issues/1/comments', 'GET /issues/1/comments', 'POST /issues/1/comments', 'GET /issues/1/comments'],
    ]);
    for (let index = 0; index < 130; index++) comments.create(1, `chat ${index}`, 'eve');
    await github.forge().comment(1, marked('second'));
    expect(paths(github.calls()).map((call) => call.split(' ')[0])).toEqual(['GET', 'GET', 'PATCH']);
    await github.forge().comment(1, marked('second'));
    expect(paths(github.calls()).map((call) => call.split(' ')[0])).toEqual(['GET', 'GET']);
    expect(
      comments
        .list(1)
        .filter(({ user }) => user === actionsBot)
        .map(({ body }) => body),
    ).toEqual([marked('second')]);
  });

  test('of somebody else counts for nothing, whatever it begins with', async () => {
    github.repository.pulls.open();
    const { comments } = github.repository;
    comments.create(1, marked('click here'), 'eve');
    comments.create(1, `I quote: ${marked('x')}`, actionsBot);
    await github.forge().comment(1, marked('ours'));
    expect(comments.list(1).map(({ user, body }) => [user, body])).toEqual([
      ['eve', marked('click here')],
      [actionsBot, `I quote: ${marked('x')}`],
      [actionsBot, marked('ours')],
    ]);
  });

  test('is one for each application', async () => {
    github.repository.pulls.open();
    for (const name of ['shop', 'bank', 'shop']) {
      await github.forge().comment(1, `<!-- fairlead:preview ${name} -->\n${name}`);
    }
    await github.forge().comment(1, 'without a marker');
    await github.forge().comment(1, 'without a marker, again');
    expect(github.repository.comments.list(1).map(({ body }) => body)).toEqual([
      '<!-- fairlead:preview shop -->\nshop',
      '<!-- fairlead:preview bank -->\nbank',
      '<!-- fairlead:preview -->\n\nwithout a marker, again',
    ]);
  });

  test('stays one when two runs create it at once', async () => {
    github.repository.pulls.open();
    await Promise.all([github.forge().comment(1, marked('a')), github.forge().comment(1, marked('b'))]);
    expect(paths(github.calls()).filter((call) => call === 'POST /issues/1/comments')).toHaveLength(2);
    expect(github.repository.comments.list(1)).toHaveLength(1);
    const [only] = github.repository.comments.list(1);
    expect([marked('a'), marked('b')]).toContain(only?.body);
  });

  test('is created once when the answer is lost, and when the connection ends before', async () => {
    github.repository.pulls.open();
    github.fake.faults.add({ method: 'POST', path: /comments$/, how: 'lose' });
    await github.forge().comment(1, marked('a'));
    expect(github.repository.comments.list(1)).toHaveLength(1);
    expect(paths(github.calls()).filter((call) => call.startsWith('POST'))).toHaveLength(1);
    github.repository.pulls.open();
    github.fake.faults.add({ method: 'POST', path: /issues\/2\/comments$/, how: 'drop' });
    await github.forge().comment(2, marked('b'));
    expect(github.repository.comments.list(2)).toHaveLength(1);
  });

  test('that two runs have left behind becomes one again', async () => {
    github.repository.pulls.open();
    const { comments } = github.repository;
    comments.create(1, marked('older'), actionsBot);
    comments.create(1, marked('newer'), actionsBot);
    await github.forge().comment(1, marked('now'));
    expect(comments.list(1).map(({ body }) => body)).toEqual([marked('now')]);
  });

  test('needs a permission, and the message says where', async () => {
    github.repository.pulls.open();
    const forge = github.forge({
      permissions: { 'pull-requests': 'read' },
      grantedIn: 'the job `preview` in .github/workflows/preview.yml',
    });
    const error = (await forge.comment(1, marked('a')).catch((caught: unknown) => caught)) as {
      diagnostics: { code: string; message: string; help: string }[];
    };
    expect(error.diagnostics).toEqual([
      {
        code: 'FL6102',
        severity: 'error',
        message: expect.stringContaining('cannot write comments of pull request 1: the token may not'),
        help: expect.stringContaining(
          'Add `pull-requests: write` to `permissions` of the job `preview` in .github/workflows/preview.yml.',
        ),
      },
    ]);
  });
});

describe('a deployment', () => {
  beforeEach(() => void github.repository.pulls.open({ title: 'Hostile', head: '"; rm -rf /; $(id)' }));

  test('is one on GitHub for a start and its end, at the head of the pull request', async () => {
    const forge = github.forge();
    const { head } = (await forge.pullRequest(1))!;
    github.calls();
    await forge.record(started);
    expect(paths(github.calls())).toEqual(['POST /deployments', expect.stringMatching(/^POST .*statuses$/)]);
    await forge.record(ended);
    expect(paths(github.calls())).toEqual([expect.stringMatching(/^POST .*statuses$/)]);
    const [only, ...others] = github.repository.deployments.list();
    expect(others).toEqual([]);
    expect(only).toMatchObject({
      sha: head,
      environment: 'preview',
      task: 'fairlead:shop:pr-1',
      transient: true,
      production: false,
      payload: { fairlead: 1, ...started },
      description: 'shop pr-1: preview of release abc000000000',
    });
    expect(only?.statuses).toMatchObject([
      { state: 'in_progress', logUrl: 'https://github.com/ada/shop/actions/runs/7/attempts/1' },
      {
        state: 'success',
        environmentUrl: 'https://pr-1.example/',
        description: `Running release abc000000000 · ${at(9)}`,
        logUrl: 'https://github.com/ada/shop/actions/runs/7/attempts/1',
      },
    ]);
  });

  test('that says more at its end than at its start is told in full, however long GitHub takes', async () => {
    const { fetch } = github.fake;
    const slow: typeof fetch = (...args) => {
      github.fake.clock.advance(2000);
      return fetch(...args);
    };
    const review = { environment: 'production', changes: digest('c') };
    const forge = github.forge({ api: github.api(undefined, { fetch: slow }) });
    await forge.record(started);
    await forge.record({ ...ended, review });
    const history = await github.forge().deployments(preview);
    expect(history.map(({ status, review }) => [status, review])).toEqual([
      ['success', review],
      ['started', undefined],
    ]);
    const states = () => github.repository.deployments.list().map(({ statuses }) => statuses.at(-1)?.state);
    expect(states().filter((state) => state === 'success')).toHaveLength(1);
    const later = github.forge();
    await later.deployments(preview);
    await later.record({ environment: preview, action: 'destroy', status: 'started', at: at(20) });
    await later.record({ environment: preview, action: 'destroy', status: 'success', at: at(21) });
    expect(states()).not.toContain('success');
  });

  test('of production says so, and is about the commit it was built from', async () => {
    const commit = github.repository.push('main');
    const former = github.repository.push('main');
    const promote: Deployment = {
      ...{ environment: production, action: 'promote', status: 'started', release: digest('a'), at: at(1) },
      source: { hash: digest('b'), commit },
    };
    await github.forge({ commit: former }).record(promote);
    await github
      .forge({ commit: former })
      .record({ ...promote, source: { hash: digest('b'), commit: 'f'.repeat(40) } });
    expect(github.repository.deployments.list()).toMatchObject([
      { environment: 'production', production: true, transient: false, sha: former },
      { environment: 'production', production: true, transient: false, sha: commit },
    ]);
  });

  test('retires the former one, and its destruction leaves none active', async () => {
    const run = async (action: 'preview' | 'destroy', second: number) => {
      github.fake.clock.advance(60_000);
      const forge = github.forge();
      await forge.deployments(preview);
      const entry: Deployment = { environment: preview, action, status: 'started', at: at(second) };
      await forge.record(entry);
      await forge.record({ ...entry, status: 'success', at: at(second + 1) });
    };
    const states = () => github.repository.deployments.list().map(({ statuses }) => statuses.at(-1)?.state);
    await run('preview', 1);
    await run('preview', 3);
    expect(states()).toEqual(['success', 'inactive']);
    await run('destroy', 5);
    expect(states()).toEqual(['inactive', 'inactive', 'inactive']);
    expect(
      (await github.forge().deployments(preview)).map(({ action, status, at }) => `${action} ${status} ${at}`),
    ).toEqual([
      ...[
        `destroy success ${at(6)}`,
        `destroy started ${at(5)}`,
        `preview success ${at(4)}`,
        `preview started ${at(3)}`,
      ],
      ...[`preview success ${at(2)}`, `preview started ${at(1)}`],
    ]);
  });

  test('whose process died is shown no more after the next success, and stays in the history', async () => {
    await github.forge().record(started);
    const next = { ...started, release: digest('def'), at: at(20) };
    const forge = github.forge();
    await forge.record(next);
    await forge.deployments(preview);
    await forge.record({ ...next, status: 'success', at: at(30) });
    expect(github.repository.deployments.list().map(({ statuses }) => statuses.at(-1)?.state)).toEqual([
      'success',
      'inactive',
    ]);
    expect(await github.forge().deployments(preview)).toEqual([
      { ...next, status: 'success', at: at(30) },
      next,
      started,
    ]);
  });

  test('that GitHub does not let tell how far it came is a start without an end', async () => {
    github.fake.faults.add({ path: /statuses$/, how: { status: 503 }, times: 4 });
    const forge = github.forge();
    expect(await codeOf(forge.record(started))).toMatch(/^FL6105: GitHub: cannot write deployments/);
    expect(await github.forge().deployments(preview)).toEqual([started]);
    await forge.record({ ...started, status: 'failure', reason: 'GitHub was away', at: at(5) });
    expect(await github.forge().deployments(preview)).toEqual([
      { ...started, status: 'failure', reason: 'GitHub was away', at: at(5) },
      started,
    ]);
    expect(github.repository.deployments.list()).toHaveLength(1);
  });

  test('leaves alone what other applications have in an environment of the same name', async () => {
    const staging = (application: string): Environment => ({ application, name: 'staging', type: 'development' });
    for (const application of ['shop', 'bank']) {
      const forge = github.forge();
      const entry: Deployment = { environment: staging(application), action: 'promote', status: 'started', at: at(1) };
      await forge.record(entry);
      await forge.record({ ...entry, status: 'success', at: at(2) });
    }
    expect(github.repository.deployments.list().map(({ statuses }) => statuses.at(-1)?.state)).toEqual([
      'success',
      'success',
    ]);
  });

  test('shows only addresses of the web', async () => {
    const forge = github.forge();
    await forge.record(started);
    await forge.record({ ...ended, url: 'javascript:alert(1)' });
    expect(github.repository.deployments.list()[0]?.statuses.at(-1)?.environmentUrl).toBe('');
    expect((await forge.deployments(preview))[0]?.url).toBeUndefined();
  });

  test('says why it failed, within the length that GitHub takes', async () => {
    const forge = github.forge();
    await forge.record(started);
    const reason = `it  does\nnot answer · ${'😀 '.repeat(200)}`;
    await forge.record({ ...started, status: 'failure', reason, at: at(5) });
    const [failed] = await github.forge().deployments(preview);
    expect(failed).toMatchObject({
      status: 'failure',
      at: at(5),
      reason: expect.stringMatching(/^it does not answer · 😀.*…$/u),
    });
    expect(github.repository.deployments.list()).toHaveLength(1);
  });

  test('is created once when an answer is lost', async () => {
    github.fake.faults.add({ method: 'POST', path: /deployments$/, how: 'lose' });
    const forge = github.forge();
    await forge.record(started);
    await forge.record(ended);
    expect(github.repository.deployments.list()).toHaveLength(1);
    expect(await github.forge().deployments(preview)).toEqual([ended, started]);
  });

  test('is created although somebody else has written what is no JSON', async () => {
    const { repository, fake } = github;
    const theirs = { task: taskOf(preview), environment: 'preview', payload: 'not {json' };
    await github.api().rest.repos.createDeployment({
      ...{ owner: 'ada', repo: 'shop', ref: repository.branches.get('main')!, ...theirs },
      ...{ auto_merge: false, required_contexts: [] },
    });
    fake.faults.add({ method: 'POST', path: /deployments$/, how: 'drop' });
    await github.forge().record(started);
    expect(await github.forge().deployments(preview)).toEqual([started]);
  });

  test('is not created again when GitHub says that it did not', async () => {
    const forge = github.forge({ permissions: { deployments: 'read' } });
    expect(await codeOf(forge.record(started))).toMatch(
      /^FL6102: GitHub: cannot write deployments of ada\/shop: the token may not/,
    );
    expect(github.calls()).toHaveLength(1);
  });

  test('survives GitHub failing three times in a row, everywhere', async () => {
    const forge = github.forge();
    for (const method of ['GET', 'POST']) github.fake.faults.add({ method, how: { status: 502 }, times: 2 });
    await forge.record(started);
    github.fake.faults.add({ path: /statuses$/, how: 'drop', times: 3 });
    await forge.record(ended);
    github.fake.faults.add({ path: /graphql$/, how: { status: 500 }, times: 3 });
    expect(await forge.deployments(preview)).toEqual([ended, started]);
    expect(github.repository.deployments.list()).toHaveLength(1);
  });
});

describe('a history', () => {
  const many = async (count: number) => {
    for (let index = 0; index < count; index++) {
      github.fake.clock.advance(10_000);
      const { deployments, branches } = github.repository;
      const entry = { ...started, at: at(index), release: digest(index.toString(16)) };
      const deployment = deployments.create(
        {
          ref: branches.get('main')!,
          task: 'fairlead:shop:pr-1',
          environment: 'preview',
          payload: { fairlead: 1, ...entry },
        },
        actionsBot,
      );
      deployments.setStatus(
        deployment,
        { state: 'success', description: `Running · ${at(index)}`, auto_inactive: false },
        actionsBot,
      );
    }
  };

  test('of 300 deployments takes six calls, and three the second time', async () => {
    await many(300);
    const forge = github.forge();
    const history = await forge.deployments(preview);
    expect(history).toHaveLength(600);
    expect(history[0]).toMatchObject({ status: 'success', release: digest((299).toString(16)) });
    expect(paths(github.calls()).filter((call) => call === 'POST /graphql')).toHaveLength(3);
    await forge.deployments(preview);
    expect(paths(github.calls())).toEqual(Array(3).fill('GET /deployments'));
  });

  test('does without what is deleted while it is read', async () => {
    await many(3);
    const { deployments } = github.repository;
    const deleting: typeof fetch = (input, init) => {
      const [newest] = deployments.list();
      if (newest && String(input).endsWith('/graphql') && deployments.list().length === 3) {
        deployments.setStatus(newest, { state: 'inactive' }, 'ada');
        deployments.delete(newest.id);
      }
      return github.fake.fetch(input, init);
    };
    const told = await github.forge({ api: github.api(undefined, { fetch: deleting }) }).deployments(preview);
    expect(told.filter(({ status }) => status === 'success')).toHaveLength(2);
  });

  test('ignores what others have written', async () => {
    const { deployments, branches } = github.repository;
    const ref = branches.get('main')!;
    const write = (task: string, payload: object | string) =>
      deployments.create({ ref, task, environment: 'preview', payload }, 'eve');
    const whole = { fairlead: 1, ...ended };
    write('deploy', whole);
    write('fairlead:shop:pr-1', {});
    write('fairlead:shop:pr-1', 'not JSON');
    write('fairlead:shop:pr-1', { ...whole, fairlead: 2 });
    write('fairlead:shop:pr-1', { ...whole, release: 'latest' });
    write('fairlead:shop:pr-1', { ...whole, url: 'javascript:alert(1)' });
    write('fairlead:shop:pr-1', { ...whole, environment: { ...preview, name: 'production' } });
    write('fairlead:shop:pr-1', { ...whole, environment: { ...preview, pullRequest: 2 } });
    write('fairlead:shop:pr-1', { ...whole, environment: { ...preview, name: 'pr-2', pullRequest: 2 } });
    write('fairlead:shop:pr-1', { ...whole, environment: { ...preview, application: 'bank' } });
    write('fairlead:shop:pr-1', { ...whole, environment: { ...preview, type: 'production' } });
    expect(await github.forge().deployments(preview)).toEqual([]);
    write('fairlead:shop:pr-1', JSON.stringify(whole));
    expect(await github.forge().deployments(preview)).toEqual([ended]);
  });

  test('keeps the exact time, also of what became inactive', () => {
    const listed = {
      id: 1,
      node_id: 'a',
      task: 'fairlead:shop:pr-1',
      payload: { fairlead: 1, ...started },
      created_at: at(1),
    };
    const status = (state: string, description: string, createdAt: string) => ({
      state,
      description,
      createdAt,
      environmentUrl: null,
    });
    const told = (...statuses: ReturnType<typeof status>[]) => historyOf([{ ...listed, statuses }]);
    expect(
      told(status('inactive', 'Replaced', at(30)), status('success', `Running · ${at(9)}`, at(10)))[0],
    ).toMatchObject({ status: 'success', at: at(9) });
    expect(told(status('success', 'by hand', at(10)))[0]).toMatchObject({ status: 'success', at: at(10) });
    expect(told(status('inactive', 'by hand', at(10)))).toEqual([started]);
    expect(told(status('error', '', at(10)))[0]).toMatchObject({ status: 'failure', at: at(10) });
  });

  test('shows a release in previews long ago by the pull request of its commit', async () => {
    const { pulls, deployments } = github.repository;
    pulls.open();
    await many(1);
    const release = digest('0');
    const forge0 = github.forge();
    const review = { environment: 'production', changes: digest('c') };
    const proven = { ...started, release, review };
    await forge0.record(proven);
    await forge0.record({ ...proven, status: 'success', at: at(9) });
    for (let index = 0; index < 250; index++) {
      deployments.create({ ref: github.repository.branches.get('main')!, task: 'deploy', environment: 'docs' }, 'eve');
    }
    const commit = pulls.merge(1);
    github.calls();
    const found = await github.forge({ commit }).deploymentsOf('shop', release);
    expect(found).toEqual(expect.arrayContaining([{ ...proven, status: 'success', at: at(9) }]));
    expect(paths(github.calls())).toEqual([
      ...['GET /deployments', `GET /commits/${commit}/pulls`, 'GET /deployments', 'POST /graphql'],
    ]);
    const direct = github.forge({ commit: github.repository.push('main') });
    expect(await direct.deploymentsOf('shop', release)).toEqual(found);
    expect(paths(github.calls()).filter((call) => call === 'GET /deployments')).toHaveLength(3);
  });
});

test('commits stand in an order', async () => {
  const { repository } = github;
  const first = repository.branches.get('main')!;
  const second = repository.push('main');
  repository.branch('topic', first);
  const aside = repository.push('topic');
  const forge = github.forge();
  expect(await forge.compareCommits(second, first)).toBe('after');
  expect(await forge.compareCommits(first, second)).toBe('before');
  expect(await forge.compareCommits(second, aside)).toBe('unrelated');
  expect(await forge.compareCommits(second, 'f'.repeat(40))).toBe('unrelated');
  expect(github.calls()).toHaveLength(4);
});
