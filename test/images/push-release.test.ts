import { expect, test } from '@jest/globals';
import { pushRelease } from '../../images/push-release.ts';
import { openDestination } from '../../images/registries/mod.ts';
import { createReleaseRegistry } from '../../images/release/mod.ts';
import { codeOf } from './oci/content.ts';
import type { Answer } from './oci/server.ts';
import { fakeEcr } from './registries/support/fake-ecr.ts';
import { fakeRegistry } from './registries/support/fake-registry.ts';
import { layout, pushRelease as releaseIn } from './release/support/releases.ts';

const at = new Date('2026-01-01T00:00:00Z');
const mark = { environment: 'production', at };
const hidden = 'denied, or it may not exist';

/** A registry that hides what is not there, and a release to bring there. */
async function setUp(status: number) {
  const prepared: string[] = [];
  const server = await fakeRegistry({
    first: (): Answer | undefined =>
      prepared.includes('made')
        ? undefined
        : [status, {}, JSON.stringify({ errors: [{ code: 'DENIED', message: hidden }] })],
  });
  const from = await layout();
  return {
    ...{ server, prepared, from, to: server.repository() },
    release: await releaseIn(from.repository, 'one'),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await from[Symbol.asyncDispose]();
    },
  };
}

test.each([401, 403])('a repository that is hidden with %d while it is missing is made, once', async (status) => {
  await using all = await setUp(status);
  const prepare = async () => void all.prepared.push('made');
  const to = { repository: all.to, expires: false, prepare };
  await pushRelease({ release: all.release, mark, from: all.from.repository, to });
  expect(all.prepared).toEqual(['made']);
  const [kept] = await createReleaseRegistry(all.to).list('production');
  expect(kept?.digest).toBe(all.release.digest);
});

test('who is refused all the same hears what the registry says', async () => {
  await using all = await setUp(403);
  const prepare = async () => void all.prepared.push('looked');
  const to = { repository: all.to, expires: false, prepare };
  expect(await codeOf(pushRelease({ release: all.release, mark, from: all.from.repository, to }))).toBe('FL2202');
  expect(all.prepared).toEqual(['looked']);
});

test('in Amazon ECR, a release is found by its tags, and pushed a second time under the same', async () => {
  await using server = await fakeEcr(Date.now);
  await using from = await layout();
  const release = await releaseIn(from.repository, 'one');
  const to = await openDestination('123456789012.dkr.ecr.eu-west-1.amazonaws.com', 'shop', {
    env: {
      AWS_ENDPOINT_URL: `http://${server.host}`,
      AWS_ACCESS_KEY_ID: 'key',
      AWS_SECRET_ACCESS_KEY: 'secret',
      DOCKER_CONFIG: '/nowhere',
    },
    connection: { address: `http://${server.host}` },
  });
  try {
    expect(await to.repository.tags()).toEqual([]);
    await pushRelease({ release, mark, from: from.repository, to });
    const tags = await to.repository.tags();
    expect(tags.filter((tag) => !tag.includes('.'))).toEqual([
      `production-20260101t000000z-${release.digest.slice(7, 19)}`,
    ]);
    const later = { ...mark, at: new Date(at.getTime() + 60_000) };
    await pushRelease({ release, mark: later, from: from.repository, to });
    expect(await to.repository.tags()).toEqual(tags);
  } finally {
    await to.close();
  }
});
