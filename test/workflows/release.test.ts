import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { digestOf, type Git, gitIn, release, remoteTags, tagsFor } from '../../release.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fairlead-release-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('the tags of a release', () => {
  test('are its own, and that of its major version', () => {
    expect(tagsFor('0.2.0', '0.2.0', ['v0', 'v0.1.0', 'v1.0.0', 'other'])).toEqual({ tag: 'v0.2.0', moves: 'v0' });
  });

  test('of a candidate are its own alone', () => {
    expect(tagsFor('1.0.0-rc.1', '1.0.0-rc.1', ['v0.9.0'])).toEqual({ tag: 'v1.0.0-rc.1' });
  });

  test.each([
    ['v0.2.0', '0.2.0', [], /not a version/],
    ['0.2', '0.2', [], /not a version/],
    ['0.2.0', '0.3.0', [], /package.json says 0.3.0/],
    ['0.2.0', '0.2.0', ['v0.10.0'], /v0.10.0 is released already/],
  ])('are refused for %s of %s', (version, declared, released, says) => {
    expect(() => tagsFor(version, declared, released)).toThrow(says);
  });
});

describe('the digest of what was built', () => {
  beforeEach(() => {
    put('dist/deploy.js', '1');
    put('runtime/dist/api/mod.js', '2');
  });

  test('is that of names and bytes', () => {
    const before = digestOf(directory);
    expect(before).toMatch(/^sha256:[0-9a-f]{64}$/);
    put('dist/deploy.js', '3');
    expect(digestOf(directory)).not.toBe(before);
    put('dist/deploy.js', '1');
    expect(digestOf(directory)).toBe(before);
    put('dist/.hidden', '');
    expect(digestOf(directory)).not.toBe(before);
  });

  test('is not that of sources', () => {
    const before = digestOf(directory);
    put('runtime/api/mod.ts', '');
    expect(digestOf(directory)).toBe(before);
  });

  test('is not that of a part', () => {
    rmSync(join(directory, 'dist/deploy.js'));
    expect(() => digestOf(directory)).toThrow(/dist has no files/);
  });
});

describe('a release', () => {
  const tags = { tag: 'v0.1.0', moves: 'v0' };
  let origin: string;
  let git: Git;

  beforeEach(() => {
    origin = join(directory, 'origin.git');
    execFileSync('git', ['init', '--quiet', '--bare', origin]);
    git = clone('first');
    commitSources(git, 'first');
    git(['push', '--quiet', 'origin', 'HEAD:main']);
    build('first', 'deployed');
  });

  test('is a commit with what is not in the sources, and leaves the branch alone', () => {
    const main = git(['rev-parse', 'origin/main']);
    const commit = release(git, tags, digestOf(join(directory, 'first')));
    expect(remoteTags(git)).toEqual(
      new Map([
        ['v0', commit],
        ['v0.1.0', commit],
      ]),
    );
    expect(git(['rev-parse', `${commit}^`])).toBe(main);
    expect(git(['ls-tree', '-r', '--name-only', commit]).split('\n')).toEqual([
      '.gitignore',
      'dist/deploy.js',
      'package.json',
      'runtime/dist/mod.js',
    ]);
    expect(git(['ls-remote', 'origin', 'refs/heads/main'])).toContain(main);
  });

  test('is the same commit wherever and whenever it is made', () => {
    const commit = release(git, tags, digestOf(join(directory, 'first')));
    const second = clone('second');
    second(['checkout', '--quiet', 'origin/main']);
    build('second', 'deployed');
    expect(release(second, tags, digestOf(join(directory, 'second')))).toBe(commit);
  });

  test('is refused when dist is not what was built', () => {
    expect(() => release(git, tags, `sha256:${'0'.repeat(64)}`)).toThrow(/not what was built/);
    expect(remoteTags(git).size).toBe(0);
  });

  test('does not move a version that is out', () => {
    const commit = release(git, tags, digestOf(join(directory, 'first')));
    const second = clone('second');
    second(['checkout', '--quiet', 'origin/main']);
    build('second', 'something else');
    expect(() => release(second, tags, digestOf(join(directory, 'second')))).toThrow(/v0.1.0 is .* already/);
    expect(remoteTags(git).get('v0.1.0')).toBe(commit);
  });

  test('moves the tag of its major version', () => {
    release(git, tags, digestOf(join(directory, 'first')));
    git(['checkout', '--quiet', 'origin/main']);
    build('first', 'deployed better');
    const later = release(git, { tag: 'v0.1.1', moves: 'v0' }, digestOf(join(directory, 'first')));
    expect(remoteTags(git).get('v0')).toBe(later);
    expect(remoteTags(git).get('v0.1.0')).not.toBe(later);
  });

  function build(name: string, text: string): void {
    put(`${name}/dist/deploy.js`, text);
    put(`${name}/runtime/dist/mod.js`, 'runtime');
  }

  function clone(name: string): Git {
    execFileSync('git', ['clone', '--quiet', origin, join(directory, name)], { stdio: 'ignore' });
    const git = gitIn(join(directory, name));
    git(['config', 'user.name', 'Somebody']);
    git(['config', 'user.email', 'somebody@example.com']);
    return git;
  }

  function commitSources(git: Git, name: string): void {
    put(`${name}/.gitignore`, 'dist/\n');
    put(`${name}/package.json`, '{}\n');
    git(['add', '.']);
    git(['commit', '--quiet', '--message', 'Begin']);
  }
});

function put(path: string, text: string): void {
  const file = join(directory, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
}
