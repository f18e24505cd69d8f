import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findNpm } from '../../actions/setup/find-npm.ts';
import { lockSubset, type PackageLock } from '../../actions/setup/lock-subset.ts';
import { needsOf, packages } from '../../actions/setup/needs.ts';
import { verifyContent } from '../../actions/setup/verify-content.ts';

const lock = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../package-lock.json'), 'utf8')) as PackageLock;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fairlead-content-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test.each(Object.values(packages))('the part of the lock that %s needs is whole', (name) => {
  const { manifest, lock: subset } = lockSubset(lock, name);
  expect(manifest).toMatchObject({ dependencies: { [name]: lock.packages[`node_modules/${name}`]?.version } });
  const { '': _, ...found } = subset.packages;
  expect(Object.keys(found)).toContain(`node_modules/${name}`);
  for (const [path, entry] of Object.entries(found)) {
    expect(entry.version).toBe(lock.packages[path]?.version);
    if (entry.inBundle) continue;
    expect(entry).toMatchObject({ integrity: expect.stringMatching(/^sha512-/) });
    expect(entry.resolved).toMatch(/^https:\/\/.+\.tgz$/);
  }
});

test('a package that another has of its own goes along', () => {
  const { lock: subset } = lockSubset(
    {
      lockfileVersion: 3,
      packages: {
        'node_modules/a': {
          version: '1.0.0',
          dependencies: { b: '^1.0.0', '@c/d': '*' },
          optionalDependencies: { gone: '1' },
        },
        'node_modules/a/node_modules/b': { version: '1.2.3', dependencies: { '@c/d': '*' } },
        'node_modules/b': { version: '2.0.0' },
        'node_modules/@c/d': { version: '4.0.0' },
      },
    },
    'a',
  );
  expect(Object.keys(subset.packages)).toEqual([
    '',
    'node_modules/@c/d',
    'node_modules/a',
    'node_modules/a/node_modules/b',
  ]);
  expect(subset.packages['node_modules/@c/d']?.resolved).toMatch(/\/@c\/d\/-\/d-4\.0\.0\.tgz$/);
});

test('a package that another one wants beside itself goes along, unless it is optional', () => {
  const { lock: subset } = lockSubset(
    {
      lockfileVersion: 3,
      packages: {
        'node_modules/a': {
          version: '1.0.0',
          peerDependencies: { b: '*', c: '*' },
          peerDependenciesMeta: { c: { optional: true } },
        },
        'node_modules/b': { version: '1.0.0' },
        'node_modules/c': { version: '1.0.0' },
      },
    },
    'a',
  );
  expect(Object.keys(subset.packages)).toEqual(['', 'node_modules/a', 'node_modules/b']);
});

test('jobs that deploy need what their target needs, and those that build need no database', () => {
  expect(needsOf('gcp', 'deploy')).toEqual([]);
  expect(needsOf('aws', 'deploy')).toEqual(['aws']);
  expect(needsOf('local', 'deploy')).toEqual(['local']);
  expect(needsOf('local', 'build')).toEqual(['build']);
  expect(needsOf('local', 'all')).toEqual(['build', 'local']);
});

test('of a cache only what lies under its own digest, and is in the lock, is used', async () => {
  const [good, foreign, outside] = ['good', 'foreign', 'outside'].map((text) => Buffer.from(text));
  const at = put(good!, digestOf(good!));
  const other = put(foreign!, digestOf(foreign!));
  const exchanged = put(Buffer.from('poison'), digestOf(outside!));
  const link = join(directory, 'sha512', 'ab', 'cd', 'ef');
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(at, link);
  writeFileSync(join(directory, 'sha512', 'index'), 'x');
  const result = await verifyContent(directory, [good!, outside!].map(integrityOf));
  expect(result).toEqual({ kept: 1, removed: 4 });
  expect([at, other, exchanged, link].map((path) => existsSync(path))).toEqual([true, false, false, false]);
});

test('a cache that is not there has nothing', async () => {
  expect(await verifyContent(join(directory, 'none'), [])).toEqual({ kept: 0, removed: 0 });
});

test('npm is found beside Node.js, else on the PATH, else it is said', () => {
  const npm = join(directory, 'lib/node_modules/npm/bin/npm-cli.js');
  mkdirSync(dirname(npm), { recursive: true });
  writeFileSync(npm, '');
  const bin = join(directory, 'bin');
  mkdirSync(bin);
  expect(findNpm({}, join(bin, 'node'))).toBe(npm);
  symlinkSync(npm, join(bin, 'npm'));
  expect(findNpm({ PATH: `/nowhere:${bin}` }, '/elsewhere/bin/node')).toBe(npm);
  expect(() => findNpm({ PATH: '/nowhere' }, '/elsewhere/bin/node')).toThrow('FL6036');
});

function put(content: Buffer, digest: string): string {
  const path = join(directory, 'sha512', digest.slice(0, 2), digest.slice(2, 4), digest.slice(4));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

function digestOf(content: Buffer): string {
  return createHash('sha512').update(content).digest('hex');
}

function integrityOf(content: Buffer): string {
  return `sha512-${createHash('sha512').update(content).digest('base64')}`;
}
