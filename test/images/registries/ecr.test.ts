import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { lifecyclePolicy } from '../../../images/registries/ecr/lifecycle-policy.ts';
import { openHost } from '../../../images/registries/host.ts';
import { openDestination, openSources, push } from '../../../images/registries/mod.ts';
import type { Diagnostic } from '../../../pipeline/mod.ts';
import { codeOf, failureOf, randomBlob } from '../oci/content.ts';
import { virtualClock } from '../oci/server.ts';
import { proxyTo } from '../oci/support/proxy.ts';
import { directory } from '../sample.ts';
import { application, pushBase, someBase } from './support/application.ts';
import { fakeEcr } from './support/fake-ecr.ts';

const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const keys = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' };

/** What the SDK finds without them is of this machine, and takes its time. */
Object.assign(process.env, {
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_MAX_ATTEMPTS: '1',
  AWS_CONFIG_FILE: '/nowhere',
  AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
});

async function setUp(env: Record<string, string | undefined> = keys) {
  const time = virtualClock(Date.UTC(2026, 0, 1));
  const server = await fakeEcr(time.clock.now);
  const files = await directory();
  const warnings: Diagnostic[] = [];
  const options = {
    env: { AWS_ENDPOINT_URL: `http://${server.host}`, DOCKER_CONFIG: files.path, ...env },
    connection: { address: `http://${server.host}`, clock: time.clock, random: () => 1, upload: { chunkSize: 1000 } },
    now: time.clock.now,
  };
  const warn = (diagnostic: Diagnostic) => void warnings.push(diagnostic);
  const destination = await openDestination(host, 'shop', { ...options, warn });
  const { registry, close } = await openHost(host, options);
  const sources = openSources(options);
  const base = someBase(10);
  server.repositories.set('base', { imageTagMutability: 'MUTABLE', tags: [] });
  const made = await application(join(files.path, 'app'), base, [randomBlob(1000), randomBlob(2000)]);
  return {
    ...{ time, server, files, warnings, destination, base, made, sources },
    baseRepository: registry.repository('base'),
    options: {
      from: made.layout,
      base: (await sources.open(host)).repository('base'),
      to: destination.repository,
      images: [{ digest: made.digest, tags: ['pr-1-a'] }],
      prepare: () => destination.prepare(),
      platformTags: destination.expires,
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([destination.close(), close(), sources.close()]);
      await server[Symbol.asyncDispose]();
      await files[Symbol.asyncDispose]();
    },
  };
}

test('the first push makes the repository, and one that changes nothing asks nothing of the cloud but a token', async () => {
  await using all = await setUp();
  await pushBase(all.baseRepository, all.base);
  all.server.actions.length = 0;
  await push(all.options);
  expect(all.server.actions).toEqual([
    'GetAuthorizationToken',
    'DescribeRepositories',
    'CreateRepository',
    'GetLifecyclePolicy',
    'PutLifecyclePolicy',
    'GetAuthorizationToken',
  ]);
  // Those of the platforms in whatever order, and the index last.
  const tagged = [...all.server.manifests.keys()].filter((name) => name.startsWith('shop:'));
  expect([tagged.slice(0, -1).sort(), tagged.at(-1)]).toEqual([
    ['shop:pr-1-a.linux-amd64', 'shop:pr-1-a.linux-arm64'],
    'shop:pr-1-a',
  ]);
  // With an interface for referrers, no tag has to change.
  expect([...all.server.manifests.keys()].some((name) => name.includes(':sha256-'))).toBe(false);
  all.server.actions.length = 0;
  all.server.asked.length = 0;
  expect((await push(all.options)).bytesPushed).toBe(0);
  expect(all.server.log()).toEqual(['GET /v2/shop/manifests/pr-1-a']);
});

test('blobs go in one piece', async () => {
  await using all = await setUp();
  const large = randomBlob(10_000);
  // The first POST is for the token.
  await all.baseRepository.writeBlob(large.descriptor, () => large.bytes);
  expect(all.server.asked.map(({ method }) => method)).toEqual(['HEAD', 'POST', 'HEAD', 'POST', 'PUT']);
});

test('a tag that another push gave meanwhile is refused again and right', async () => {
  await using all = await setUp();
  await pushBase(all.baseRepository, all.base);
  const { index } = all.made;
  let there = { bytes: index.bytes, mediaType: index.descriptor.mediaType };
  all.server.onRequest = ({ method, path }) => {
    if (method === 'PUT' && path.endsWith('/manifests/pr-1-a')) all.server.manifests.set('shop:pr-1-a', there);
    return undefined;
  };
  await push(all.options);
  there = { ...there, bytes: all.made.sbom.manifest.bytes };
  all.server.manifests.delete('shop:pr-1-a');
  expect(await codeOf(push(all.options))).toBe('FL2219');
});

test.each([
  ['expires', (all: Awaited<ReturnType<typeof setUp>>) => setImmediate(() => all.time.pass(12 * 3_600_000))],
  [
    'is taken back',
    (all: Awaited<ReturnType<typeof setUp>>) => {
      all.time.pass(60_000);
      all.server.revoke();
    },
  ],
])('a push goes on with a new token when one %s half-way', async (_, happen) => {
  await using all = await setUp();
  await pushBase(all.baseRepository, all.base);
  all.server.actions.length = 0;
  let uploads = 0;
  all.server.onRequest = ({ method }) => {
    if (method === 'PUT' && ++uploads === 3) happen(all);
    return undefined;
  };
  await push({ ...all.options, concurrency: 1 });
  // One and a new one, for where the base is and for where the image goes.
  expect(all.server.actions.filter((action) => action === 'GetAuthorizationToken')).toHaveLength(4);
  expect(all.server.manifests.has('shop:pr-1-a')).toBe(true);
});

