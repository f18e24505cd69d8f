import { expect, test } from '@jest/globals';
import { openRegistry, parseImageName } from '../../../images/oci/repository/mod.ts';
import { codeOf, failureOf } from './content.ts';

const hex = 'a'.repeat(64);

test.each([
  ['registry.example/shop', { registry: 'registry.example', name: 'shop' }],
  ['registry.example:5000/team/shop:v1', { registry: 'registry.example:5000', name: 'team/shop', tag: 'v1' }],
  ['localhost/shop:V_1.2-3', { registry: 'localhost', name: 'shop', tag: 'V_1.2-3' }],
  ['127.0.0.1:5000/a/b/c', { registry: '127.0.0.1:5000', name: 'a/b/c' }],
  ['[::1]:5000/shop', { registry: '[::1]:5000', name: 'shop' }],
  ['Registry.Example/shop', { registry: 'Registry.Example', name: 'shop' }],
  ['r.example/a__b', { registry: 'r.example', name: 'a__b' }],
  ['r.example/a---b', { registry: 'r.example', name: 'a---b' }],
  ['r.example/a.b_c-d/0', { registry: 'r.example', name: 'a.b_c-d/0' }],
  [`r.example/shop@sha256:${hex}`, { registry: 'r.example', name: 'shop', digest: `sha256:${hex}` }],
  [`r.example/shop:v1@sha256:${hex}`, { registry: 'r.example', name: 'shop', tag: 'v1', digest: `sha256:${hex}` }],
  [`r.example/shop:${'t'.repeat(128)}`, { registry: 'r.example', name: 'shop', tag: 't'.repeat(128) }],
  [`r.example/${'s'.repeat(245)}`, { registry: 'r.example', name: 's'.repeat(245) }],
])('%s', (text, expected) => {
  expect(parseImageName(text)).toEqual(expected);
});

test.each([
  '',
  'shop',
  'team/shop',
  '/shop',
  'r.example/',
  'r.example/Shop',
  'r.example/shöp',
  'r.example/a..b',
  'r.example/a___b',
  'r.example/a._b',
  'r.example/-a',
  'r.example/a-',
  'r.example/a//b',
  'r.example/a/../b',
  'r.example/a b',
  'r.example/shop:',
  'r.example/shop:-v1',
  'r.example/shop:.v1',
  'r.example/shop:v 1',
  'r.example/shop:v1/x',
  `r.example/shop:${'t'.repeat(129)}`,
  `r.example/${'s'.repeat(246)}`,
  'r.example/shop@sha256:abc',
  `r.example/shop@sha256:${hex.toUpperCase()}`,
  `r.example/shop@sha512:${hex}${hex}`,
  'https://r.example/shop',
  'user:password@r.example/shop',
  'r.example:port/shop',
  '-r.example/shop',
])('%j names no image', async (text) => {
  expect(await codeOf((async () => parseImageName(text))())).toBe('FL2209');
});

test.each([
  'user:hunter2token@r.example/shop',
  'https://user:hunter2token@r.example/shop',
  `user:hunter2token@r.example/shop@sha256:${hex}`,
])('%s is refused without its password', async (text) => {
  for (const work of [() => parseImageName(text), () => openRegistry(text)]) {
    const failure = await failureOf((async () => work())());
    expect(failure.text).toContain('***@r.example/shop');
    expect(failure.text).not.toContain('hunter2token');
  }
});

test('a digest is no password', async () => {
  const { text } = await failureOf((async () => parseImageName('r.example/Shop@sha256:abc'))());
  expect(text).toContain('"r.example/Shop@sha256:abc"');
});

test('a name that leads to many ways of reading it is refused at once', async () => {
  const started = performance.now();
  expect(await codeOf((async () => parseImageName(`r.example/${'a-'.repeat(120)}!`))())).toBe('FL2209');
  expect(performance.now() - started).toBeLessThan(1000);
});

test.each(['', 'shop', 'https://r.example', 'r.example/shop', 'a b.example'])('%j is no registry', async (host) => {
  expect(await codeOf((async () => openRegistry(host))())).toBe('FL2209');
});
