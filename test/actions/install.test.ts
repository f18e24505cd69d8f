import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const script = resolve(import.meta.dirname, '../../actions/build/install.sh');
let root: string;
let workspace: string;

/** A runner whose package managers only say where they were started. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fairlead-install-'));
  workspace = join(root, 'workspace');
  mkdirSync(join(root, 'bin'));
  for (const name of ['npm', 'pnpm', 'yarn', 'bun', 'corepack']) {
    writeFileSync(join(root, 'bin', name), `#!/bin/sh\necho "${name} in $PWD"\n`);
    chmodSync(join(root, 'bin', name), 0o755);
  }
  mkdirSync(join(workspace, 'apps/shop'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function install(directory: string, { at = workspace, manager = '', env = {} } = {}) {
  const variables = { PATH: `${join(root, 'bin')}:/usr/bin:/bin`, GITHUB_WORKSPACE: at, ...env };
  const { status, stdout } = spawnSync('bash', [script], {
    cwd: at,
    env: { ...variables, DIRECTORY: directory, PACKAGE_MANAGER: manager },
    encoding: 'utf8',
  });
  const lines = stdout.trim().split('\n');
  return { status, lines, commands: lines.filter((line) => line.startsWith('::')) };
}

function lock(...path: string[]): void {
  writeFileSync(join(root, ...path, 'package-lock.json'), '{}');
}

test('installs where the nearest lockfile is', () => {
  lock('workspace');
  expect(install('apps/shop').lines.at(-1)).toBe(`npm in ${workspace}`);
  lock('workspace/apps/shop');
  expect(install('apps/shop').lines.at(-1)).toBe(`npm in ${workspace}/apps/shop`);
});

test('looks no further than the root of the repository, also when the runner names it by a link', () => {
  lock();
  const link = join(root, 'link');
  symlinkSync(workspace, link);
  for (const at of [workspace, link]) {
    const { status, commands } = install('apps/shop', { at });
    expect([status, commands]).toEqual([1, [expect.stringContaining('FL6040')]]);
  }
});

test.each(['..', '../..', '-', '/tmp', 'gone', 'out'])('refuses the directory %s', (directory) => {
  lock('workspace');
  symlinkSync(root, join(workspace, 'out'));
  const { status, commands } = install(directory, { env: { OLDPWD: join(workspace, 'apps') } });
  expect([status, commands]).toEqual([1, [expect.stringContaining('FL6023')]]);
});

test('goes nowhere else for a directory of that name', () => {
  lock('workspace');
  mkdirSync(join(root, 'elsewhere/apps/shop'), { recursive: true });
  expect(install('apps/shop', { env: { CDPATH: join(root, 'elsewhere') } }).lines.at(-1)).toBe(`npm in ${workspace}`);
});

test('no name becomes a command of the runner', () => {
  const name = 'x\n::error::y';
  mkdirSync(join(workspace, name));
  expect(install(name).commands).toEqual([expect.stringContaining('FL6040')]);
  lock('workspace', name);
  expect(install(name).lines[0]).toMatch(/^Installing with npm in .*x ::error::y$/);
  expect(install('.', { manager: 'npm\n::error::y' }).commands).toEqual([expect.stringContaining('FL6041')]);
});
