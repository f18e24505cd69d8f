import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'fairlead-consumer-'));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** An application of one module that has installed the runtime and the packages given, and nothing else. */
function install(name: string, module: string, packages: string[]): string {
  const root = join(directory, name);
  const installed = { 'encore.dev': 'runtime', ...Object.fromEntries(packages.map((p) => [p, `node_modules/${p}`])) };
  for (const [as, from] of Object.entries(installed)) {
    const target = join(root, 'node_modules', as);
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(resolve(from), target);
  }
  copyFileSync(resolve('test/runtime', module), join(root, 'app.ts'));
  writeFileSync(join(root, 'package.json'), '{"type": "module"}');
  return root;
}

const compilers = [
  ['typescript/bin/tsc', 'esnext', 'bundler'],
  ['typescript/bin/tsc', 'nodenext', 'nodenext'],
  ['typescript6/bin/tsc', 'esnext', 'bundler'],
] as const;

describe.each([
  // Neither @types/node nor the types of a driver.
  ['an application that has nothing but the runtime', 'fixtures/consumer.ts', [], []],
  [
    'an application that uses everything',
    'support/application.ts',
    ['@types/node', 'undici-types'],
    ['--types', 'node', '--lib', 'es2022,esnext.disposable'],
  ],
])('%s type-checks', (name, module, packages, more) => {
  let root: string;

  beforeAll(() => {
    root = install(name, module, packages);
  });

  test.each(compilers)('%s, module %s, resolution %s', (tsc, module, resolution) => {
    const strict = [
      '--strict',
      '--exactOptionalPropertyTypes',
      '--noUncheckedIndexedAccess',
      '--skipLibCheck',
      'false',
      '--skipDefaultLibCheck',
    ];
    const options = ['--noEmit', '--target', 'es2022', '--preserveSymlinks', ...more];
    const how = ['--module', module, '--moduleResolution', resolution];
    const { stdout } = spawnSync(
      process.execPath,
      [resolve('node_modules', tsc), ...strict, ...options, ...how, 'app.ts'],
      { cwd: root, encoding: 'utf8' },
    );
    expect(stdout).toBe('');
  });
});
