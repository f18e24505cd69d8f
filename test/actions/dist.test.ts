import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Metafile } from 'esbuild';
import { bundleActions } from '../../actions/bundle/bundle.ts';
import { leaves } from '../../actions/leaves.ts';
import { runLeaf } from './leaf-process.ts';

const root = resolve(import.meta.dirname, '../..');
/** Beside `dist/`: bundles find the files of the kit from a directory of its root. */
const places = ['first', 'second'].map(() => mkdtempSync(join(root, '.dist-')));
const [dist] = places as [string, string];
let metafile: Metafile;

beforeAll(async () => {
  metafile = await bundleActions(root, dist);
});
afterAll(() => {
  for (const place of places) rmSync(place, { recursive: true, force: true });
});

test('the same sources give the same bytes', async () => {
  await bundleActions(root, places[1]!);
  expect(filesOf(places[1]!)).toEqual(filesOf(dist));
});

test('each leaf has a bundle', () => {
  expect(readdirSync(dist)).toEqual(expect.arrayContaining(Object.keys(leaves).map((name) => `${name}.js`)));
});

test.each(Object.keys(leaves))('the bundle of %s starts, and says what is wrong with its inputs', async (leaf) => {
  const { code, log, commands, summary } = await runLeaf({ leaf, dist, inputs: { nonsense: 'x' } });
  expect(log).toContain('error FL6021: there is no input `nonsense`');
  expect(commands[0]).toMatch(/^::error file=\.github\/workflows\/preview\.yml,line=1,/);
  expect(code).toBe(1);
  expect(summary).toContain('FL6021');
});

test('a missing input is said', async () => {
  const { code, log } = await runLeaf({ leaf: 'build', dist });
  expect([code, log.split('\n')[0]]).toEqual([
    1,
    'error FL6020: the input `target` is missing (.github/workflows/preview.yml:1:1)',
  ]);
});

test('nothing but what is installed, or done without, is left outside', () => {
  expect(externalsOf(Object.keys(metafile.outputs))).toEqual([
    'encoding',
    'esbuild',
    'kerberos',
    'pg-native',
    'source-map-support',
  ]);
});

test('the set-up needs nothing that is not there', () => {
  const parts = ['actions/leaves/setup/main.ts', 'actions/setup/kit.ts', 'node_modules/@actions/cache/lib/cache.js'];
  const started = Object.entries(metafile.outputs).filter(([, { entryPoint }]) => parts.includes(entryPoint ?? ''));
  expect(started).toHaveLength(parts.length);
  const needed = started.flatMap(([path]) => [...loadedWith(path)]);
  // A proxy that asks for it is the only one to miss it.
  expect(externalsOf(needed)).toEqual(['kerberos']);
});

test('the licences of all that is bundled go along', () => {
  const text = readFileSync(join(dist, 'licenses.txt'), 'utf8');
  const names = text.split('-'.repeat(80)).map((section) => section.trim().split(' ')[0]);
  for (const name of ['@actions/artifact', '@ts-morph/common', 'libpg-query', 'undici']) expect(names).toContain(name);
  expect(text).not.toContain(root);
});

function filesOf(directory: string): Record<string, string> {
  const hash = (name: string) =>
    createHash('sha256')
      .update(readFileSync(join(directory, name)))
      .digest('hex');
  return Object.fromEntries(
    readdirSync(directory)
      .sort()
      .map((name) => [name, hash(name)]),
  );
}

function externalsOf(outputs: readonly string[]): string[] {
  const found = outputs.flatMap((path) =>
    metafile.outputs[path]!.imports.filter((one) => one.external).map((one) => one.path),
  );
  return [...new Set(found)].filter((name) => !isBuiltin(name)).sort();
}

/** The chunks that are loaded at once with one, itself among them. */
function loadedWith(start: string, seen = new Set<string>()): Set<string> {
  if (seen.has(start)) return seen;
  seen.add(start);
  for (const { path, external, kind } of metafile.outputs[start]!.imports)
    if (!external && kind === 'import-statement') loadedWith(path, seen);
  return seen;
}
