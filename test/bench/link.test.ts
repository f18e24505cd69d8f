import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openLink } from '../../bench/images/link.ts';

/** Answers with what it got. */
const server = createServer((incoming, outgoing) => incoming.pipe(outgoing));
let upstream: string;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  upstream = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

async function echo(host: string, body: Buffer): Promise<Buffer> {
  const response = await fetch(`http://${host}/blob`, { method: 'PUT', body });
  return Buffer.from(await response.arrayBuffer());
}

test('everything arrives as it was sent, and is counted once', async () => {
  await using link = await openLink(upstream, Number.POSITIVE_INFINITY);
  const body = randomBytes(3_000_000);
  expect((await echo(link.host, body)).equals(body)).toBe(true);
  expect(link.take()).toEqual({ requests: 1, pushed: 3_000_000, pulled: 3_000_000 });
  expect(link.take()).toEqual({ requests: 0, pushed: 0, pulled: 0 });
});

test('all connections together have the rate, in each direction', async () => {
  const rate = 4_000_000;
  await using link = await openLink(upstream, rate);
  const begin = performance.now();
  await Promise.all([400_000, 400_000, 400_000].map((size) => echo(link.host, randomBytes(size))));
  const seconds = (performance.now() - begin) / 1000;
  expect(seconds).toBeGreaterThan(1_200_000 / rate - 0.02);
});

test('a registry that is gone ends the request', async () => {
  await using link = await openLink('127.0.0.1:1', Number.POSITIVE_INFINITY);
  await expect(echo(link.host, Buffer.from('x'))).rejects.toThrow('fetch failed');
});