test.each([
  [
    'CreateRepository',
    'AccessDeniedException',
    'FL2217',
    /^ecr:CreateRepository is not allowed for .*\/shop\nAllow it on arn:aws:ecr:eu-west-1:123456789012:repository\/shop, with/,
  ],
  ['GetAuthorizationToken', 'AccessDeniedException', 'FL2217', /Allow it on resource "\*"/],
  ['GetAuthorizationToken', 'UnrecognizedClientException', 'FL2216', /does not accept the credentials/],
  ['GetAuthorizationToken', 'ExpiredTokenException', 'FL2216', /does not accept the credentials/],
  ['CreateRepository', 'LimitExceededException', 'FL2218', /exceeds a quota of Amazon ECR \(so it is\)/],
  ['DescribeRepositories', 'ThrottlingException', 'FL2205', /takes no more requests for now/],
  ['DescribeRepositories', 'ValidationException', 'FL2222', /ecr:DescribeRepositories failed/],
])('%s that fails with %s is %s', async (action, name, code, text) => {
  await using all = await setUp();
  all.server.failures.set(action, [name, 'so it is']);
  const failure = await failureOf(push(all.options));
  expect(failure).toEqual({ code, text: expect.stringMatching(text) });
  expect([...all.server.manifests.keys()]).toEqual([]);
});

test('who may only push does so, and is told what was not looked at', async () => {
  await using all = await setUp();
  await pushBase(all.baseRepository, all.base);
  all.server.repositories.set('shop', {
    imageTagMutability: 'IMMUTABLE',
    tags: [{ Key: 'fairlead:app', Value: 'shop' }],
  });
  all.server.failures.set('DescribeRepositories', ['AccessDeniedException', 'no']);
  await push(all.options);
  all.server.failures.clear();
  all.server.failures.set('PutLifecyclePolicy', ['AccessDeniedException', 'no']);
  await push({ ...all.options, images: [{ digest: all.made.digest, tags: ['pr-1-b'] }] });
  expect(all.warnings.map(({ code, severity, message }) => [code, severity, message.split(' ')[0]])).toEqual([
    ['FL2217', 'warning', 'ecr:DescribeRepositories'],
    ['FL2217', 'warning', 'ecr:PutLifecyclePolicy'],
  ]);
});

test('an environment that the policy has no room for is pushed to, and told', async () => {
  await using all = await setUp();
  await pushBase(all.baseRepository, all.base);
  const names = Array.from({ length: 48 }, (_, n) => `env${n}`);
  const policy = JSON.stringify(lifecyclePolicy(['build', ...names]));
  const tags = [{ Key: 'fairlead:app', Value: 'shop' }];
  all.server.repositories.set('shop', { imageTagMutability: 'IMMUTABLE', tags, policy });
  await push(all.options);
  expect(all.server.manifests.has('shop:pr-1-a')).toBe(true);
  expect(all.server.repositories.get('shop')!.policy).toBe(policy);
  expect(all.warnings.map(({ code, message }) => [code, message])).toEqual([
    ['FL2221', expect.stringContaining('has no room for a rule for production:')],
  ]);
});

test('a repository that somebody else makes at the same time is taken', async () => {
  await using all = await setUp();
  await pushBase(all.baseRepository, all.base);
  all.server.failures.set('CreateRepository', ['RepositoryAlreadyExistsException', 'yes']);
  all.server.failures.set('DescribeRepositories', ['RepositoryNotFoundException', 'not yet']);
  all.server.repositories.set('shop', { imageTagMutability: 'IMMUTABLE', tags: [] });
  await push(all.options);
  expect(all.server.manifests.has('shop:pr-1-a')).toBe(true);
});

test('without credentials of AWS, a sign-in with docker is good enough to push', async () => {
  await using all = await setUp({});
  expect(await failureOf(pushBase(all.baseRepository, all.base))).toEqual({
    code: 'FL2216',
    text: expect.stringContaining('there are no credentials of AWS'),
  });
  const config = JSON.stringify({ auths: { [host]: { auth: all.server.issue() } } });
  await writeFile(join(all.files.path, 'config.json'), config);
  await pushBase(all.baseRepository, all.base);
  all.server.repositories.set('shop', { imageTagMutability: 'IMMUTABLE', tags: [] });
  await push(all.options);
  expect(all.server.manifests.has('shop:pr-1-a')).toBe(true);
  expect(all.server.actions).toEqual([]);
});

test('the service is reached through the proxy, on every Node.js that runs Fairlead', async () => {
  await using server = await fakeEcr(Date.now);
  await using proxy = await proxyTo(server.host);
  const [tunnels, password] = [proxy.tunnels, 'proxy-secret'];
  const ask = async (env: Record<string, string>) => {
    const endpoint = { AWS_ENDPOINT_URL: 'http://api.ecr.example', HTTP_PROXY: proxy.address(password), ...env };
    const to = await openDestination(host, 'shop', { env: { ...keys, ...endpoint } });
    try {
      await to.prepare();
    } finally {
      await to.close();
    }
  };
  await ask({});
  expect(server.actions).toContain('CreateRepository');
  expect([...new Set(tunnels)]).toEqual(['api.ecr.example:80']);
  const { length } = tunnels;
  expect(await codeOf(ask({ NO_PROXY: '.ecr.example' }))).toBe('FL2222');
  expect(tunnels).toHaveLength(length);
});
