import { expect, test } from '@jest/globals';
import { pushRelease } from '../../images/push-release.ts';
import { openDestination } from '../../images/registries/mod.ts';
import { fakeEcr } from './registries/support/fake-ecr.ts';
import { layout, pushRelease as releaseIn } from './release/support/releases.ts';

const at = new Date('2026-01-01T00:00:00Z');
const mark = { environment: 'production', at };
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
