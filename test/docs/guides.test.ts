import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bin, directoryWith, ended, fairlead, runningAt, start } from '../cli/fairlead.ts';
import { stateDirectory } from '../cli/notes-app.ts';
import { isAsShown, mayRepeat, readGuide, type Step } from './guides.ts';
import { root } from './pages.ts';

// The examples of the pages about primitives are services of one application. It runs once, and each page's commands are played.

const guides = [
  'endpoints.md',
  'raw-endpoints.md',
  'services.md',
  'authentication.md',
  'middleware.md',
  'databases.md',
  'pubsub.md',
  'cron.md',
  'buckets.md',
  'caches.md',
  'secrets.md',
  'logs.md',
].map(readGuide);

const packages = ['express', '@types/express', 'drizzle-orm', 'pg', '@types/pg', '@types/node'];
const files: Record<string, string> = Object.assign({}, ...guides.map((guide) => guide.files));
const app = directoryWith({
  'package.json': JSON.stringify({
    name: 'guide',
    type: 'module',
    dependencies: { express: '*', 'drizzle-orm': '*', pg: '*' },
  }),
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      ...{ target: 'es2024', lib: ['es2024', 'esnext.disposable'], types: ['node'], module: 'preserve', noEmit: true },
      ...{ strict: true, noUncheckedIndexedAccess: true, skipLibCheck: true },
      paths: { '~encore/*': ['./encore.gen/*'] },
    },
  }),
  ...files,
});
const state = stateDirectory();
const tools = directoryWith();
let child: ReturnType<typeof start>;
let url: string;

const environment = () => ({
  PATH: `${tools.path}:${process.env.PATH}`,
  FAIRLEAD_STATE_DIR: state.path,
  FAIRLEAD_CACHE_DIR: join(root, 'node_modules/.cache/fairlead-tests'),
});

beforeAll(async () => {
  for (const name of packages) link(name, join(root, 'node_modules', name));
  link('encore.dev', join(root, 'runtime'));
  writeFileSync(join(tools.path, 'fairlead'), `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`, { mode: 0o755 });
  child = start(['run', '--json', '--dir', app.path, '--state-dir', state.path]);
  url = await runningAt(child);
}, 180_000);

afterAll(async () => {
  const end = once(child, 'close');
  child.kill('SIGTERM');
  await end;
  await fairlead(['destroy', '--env', 'local', '--dir', app.path, '--state-dir', state.path]);
  for (const one of [app, state, tools]) one.remove();
}, 60_000);

function link(name: string, target: string): void {
  const place = join(app.path, 'node_modules', name);
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(target, place);
}

/** What a command prints, on either stream, when a shell runs it in the directory of the application. */
async function print(command: string): Promise<string> {
  const here = command.replaceAll('http://localhost:4000', url);
  const shell = spawn('sh', ['-c', `(${here}) 2>&1`], { cwd: app.path, env: environment() });
  return (await text(shell.stdout)).replaceAll(url, 'http://localhost:4000');
}

async function printAsShown({ command, shown }: Step): Promise<string> {
  const patience = Date.now() + 10_000;
  for (;;) {
    const printed = await print(command);
    if (isAsShown(printed, shown)) return shown;
    if (!mayRepeat(command) || Date.now() > patience) return printed;
    await sleep(200);
  }
}

test('the examples have the types that they claim', async () => {
  const tsc = spawn(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', app.path]);
  expect((await ended(tsc as never)).stdout).toBe('');
}, 60_000);

describe.each(guides.map((guide) => [guide.page, guide] as const))('docs/%s', (_, guide) => {
  test('has an example, and shows how to try it', () => {
    expect(Object.keys(guide.files).length).toBeGreaterThan(0);
    expect(guide.steps.length).toBeGreaterThan(1);
  });

  test('does what it shows', async () => {
    for (const step of guide.steps) {
      expect(`$ ${step.command}\n${await printAsShown(step)}`).toBe(`$ ${step.command}\n${step.shown}`);
    }
  }, 60_000);
});

test('what a page shows and what is printed are compared', () => {
  expect([isAsShown('{"id":7}\r\n', '{"id":…}'), isAsShown('a\nb', 'a\nb')]).toEqual([true, true]);
  expect([isAsShown('{"id":7}', '{"id":8}'), isAsShown('a\nb', '…'), isAsShown('a.c', 'abc')]).toEqual([
    false,
    false,
    false,
  ]);
  expect(['curl -s x', 'curl -X POST x', "curl -d '{}' x", 'fairlead cron trigger x'].map(mayRepeat)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
