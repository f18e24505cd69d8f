import { afterEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { CacheServer } from '../../local/supervisor/cache-server.ts';
import type { CacheServerRequest } from '../../runtime/wire.ts';
import { until } from '../conformance/tiny-app.ts';
import { freePort } from '../support/free-port.ts';

const said: string[] = [];
const server = new CacheServer((message) => said.push(message));
let redis: Redis | undefined;

afterEach(async () => {
  redis?.disconnect();
  await server.stop();
});

test('a cache server that ends by itself is started again on its port, empty', async () => {
  const port = await freePort();
  const request: CacheServerRequest = {
    port,
    clusters: [{ name: 'main', password: 'p', eviction_policy: 'allkeys-lru' }],
  };
  await server.serve(request);
  redis = new Redis({
    port,
    host: '127.0.0.1',
    username: 'main',
    password: 'p',
    maxRetriesPerRequest: null,
    enableReadyCheck: false,
  });
  redis.on('error', () => {});
  await redis.set('k', 'x');
  await server.serve(request);
  expect(await redis.get('k')).toBe('x');
  // What no cluster is made of is an error that nothing in the thread catches.
  await expect(server.serve({ port, clusters: [null] as never })).rejects.toThrow(TypeError);
  await until(async () => (await redis!.get('k')) === null);
  expect(said).toEqual([expect.stringMatching(/^the cache server has ended and is started again, empty: TypeError/)]);
});
