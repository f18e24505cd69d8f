import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ts } from '@ts-morph/common';
import { fairlead } from '../cli/fairlead.ts';
import { packRuntime } from './support.ts';

const packed = packRuntime();
const directories: string[] = [];
afterAll(() => {
  packed.remove();
  for (const path of directories) rmSync(path, { recursive: true, force: true });
});

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'fairlead-alias-'));
  directories.push(path);
  return path;
}

/** Every module that applications import, as the compatibility contract lists them. */
const modules = [
  '',
  '/api',
  '/auth',
  '/config',
  '/cron',
  '/log',
  '/metrics',
  '/pubsub',
  '/service',
  '/storage/cache',
  '/storage/objects',
  '/storage/sqldb',
  '/types',
  '/validate',
].map((path) => `encore.dev${path}`);

describe('an application that has the package as encore.dev', () => {
  let root: string;

  beforeAll(() => {
    root = directory();
    writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
    cpSync('test/runtime/fixtures/consumer.ts', join(root, 'app.ts'));
    symlinkSync(packed.modules, join(root, 'node_modules'));
  });

  test.each([
    ['typescript', 'esnext', 'bundler'],
    ['typescript', 'nodenext', 'nodenext'],
    ['typescript6', 'esnext', 'bundler'],
  ])('compiles: %s, module %s, resolution %s', (compiler, module, resolution) => {
    const options = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--target', 'es2022'];
    const how = ['--module', module, '--moduleResolution', resolution];
    const tsc = resolve('node_modules', compiler, 'bin/tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, ...options, ...how, 'app.ts'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
  });

  test('loads every module in Node', () => {
    const code = `
      for (const name of ${JSON.stringify(modules)}) await import(name);
      const { api, APIError } = await import('encore.dev/api');
      const hello = api({ path: '/hello' }, async ({ name }) => ({ text: 'Hello ' + name }));
      console.log(JSON.stringify(await hello({ name: 'Ann' })), APIError.notFound('no').code);`;
    const { NODE_OPTIONS: _, ...env } = process.env;
    const args = ['--input-type=module', '--eval', code];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', env });
    expect([stdout, stderr]).toEqual(['{"text":"Hello Ann"} not_found\n', '']);
  });

  test('tells an editor what a declaration is', () => {
    const file = join(root, 'editor.ts');
    const text =
      "import { Topic } from 'encore.dev/pubsub';\nnew Topic<{ id: string }>('t', { deliveryGuarantee: '' });\n";
    writeFileSync(file, text);
    const service = ts.createLanguageService({
      ...ts.sys,
      getScriptFileNames: () => [file],
      getScriptVersion: () => '1',
      getScriptSnapshot: (path) =>
        ts.sys.fileExists(path) ? ts.ScriptSnapshot.fromString(readFileSync(path, 'utf8')) : undefined,
      getCompilationSettings: () => ({
        module: ts.ModuleKind.ESNext,
        moduleResolution: ts.ModuleResolutionKind.Bundler,
        target: ts.ScriptTarget.ES2022,
        types: [],
      }),
      getCurrentDirectory: () => root,
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
    });
    const at = text.indexOf('Topic<');
    expect(service.getDefinitionAtPosition(file, at)?.[0]?.fileName).toMatch(
      /encore\.dev\/dist\/pubsub\/topic\.d\.ts$/,
    );
    const info = service.getQuickInfoAtPosition(file, at);
    expect(ts.displayPartsToString(info?.documentation)).not.toBe('');
    const proposed = service.getCompletionsAtPosition(file, text.indexOf("''") + 1, {});
    expect(proposed?.entries.map(({ name }) => name)).toEqual(['at-least-once', 'exactly-once']);
    service.dispose();
  });
});

test('what Fairlead reads and builds does not depend on it', async () => {
  const [state, without, installed] = [directory(), directory(), directory()];
  for (const root of [without, installed]) {
    cpSync('examples/shop', root, { recursive: true, filter: (path) => !/node_modules|encore\.gen/.test(path) });
  }
  symlinkSync(packed.modules, join(installed, 'node_modules'));
  const run = async (root: string, ...args: string[]) => {
    const env = { FAIRLEAD_STATE_DIR: state, FAIRLEAD_CACHE_DIR: join(state, 'cache') };
    const { code, stdout, stderr } = await fairlead([...args, '--dir', root], { env });
    expect([code, code === 0 ? '' : stdout + stderr]).toEqual([0, '']);
    return stdout.replaceAll(root, 'ROOT');
  };
  for (const args of [['check', '--json'], ['graph', '--format', 'json'], ['generate'], ['build', '--json']])
    expect(await run(installed, ...args)).toBe(await run(without, ...args));
  // What is generated finds what it imports in the package, so that the application compiles.
  mkdirSync(join(installed, 'types'));
  for (const name of ['@types/node', 'undici-types']) {
    cpSync(join('node_modules', name), join(installed, 'types', name.replace('@types/', '')), { recursive: true });
  }
  const tsc = resolve('node_modules/typescript/bin/tsc');
  const options = ['--noEmit', '--typeRoots', 'types'];
  const { stdout } = spawnSync(process.execPath, [tsc, ...options], { cwd: installed, encoding: 'utf8' });
  expect(stdout).toBe('');
});
