import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { OpenCache } from '../../../runtime/storage/cache/configured.ts';
import { openMemory } from '../../../runtime/storage/cache/memory.ts';
import { provideCaches } from '../../../runtime/storage/cache/provider.ts';
import { openRedis } from '../../../runtime/storage/cache/redis.ts';
import { serveCaches } from '../../../runtime/storage/cache/server/serve.ts';
import { redisServer, startRedis } from '../../support/redis.ts';
import { contract, keyspaces } from './keyspaces.ts';

interface Peer {
  /** A cluster without keys. */
  open(): Promise<OpenCache>;
  stop?(): Promise<void>;
}

const peers: Record<string, () => Promise<Peer>> = {
  'the engine in process': async () => ({ open: async () => openMemory({ keyPrefix: 'shop/' }) }),

  'the cache server': async () => {
    let clusters = 0;
    const cluster = () => ({ name: `c${clusters}`, password: 'p', eviction_policy: 'allkeys-lru' as const });
    const server = await serveCaches(0, []);
    return {
      async open() {
        clusters++;
        server.serve([cluster()]);
        const auth = { type: 'acl', username: `c${clusters}`, password: 'p' } as const;
        return openRedis('main', { host: `127.0.0.1:${server.port}`, database_index: 0, auth, key_prefix: 'shop/' });
      },
      stop: () => server.close(),
    };
  },

  'redis-server': async () => {
    const server = await startRedis(redisServer!);
    return {
      async open() {
        await server.run('FLUSHALL');
        return openRedis('main', { host: server.host, database_index: 0, key_prefix: 'shop/' });
      },
      stop: () => server.stop(),
    };
  },
};

(process.env.CI ? test : test.skip)('there is redis-server', () => {
  expect(redisServer).toBeDefined();
});

describe.each(Object.keys(peers))('keyspaces on %s', (name) => {
  const there = name !== 'redis-server' || redisServer !== undefined;
  let peer: Peer;
  let cache: OpenCache | undefined;

  beforeAll(async () => {
    if (there) peer = await peers[name]!();
  });
  beforeEach(async () => {
    await cache?.close();
    if (there) cache = await peer.open();
    provideCaches(() => cache);
  });
  afterAll(async () => {
    provideCaches(() => undefined);
    await cache?.close();
    await peer?.stop?.();
  });

  (there ? test : test.skip).each(contract)('%s', async (_line, act, expected) => {
    expect(await act(keyspaces(cache!))).toEqual(expected);
  });
});
