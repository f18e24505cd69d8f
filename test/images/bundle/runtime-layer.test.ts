import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, posix, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from '@jest/globals';
import { bundleRuntime, layerFor, type Primitive, type RuntimeLayer } from '../../../images/bundle/runtime-layer.ts';
import { directory } from '../sample.ts';

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
  const exporting = layer.files.filter(({ bytes }) => Buffer.from(bytes).includes('e_sys_memory_used_bytes'));
  expect(exporting.map(({ path }) => loaded.has(path))).toEqual([false]);
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

const bytesOf = (files: RuntimeLayer['files']) => files.reduce((sum, { bytes }) => sum + bytes.length, 0);
const named = (packages: readonly { name: string }[]) => packages.map(({ name }) => name);

test('an application without topics, cron jobs, buckets and caches carries nothing for them', () => {
  const { files, packages } = layerFor(layer, []);
  expect([files, named(packages)]).toEqual([layer.files, named(layer.packages)]);
  expect(bytesOf(files)).toBeLessThan(480_000);
  expect(named(packages).filter((name) => /^@aws-sdk|^@smithy|^google|redis|^send$|^ws$/.test(name))).toEqual([]);
});

test.each<[Primitive[], string[], string[]]>([
  [
    ['topics'],
    ['@aws-sdk/client-sns', '@aws-sdk/client-sqs', 'google-auth-library'],
    ['@aws-sdk/client-s3', 'ioredis'],
  ],
  [
    ['cronJobs'],
    ['@aws-sdk/client-sqs', 'google-auth-library'],
    ['@aws-sdk/client-sns', '@aws-sdk/client-s3', 'ioredis', 'ws'],
  ],
  [
    ['buckets'],
    ['@aws-sdk/client-s3', '@aws-sdk/s3-request-presigner', 'google-auth-library'],
    ['@aws-sdk/client-sqs', 'ioredis'],
  ],
  [
    ['caches'],
    ['ioredis', 'denque', 'tinyqueue'],
    ['google-auth-library', '@aws-sdk/client-sqs', '@aws-sdk/client-s3', 'send'],
  ],
  [['metrics'], ['google-auth-library'], ['@aws-sdk/client-sqs', '@aws-sdk/client-s3', 'ioredis', 'send']],
  [['assets'], ['send', 'mime-db'], ['@aws-sdk/client-sqs', '@aws-sdk/client-s3', 'ioredis', 'ws']],
  [['streams'], ['ws'], ['@aws-sdk/client-sqs', '@aws-sdk/client-s3', 'ioredis', 'send']],
])('one with %j carries theirs', (primitives, wanted, others) => {
  const { files, packages } = layerFor(layer, primitives);
  expect(named(packages)).toEqual(expect.arrayContaining(wanted));
  expect(named(packages).filter((name) => others.includes(name))).toEqual([]);
  expect(bytesOf(files)).toBeLessThan(1_500_000);
  const paths = files.map(({ path }) => path);
  expect(new Set(paths).size).toBe(paths.length);
  // Whatever a file asks for lies beside it; only other backends may be asked for in vain.
  const rest = new Set(Object.values(layer.backends).flatMap((one) => one.files.map(({ path }) => path)));
  for (const { path, bytes } of files)
    for (const [, from] of Buffer.from(bytes)
      .toString()
      .matchAll(/\b(?:from|import)\s*\(?"(\.[^"]+\.mjs)"/g)) {
      const target = posix.join(posix.dirname(path), from!);
      expect(paths.includes(target) || rest.has(target)).toBe(true);
    }
});

test('a gateway that hands out objects by URL carries no client of a cloud for it', () => {
  const { files, packages } = layerFor(layer, ['objectUrls']);
  const more = files.filter(({ path }) => !layer.files.some((one) => one.path === path));
  expect([more.length > 0, bytesOf(more) < 20_000]).toEqual([true, true]);
  expect(named(packages)).toEqual(named(layer.packages));
});

test('none of them is loaded at the start', () => {
  const loaded = loadedBy('runtime.mjs');
  for (const backend of Object.values(layer.backends))
    expect(backend.files.filter(({ path }) => loaded.has(path))).toEqual([]);
});

test('each backend loads from the layer alone', async () => {
  await using place = await directory();
  for (const primitive of Object.keys(layer.backends) as Primitive[]) {
    const base = join(place.path, primitive);
    for (const { path, bytes } of layerFor(layer, [primitive]).files) {
      await mkdir(dirname(join(base, path)), { recursive: true });
      await writeFile(join(base, path), bytes);
    }
    const paths = layer.backends[primitive].files.map(({ path }) => `./${path}`);
    const program = `for (const path of ${JSON.stringify(paths)}) await import(path);`;
    await writeFile(join(base, 'main.mjs'), program);
    const { stderr } = await promisify(execFile)(process.execPath, ['main.mjs'], { cwd: base, env: {} });
    expect(stderr).toBe('');
  }
});

test('an image without metrics refuses what it has no client for, and one with them does not', async () => {
  await using place = await directory();
  const exporting = layer.files.find(({ bytes }) =>
    /export\{[^}]*exportMetrics\b/.test(Buffer.from(bytes).toString()),
  )!;
  const metrics = { type: 'gcp_cloud_monitoring', project_id: 'p', monitored_resource_type: 'global' };
  const options = { config: { metrics }, services: [], address: '127.0.0.1' };
  const program = `const { exportMetrics } = await import('./${exporting.path}');
    await exportMetrics(${JSON.stringify(options)}).then(() => console.log('counts'), ({ code }) => console.log(code));
    process.exit()`;
  const said = async (primitives: Primitive[]) => {
    const base = join(place.path, `for-${primitives}`);
    for (const { path, bytes } of layerFor(layer, primitives).files) {
      await mkdir(dirname(join(base, path)), { recursive: true });
      await writeFile(join(base, path), bytes);
    }
    await writeFile(join(base, 'main.mjs'), program);
    return (await promisify(execFile)(process.execPath, ['main.mjs'], { cwd: base, env: {} })).stdout.trim();
  };
  expect([await said([]), await said(['metrics'])]).toEqual(['FL6008', 'counts']);
});
