import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { afterAll, expect, test } from '@jest/globals';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { packRuntime } from './support.ts';

const packed = packRuntime();
afterAll(packed.remove);

const inside = (path: string) => readFileSync(join(packed.modules, 'encore.dev', path), 'utf8');
const bytes = () => Uint8Array.from(readFileSync(packed.tarball));

test('publint has nothing to say', async () => {
  const { messages, pkg } = await publint({ strict: true, pack: { tarball: bytes().buffer } });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test('types and code are found together by whoever can load an ES module', async () => {
  const analysis = await checkPackage(createPackageFromTarballData(bytes()));
  if (analysis.types === false) throw new Error('the package has no types');
  // Node.js before export maps, which is what `node10` is, is none of the package's. That CommonJS gets an ES module is as meant.
  const problems = analysis.problems.filter(
    (problem) =>
      problem.kind !== 'CJSResolvesToESM' && !('resolutionKind' in problem && problem.resolutionKind === 'node10'),
  );
  expect(problems).toEqual([]);
  expect(analysis.types).toEqual({ kind: 'included' });
});

test('the tarball has what is run and read, and nothing else', () => {
  expect(packed.files.filter((path) => !path.startsWith('dist/'))).toEqual(['LICENSE', 'README.md', 'package.json']);
  const compiled = packed.files.filter((path) => path.startsWith('dist/'));
  expect(compiled.filter((path) => !/\.(?:js|js\.map|d\.ts)$/.test(path))).toEqual([]);
  // Each comes from a source of the runtime: no test, no bundle for images.
  const sources = new Set(
    compiled.map((path) => path.replace(/^dist\//, '').replace(/\.(?:js|js\.map|d\.ts)$/, '.ts')),
  );
  for (const source of sources) readFileSync(join('runtime', source));
  expect(compiled).toHaveLength(3 * sources.size);
  expect(inside('LICENSE')).toBe(readFileSync('LICENSE', 'utf8'));
});

test('each map has its sources with it', () => {
  const maps = packed.files.filter((path) => path.endsWith('.map'));
  expect(maps).not.toEqual([]);
  for (const path of maps) {
    const { sources, sourcesContent = [] } = JSON.parse(inside(path)) as Record<string, string[]>;
    expect([path, sourcesContent.length]).toEqual([path, sources!.length]);
    // One that has types alone comes out as an empty module.
    expect([path, ...sourcesContent.map((text) => text === '')]).toEqual([path, ...sourcesContent.map(() => false)]);
  }
});

test('no import of the code leaves the package but to what it depends on', () => {
  const { dependencies } = JSON.parse(inside('package.json')) as { dependencies: Record<string, string> };
  const known = new Set(packed.files);
  const wrong = packed.files
    .filter((path) => path.endsWith('.js'))
    .flatMap((path) => importsOf(inside(path)).map((specifier) => ({ path, specifier })))
    .filter(({ path, specifier }) =>
      specifier.startsWith('.')
        ? !known.has(join(dirname(path), specifier))
        : !specifier.startsWith('node:') && !(packageOf(specifier) in dependencies),
    );
  expect(wrong).toEqual([]);
});

function importsOf(code: string): string[] {
  return [...code.matchAll(/^(?:import|export)\b[^;]*?from '([^']+)';|\bimport\('([^']+)'\)/gm)].map(
    ([, of, loaded]) => of ?? loaded!,
  );
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
