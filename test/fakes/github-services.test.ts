import { createHash, createPublicKey, verify } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { inJob } from './github/client/in-job.ts';
import { fakeGitHub } from './github/fake.ts';
import type { StartingJob } from './github/model/jobs.ts';
import type { Starting } from './github/model/runs.ts';
import { type Listening, listen } from './github/server.ts';

const github = fakeGitHub();
const shop = github.world.createRepository('ada/shop');
let server: Listening;

beforeAll(async () => {
  server = await listen(github);
});
afterAll(() => server.close());
afterEach(() => github.expectNoViolations());

const startJob = (starting: Starting, job: Omit<StartingJob, 'run'> = {}) =>
  shop.jobs.start({ run: shop.runs.start(starting), ...job });

const upload = (content: string) => `
  const { DefaultArtifactClient } = await import('@actions/artifact');
  const { writeFileSync } = await import('node:fs');
  writeFileSync(dir + '/handover.json', ${JSON.stringify(content)});
  const client = new DefaultArtifactClient();
  const upload = () => client.uploadArtifact('fairlead-handover', [dir + '/handover.json'], dir);
`;

test('@actions/artifact uploads once, and downloads what it uploaded by its digest', async () => {
  const { run } = startJob({});
  const build = shop.jobs.start({ run, name: 'build' });
  const first = await inJob<{ id: number; digest: string; again: string }>(
    github,
    build,
    `${upload('{"release":1}')}
    const { id, digest } = await upload();
    return { id, digest, again: await upload().then(() => 'done', (error) => error.message) };`,
  );
  expect(first.again).toContain('an artifact with this name already exists on the workflow run');
  const kept = shop.runs.artifact(first.id)!;
  expect(kept.digest).toBe(`sha256:${first.digest}`);
  expect(createHash('sha256').update(kept.content).digest('hex')).toBe(first.digest);

  const deploy = shop.jobs.start({ run });
  const download = `
    const { DefaultArtifactClient } = await import('@actions/artifact');
    const { readFileSync } = await import('node:fs');
    const client = new DefaultArtifactClient();
    const { artifact } = await client.getArtifact('fairlead-handover');
    const { digestMismatch } = await client.downloadArtifact(artifact.id, { path: dir + '/in', expectedHash: artifact.digest });
    return [readFileSync(dir + '/in/handover.json', 'utf8'), digestMismatch];`;
  expect(await inJob(github, deploy, download)).toEqual(['{"release":1}', false]);

  shop.runs.rerun(run);
  const again = shop.jobs.start({ run, name: 'build' });
  const { id } = await inJob<{ id: number }>(github, again, `${upload('{"release":2}')} return upload();`);
  expect(shop.runs.artifacts(run.id).map((one) => one.id)).toEqual([id, first.id]);
  expect(await inJob(github, shop.jobs.start({ run }), download)).toEqual(['{"release":2}', false]);
});

test('another run has the artifact only through the REST API, with actions: read', async () => {
  const { run } = startJob({ event: 'pull_request' });
  const id = shop.runs.artifacts()[0]!.id;
  const theirs = shop.runs.artifact(id)!.run;
  const find = `
    const { DefaultArtifactClient } = await import('@actions/artifact');
    const { readFileSync } = await import('node:fs');
    const client = new DefaultArtifactClient();
    const own = await client.getArtifact('fairlead-handover').catch((error) => error.name);
    const findBy = { workflowRunId: ${theirs}, repositoryOwner: 'ada', repositoryName: 'shop', token: process.env.GITHUB_TOKEN };
    const { artifacts } = await client.listArtifacts({ latest: true, findBy });
    await client.downloadArtifact(artifacts[0].id, { path: dir + '/in', findBy });
    return [own, artifacts[0].digest, readFileSync(dir + '/in/handover.json', 'utf8')];`;
  const job = shop.jobs.start({ run, permissions: { actions: 'read' } });
  expect(await inJob(github, job, find)).toEqual([
    'ArtifactNotFoundError',
    shop.runs.artifact(id)!.digest,
    '{"release":2}',
  ]);
  await expect(inJob(github, shop.jobs.start({ run }), find)).rejects.toThrow('Resource not accessible by integration');
});

