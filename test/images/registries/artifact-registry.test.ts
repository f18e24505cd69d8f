import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openHost } from '../../../images/registries/host.ts';
import { openDestination, openSources, push } from '../../../images/registries/mod.ts';
import type { Diagnostic } from '../../../pipeline/mod.ts';
import { failureOf, randomBlob, read } from '../oci/content.ts';
import { virtualClock } from '../oci/server.ts';
import { directory } from '../sample.ts';
import { application, pushBase, someBase } from './support/application.ts';
import { fakeArtifactRegistry } from './support/fake-artifact-registry.ts';

/** What Google's library finds elsewhere is of this machine. */
Object.assign(process.env, { METADATA_SERVER_DETECTION: 'none', CLOUDSDK_CONFIG: '/nowhere' });

const host = 'europe-west1-docker.pkg.dev';
const registry = `${host}/project-1/apps`;
const name = 'projects/project-1/locations/europe-west1/repositories/apps';

async function setUp({ subject = 'subject', lasting = [] as string[] } = {}) {
  const server = await fakeArtifactRegistry();
  const files = await directory({ 'subject-token': subject });
  await writeFile(join(files.path, 'credentials.json'), server.credentials(join(files.path, 'subject-token')));
  process.env.GOOGLE_APPLICATION_CREDENTIALS = join(files.path, 'credentials.json');
  const warnings: Diagnostic[] = [];
  const options = {
    env: {
      CLOUDSDK_API_ENDPOINT_OVERRIDES_ARTIFACTREGISTRY: `http://${server.host}/`,
      DOCKER_CONFIG: files.path,
    },
    connection: {
      address: `http://${server.host}`,
      clock: virtualClock(Date.now()).clock,
      upload: { chunkSize: 1000 },
    },
  };
  const warn = (diagnostic: Diagnostic) => void warnings.push(diagnostic);
  const destination = await openDestination(registry, 'shop', { ...options, lasting, warn });
  const { registry: same, close } = await openHost(host, options);
  const sources = openSources(options);
  return {
    ...{ server, files, destination, warnings },
    baseRepository: same.repository('project-1/apps/base'),
    source: (await sources.open(host)).repository('project-1/apps/base'),
    async [Symbol.asyncDispose]() {
      await Promise.all([destination.close(), close(), sources.close()]);
      await server[Symbol.asyncDispose]();
      await files[Symbol.asyncDispose]();
    },
  };
}

/** As the client asks for them: values of enumerations as numbers, of CleanupPolicy.Action and TagState. */
const [TAGGED, DELETE, KEEP, DOCKER, NPM, STANDARD] = [1, 1, 2, 1, 3, 1];

const policies = {
  'fairlead-lasting': {
    id: 'fairlead-lasting',
    action: KEEP,
    condition: { tagState: TAGGED, tagPrefixes: ['build-', 'production-'] },
  },
  'fairlead-previews': {
    id: 'fairlead-previews',
    action: DELETE,
    condition: { tagState: TAGGED, tagPrefixes: ['pr-'], olderThan: '7776000s' },
  },
};

test('the first push makes the repository, and blobs go in one piece', async () => {
  await using all = await setUp();
  const { destination, server } = all;
  const base = someBase(10);
  const made = await application(join(all.files.path, 'app'), base, [randomBlob(5000)]);
  const from = { from: made.layout, base: all.source, to: destination.repository };
  const options = { ...from, prepare: () => destination.prepare(), platformTags: destination.expires };
  await destination.prepare();
  await pushBase(all.baseRepository, base);
  expect(server.repositories.get(name)).toEqual({
    name,
    format: DOCKER,
    mode: STANDARD,
    description: expect.any(String),
    labels: { 'managed-by': 'fairlead' },
    cleanupPolicies: policies,
    cleanupPolicyDryRun: false,
  });
  await push({ ...options, images: [{ digest: made.digest, tags: ['pr-1-a'] }] });
  const tags = [...server.manifests.keys()].filter((key) => key.startsWith('project-1/apps/shop:'));
  expect(tags.sort()).toEqual(
    [`sha256-${made.digest.slice(7)}`, 'pr-1-a.linux-amd64', 'pr-1-a.linux-arm64', 'pr-1-a']
      .map((tag) => `project-1/apps/shop:${tag}`)
      .sort(),
  );
  expect(server.asked.filter(({ method }) => method === 'PATCH')).toEqual([]);
  server.calls.length = 0;
  await push({ ...options, images: [{ digest: made.digest, tags: ['pr-1-a'] }] });
  expect(server.calls).toEqual([]);
  await push({ ...options, images: [{ digest: made.digest, tags: ['production-a'] }] });
  expect(server.calls).toEqual([`GET /v1/${name}`]);
});

test('an environment that is new is kept from then on, and policies of others stay', async () => {
  await using all = await setUp({ lasting: ['staging'] });
  const own = { id: 'own', action: KEEP, mostRecentVersions: { keepCount: 5 } };
  const labels = { 'managed-by': 'fairlead' };
  all.server.repositories.set(name, { name, format: DOCKER, labels, cleanupPolicies: { ...policies, own } });
  await all.destination.prepare();
  const condition = { tagState: TAGGED, tagPrefixes: ['build-', 'production-', 'staging-'] };
  expect(all.server.repositories.get(name)!.cleanupPolicies).toEqual({
    ...policies,
    own,
    'fairlead-lasting': { ...policies['fairlead-lasting'], condition },
  });
  all.server.calls.length = 0;
  await all.destination.prepare();
  expect(all.server.calls).toEqual([`GET /v1/${name}`]);
});

