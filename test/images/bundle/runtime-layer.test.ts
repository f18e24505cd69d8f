import { posix, resolve } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { bundleRuntime, type RuntimeLayer } from '../../../images/bundle/runtime-layer.ts';

let layer: RuntimeLayer;

beforeAll(async () => {
  layer = await bundleRuntime(resolve('runtime'));
});

/** The files that a module of the layer loads at once, and no others. */
function loadedBy(path: string, found = new Set<string>()): Set<string> {
  const file = layer.files.find((candidate) => candidate.path === path);
  if (!file || found.has(path)) return found;
  found.add(path);
  for (const [, from] of Buffer.from(file.bytes)
    .toString()
    .matchAll(/\b(?:from|import)\s*"(\.[^"]+)"/g))
    loadedBy(posix.join(posix.dirname(path), from!), found);
  return found;
}

const apart = ['metrics', 'storage-cache', 'storage-objects'].map((name) => `runtime/${name}.mjs`);

test('a process loads buckets, caches and metrics only when its application imports them', () => {
  const loaded = loadedBy('runtime.mjs');
  expect(loaded.size).toBeGreaterThan(1);
  expect(apart.filter((path) => loaded.has(path))).toEqual([]);
  expect(layer.files.map(({ path }) => path)).toEqual(expect.arrayContaining([...loaded, ...apart]));
});

test('every module of the package leads to a file of the layer', () => {
  const files = [...layer.modules].map(([specifier, text]) => [specifier, /from "\.\/(.+)"/.exec(text)?.[1]]);
  expect(Object.fromEntries(files)).toMatchObject({
    'encore.dev/api': 'runtime.mjs',
    'encore.dev/metrics': apart[0],
    'encore.dev/storage/cache': apart[1],
    'encore.dev/storage/objects': apart[2],
  });
  const paths = new Set(layer.files.map(({ path }) => path));
  expect(files.filter(([, path]) => path === undefined || !paths.has(path))).toEqual([]);
});
