import { afterAll, describe, expect, test } from '@jest/globals';
import { resolveBase, updateBase } from '../../../images/base/mod.ts';
import { openRegistry } from '../../../images/oci/repository/mod.ts';
import {
  dockerRegistry,
  goRegistry,
  startDockerRegistry,
  startGoRegistry,
  type TestRegistry,
} from '../../support/registries.ts';
import { codeOf } from '../oci/content.ts';
import { pushBase, slim } from './support/base-image.ts';

const registries: [string, string | undefined, (program: string) => Promise<TestRegistry>][] = [
  ['docker-registry', dockerRegistry, startDockerRegistry],
  ['go-containerregistry', goRegistry, (program) => startGoRegistry(program, { referrers: false })],
];

describe.each(registries)('the base image in %s', (_, program, start) => {
  const servers: TestRegistry[] = [];
  afterAll(() => Promise.all(servers.map((server) => server.stop())));

  (program ? test : test.skip)(
    'is locked, read by digest when the tag has moved, and missed when it is gone',
    async () => {
      const server = await start(program!);
      servers.push(server);
      const registry = openRegistry(server.host);
      try {
        const repository = registry.repository('library/node');
        const image = `${server.host}/library/node:24`;
        const source = { platforms: ['linux/amd64', 'linux/arm64'], open: () => registry };
        const digest = await pushBase(repository, '24', { config: slim });
        const { lock } = (await updateBase({ ...source, lock: undefined, config: { base: image } }))!;
        expect(lock.base).toEqual({ image, digest });

        expect(await pushBase(repository, '24', { config: slim, author: 'other' })).not.toBe(digest);
        const found = await resolveBase({ ...source, lock, config: { base: image } });
        expect([found.digest, found.entrypoint, [...found.bases.keys()]]).toEqual([digest, ['node'], source.platforms]);
        expect(found.repository.place).toBe(`${server.host}/library/node`);
        expect((await updateBase({ ...source, lock, config: {} }))?.moved).toBe(true);

        await repository.remove(digest);
        expect(await codeOf(resolveBase({ ...source, lock, config: {} }))).toBe('FL2503');
      } finally {
        await registry.close();
      }
    },
  );
});