const save = (key: string, content: string) => `
  const cache = await import('@actions/cache');
  const { mkdirSync, writeFileSync, readFileSync, existsSync } = await import('node:fs');
  process.chdir(dir);
  mkdirSync('kit');
  writeFileSync('kit/file', ${JSON.stringify(content)});
  return cache.saveCache(['kit'], ${JSON.stringify(key)});`;

const restore = (key: string, others: string[] = []) => `
  const cache = await import('@actions/cache');
  const { readFileSync } = await import('node:fs');
  process.chdir(dir);
  const hit = await cache.restoreCache(['kit'], ${JSON.stringify(key)}, ${JSON.stringify(others)});
  return hit ? [hit, readFileSync('kit/file', 'utf8')] : [];`;

test('@actions/cache reads the branch, the base and the default branch, and writes its own', async () => {
  const main = startJob({ event: 'push' });
  expect(await inJob(github, main, save('kit-1', 'of main'))).toBeGreaterThan(0);
  expect(await inJob(github, main, save('kit-1', 'again'))).toBe(-1);
  const pull = shop.pulls.open();
  const job = startJob({ event: 'pull_request', headSha: pull.head.sha }, { pull: pull.number });
  expect(await inJob(github, job, restore('kit-1'))).toEqual(['kit-1', 'of main']);
  await inJob(github, job, save('kit-2', 'of the pull request'));
  expect(await inJob(github, job, restore('kit-3', ['kit-']))).toEqual(['kit-2', 'of the pull request']);
  expect(await inJob(github, main, restore('kit-3', ['kit-']))).toEqual(['kit-1', 'of main']);
  expect(shop.caches.list().map(({ scope, key }) => [scope, key])).toEqual([
    ['refs/pull/1/merge', 'kit-2'],
    ['refs/heads/main', 'kit-1'],
  ]);
});

test('events that strangers can cause do not write the caches of the default branch', async () => {
  const target = startJob({ event: 'pull_request_target' }, { pull: 1 });
  expect(await inJob(github, target, restore('kit-1'))).toEqual(['kit-1', 'of main']);
  expect(await inJob(github, target, save('kit-9', 'poison'))).toBe(-1);
  // Nor when the client does not care about the mode that it was given.
  const careless = `delete process.env.ACTIONS_CACHE_MODE; ${save('kit-9', 'poison')}`;
  expect(await inJob(github, target, careless)).toBe(-1);
  expect(shop.caches.list().map(({ key }) => key)).not.toContain('kit-9');
});

const claims = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
const ask = `const core = await import('@actions/core'); return core.getIDToken('sts.amazonaws.com');`;

test('@actions/core has a token for the job, signed by the issuer, with its claims', async () => {
  const job = startJob(
    { event: 'pull_request', headSha: shop.pulls.require(1).head.sha },
    {
      pull: 1,
      permissions: { 'id-token': 'write' },
      environment: 'preview',
      workflowRef: 'fairlead-dev/fairlead/.github/workflows/preview.yml@refs/tags/v0',
    },
  );
  const token = await inJob<string>(github, job, ask);
  expect(claims(token)).toMatchObject({
    iss: github.urls.oidc,
    aud: 'sts.amazonaws.com',
    sub: `repo:ada@${shop.owner.id}/shop@${shop.id}:environment:preview`,
    environment: 'preview',
    event_name: 'pull_request',
    ref: 'refs/pull/1/merge',
    repository_id: String(shop.id),
    repository_owner_id: String(shop.owner.id),
    job_workflow_ref: 'fairlead-dev/fairlead/.github/workflows/preview.yml@refs/tags/v0',
  });
  const { jwks_uri } = (await (await fetch(`${github.urls.oidc}/.well-known/openid-configuration`)).json()) as {
    jwks_uri: string;
  };
  const { keys } = (await (await fetch(jwks_uri)).json()) as { keys: { kid: string }[] };
  const [head, body, signature] = token.split('.') as [string, string, string];
  const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString());
  const key = createPublicKey({ key: keys.find((one) => one.kid === kid)!, format: 'jwk' });
  const isValid = (text: string) => verify('RSA-SHA256', Buffer.from(text), key, Buffer.from(signature, 'base64url'));
  expect([isValid(`${head}.${body}`), isValid(`${head}.${body}x`)]).toEqual([true, false]);
});