test('a repository that somebody else made is left as it is', async () => {
  await using all = await setUp();
  const before = { name, format: DOCKER, mode: STANDARD, dockerConfig: { immutableTags: true } };
  all.server.repositories.set(name, { ...before });
  await all.destination.prepare();
  expect(all.server.repositories.get(name)).toEqual(before);
  expect(all.warnings.map(({ code, message }) => [code, message])).toEqual([
    ['FL2221', expect.stringContaining('never expire, since its tags are immutable')],
  ]);
  all.server.repositories.set(name, { name, format: NPM, mode: STANDARD });
  expect((await failureOf(all.destination.prepare())).text).toContain('a repository of the format NPM');
});

test.each([
  [
    'POST',
    'PERMISSION_DENIED',
    undefined,
    'FL2217',
    /^artifactregistry.repositories.create is not allowed for the repository apps/,
  ],
  [
    'GET',
    'PERMISSION_DENIED',
    'SERVICE_DISABLED',
    'FL2222',
    /is not enabled in the project project-1\nEnable it: gcloud/,
  ],
  ['GET', 'RESOURCE_EXHAUSTED', undefined, 'FL2218', /exceeds a quota/],
  ['GET', 'UNAUTHENTICATED', undefined, 'FL2216', /does not accept the credentials/],
  ['GET', 'INVALID_ARGUMENT', undefined, 'FL2222', /artifactregistry.repositories.get failed/],
])('%s that fails with %s (%s) is %s', async (method, status, reason, code, text) => {
  await using all = await setUp();
  all.server.failures.set(method, reason ? [status, 'so it is', reason] : [status, 'so it is']);
  expect(await failureOf(all.destination.prepare())).toEqual({ code, text: expect.stringMatching(text) });
});

test('who may only push does so, and is told what was not looked at', async () => {
  await using all = await setUp();
  all.server.failures.set('GET', ['PERMISSION_DENIED', 'no']);
  await all.destination.prepare();
  expect(all.warnings.map(({ code, severity }) => [code, severity])).toEqual([['FL2217', 'warning']]);
});

test('credentials that do not hold any more are said to', async () => {
  await using all = await setUp({ subject: 'expired' });
  const failure = await failureOf(all.destination.repository.manifest('a'));
  expect(failure).toEqual({ code: 'FL2216', text: expect.stringContaining('does not accept the credentials') });
});

test('without credentials of Google, a sign-in with docker is good enough to push', async () => {
  await using all = await setUp();
  delete process.env.GOOGLE_APPLICATION_CREDENTIALS;
  const work = () => all.destination.repository.manifest('a');
  expect(await failureOf(work())).toEqual({
    code: 'FL2216',
    text: expect.stringContaining('there are no credentials of Google Cloud'),
  });
  const auth = Buffer.from('oauth2accesstoken:ya29.access').toString('base64');
  const config = JSON.stringify({ auths: { 'europe-west1-docker.pkg.dev': { auth } } });
  await writeFile(join(all.files.path, 'config.json'), config);
  expect(await work()).toBeUndefined();
  await all.destination.prepare();
  expect(all.server.calls).toEqual([]);
});

describe('a base image', () => {
  async function pushed(all: Awaited<ReturnType<typeof setUp>>) {
    await all.destination.prepare();
    await pushBase(all.baseRepository, someBase(10));
    all.server.asked.length = 0;
    const [reference] = [...all.server.manifests.keys()].filter((key) => key.startsWith('project-1/apps/base@'));
    const { bytes } = all.server.manifests.get(reference!)!;
    const [layer] = JSON.parse(bytes.toString()).layers;
    return { digest: reference!.split('@')[1]!, layer };
  }

  test.each(['manifest', 'layer'])('is read as the cloud knows the user, a %s first', async (first) => {
    await using all = await setUp();
    const { digest, layer } = await pushed(all);
    const reads = {
      manifest: async () => expect((await all.source.manifest(digest))?.descriptor.digest).toBe(digest),
      layer: async () => expect(await read(all.source, layer)).toHaveLength(10),
    };
    await reads[first as keyof typeof reads]();
    for (const work of Object.values(reads)) await work();
  });

  test('that is public needs no credentials, and none are looked for', async () => {
    await using all = await setUp();
    const { digest, layer } = await pushed(all);
    all.server.isPublic = true;
    await writeFile(join(all.files.path, 'subject-token'), 'expired');
    expect((await all.source.manifest(digest))?.descriptor.digest).toBe(digest);
    expect(await read(all.source, layer)).toHaveLength(10);
    expect(all.server.log().filter((line) => line.includes('/sts'))).toEqual([]);
  });

  test('that needs them says what is missing', async () => {
    await using all = await setUp({ subject: 'expired' });
    expect((await failureOf(all.source.manifest('a'))).code).toBe('FL2216');
  });
});
