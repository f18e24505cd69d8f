import { expect, test } from '@jest/globals';
import { mediaTypes } from '../../../images/oci/descriptor.ts';
import { openRegistry } from '../../../images/oci/repository/mod.ts';
import { failureOf, image, randomBlob } from './content.ts';
import { serve, virtualClock } from './server.ts';
import { proxyTo } from './support/proxy.ts';

const { manifest } = image([randomBlob(10)]);

const clock = virtualClock().clock;

test('a registry elsewhere is reached through the proxy, one on this machine is not', async () => {
  await using server = await serve(() => [200, { 'content-type': mediaTypes.manifest }, manifest.bytes]);
  await using proxy = await proxyTo(server.host);
  const env = { HTTP_PROXY: proxy.address('proxy-secret') };
  const far = openRegistry('registry.example:80', { plainHttp: true, env, clock });
  expect((await far.repository('shop').manifest('v1'))?.descriptor).toEqual(manifest.descriptor);
  expect(proxy.tunnels).toEqual(['registry.example:80']);
  const near = openRegistry(server.host, { env: { http_proxy: 'http://127.0.0.1:1' }, clock });
  expect(await near.repository('shop').manifest('v1')).toBeDefined();
  await Promise.all([far.close(), near.close()]);
});

test('a registry named in NO_PROXY is not asked for there', async () => {
  await using server = await serve(() => [200]);
  await using proxy = await proxyTo(server.host);
  const env = { HTTP_PROXY: proxy.address('proxy-secret'), NO_PROXY: 'other.example,.invalid' };
  const failure = await failureOf(
    openRegistry('registry.invalid', { plainHttp: true, env, clock, retry: { attempts: 1 } })
      .repository('shop')
      .tags(),
  );
  expect(failure.code).toBe('FL2206');
  expect(proxy.tunnels).toEqual([]);
});

test('a proxy that refuses is told, without its password', async () => {
  await using server = await serve(() => [200]);
  await using proxy = await proxyTo(server.host);
  for (const variable of ['HTTP_PROXY', 'HTTPS_PROXY']) {
    const env = { [variable]: proxy.address('wrong-secret') };
    const failure = await failureOf(
      openRegistry('registry.example', { plainHttp: variable === 'HTTP_PROXY', env, clock })
        .repository('shop')
        .tags(),
    );
    expect(failure).toEqual({ code: 'FL2206', text: expect.stringContaining('through the proxy') });
    expect(failure.text).not.toContain('wrong-secret');
  }
  expect(server.asked).toEqual([]);
});

test('a registry that does not encrypt is not spoken to', async () => {
  await using server = await serve(() => [200]);
  await using proxy = await proxyTo(server.host);
  const env = { HTTPS_PROXY: proxy.address('proxy-secret') };
  const failure = await failureOf(openRegistry('registry.example', { env, clock }).repository('shop').tags());
  expect(failure).toEqual({ code: 'FL2206', text: expect.stringContaining('registry.example does not speak HTTPS') });
  expect(proxy.tunnels).toEqual(['registry.example:443']);
  expect(server.asked).toEqual([]);
});