test('the subject names the environment, else the pull request, else the ref, with ids or without', async () => {
  const old = github.world.createRepository('ada/old', { immutableSubject: false });
  old.pulls.open();
  const subject = async (event: string, job: Omit<StartingJob, 'run'>) => {
    const run = old.runs.start({ event });
    const started = old.jobs.start({ run, permissions: { 'id-token': 'write' }, ...job });
    const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } = github.env(started);
    const { value } = (await (await fetch(url!, { headers: { authorization: `Bearer ${token}` } })).json()) as {
      value: string;
    };
    return claims(value).sub;
  };
  expect(await subject('push', {})).toBe('repo:ada/old:ref:refs/heads/main');
  expect(await subject('pull_request', { pull: 1 })).toBe('repo:ada/old:pull_request');
  expect(await subject('pull_request', { pull: 1, environment: 'preview' })).toBe('repo:ada/old:environment:preview');
  old.settings.subjectClaims = ['repository_id', 'context'];
  expect(await subject('push', { environment: 'preview' })).toBe(`repository_id:${old.id}:environment:preview`);
});

test('a job without id-token: write has nothing to ask by, and the token of another job is refused', async () => {
  const without = startJob({}, { permissions: { contents: 'read' } });
  await expect(inJob(github, without, ask)).rejects.toThrow('Unable to get ACTIONS_ID_TOKEN_REQUEST_URL');
  const [one, other] = [
    startJob({}, { permissions: { 'id-token': 'write' } }),
    startJob({}, { permissions: { 'id-token': 'write' } }),
  ];
  const url = github.env(one!).ACTIONS_ID_TOKEN_REQUEST_URL!;
  const status = async (token: string) => (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status;
  expect([await status(one!.idToken!), await status(other!.idToken!), await status(without.token.value)]).toEqual([
    200, 401, 401,
  ]);
  shop.jobs.end(one!);
  expect(await status(one!.idToken!)).toBe(401);
});

test('@actions/github finds the API by the runner, and a fault drops its connection', async () => {
  const job = startJob({}, { permissions: { 'pull-requests': 'read' } });
  const get = `
    const { getOctokit } = await import('@actions/github');
    const { data } = await getOctokit(process.env.GITHUB_TOKEN).rest.pulls.get({ owner: 'ada', repo: 'shop', pull_number: 1 });
    return data.number;`;
  expect(await inJob(github, job, get)).toBe(1);
  github.faults.add({ path: /pulls/, how: 'drop' });
  await expect(inJob(github, job, get)).rejects.toThrow('The job failed');
});

test('a signed address is good for its blob, its use and its time', async () => {
  const name = github.blobs.put('secret', Buffer.from('0123456789'), 'text/plain');
  const url = github.blobs.download(name);
  expect(await (await fetch(url)).text()).toBe('0123456789');
  const part = await fetch(url, { headers: { range: 'bytes=2-4' } });
  expect([part.status, await part.text()]).toEqual([206, '234']);
  expect((await fetch(url, { method: 'PUT', body: 'x', headers: { 'x-ms-blob-type': 'BlockBlob' } })).status).toBe(403);
  expect((await fetch(url.replace('secret', 'other'))).status).toBe(403);
  github.clock.advance(11 * 60_000);
  expect((await fetch(url)).status).toBe(403);
});
