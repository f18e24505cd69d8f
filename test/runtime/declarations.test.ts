import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

let directory: string;

/** An application that has installed the runtime and nothing else: neither @types/node nor the types of a driver. */
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'fairlead-consumer-'));
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(resolve('runtime'), join(directory, 'node_modules/encore.dev'));
  copyFileSync(resolve('test/runtime/fixtures/consumer.ts'), join(directory, 'app.ts'));
  writeFileSync(join(directory, 'package.json'), '{"type": "module"}');
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

test.each([
  ['typescript/bin/tsc', 'esnext', 'bundler'],
  ['typescript/bin/tsc', 'nodenext', 'nodenext'],
  ['typescript6/bin/tsc', 'esnext', 'bundler'],
])('applications type-check: %s, module %s, resolution %s', (tsc, module, resolution) => {
  const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--skipLibCheck', 'false'];
  const options = ['--noEmit', '--target', 'es2022', '--preserveSymlinks'];
  const how = ['--module', module, '--moduleResolution', resolution];
  const { stdout } = spawnSync(
    process.execPath,
    [resolve('node_modules', tsc), ...strict, ...options, ...how, 'app.ts'],
    {
      cwd: directory,
      encoding: 'utf8',
    },
  );
  expect(stdout).toBe('');
});
