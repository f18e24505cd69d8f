import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { keysFrom, openKeys } from '../../local/keys.ts';
import { createLocalForge, createLocalLock, createLocalTarget } from '../../local/mod.ts';
import { openState, stateError, writeJson } from '../../local/state.ts';
import { environmentOf, planOf, quiet, tinyGraph } from '../conformance/tiny-app.ts';
import { TinyStore } from './support/tiny-app.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fairlead-state-'));
});
afterEach(() => rmSync(root, { recursive: true }));

test('a state directory of a newer version is neither read nor changed', async () => {
  writeFileSync(join(root, 'version.json'), '{"version":99,"more":true}');
  const target = createLocalTarget({ stateDirectory: root, images: new TinyStore(root) });
  const environment = environmentOf('pr-1');
  for (const use of [
    () => target.list(),
    () => target.read(environment),
    () => target.destroy(environment, quiet),
    () => target.secrets.set('tiny', 'A', 'b', [{ type: 'preview' }]),
    () => target.secrets.list('tiny'),
    async () => createLocalForge(root, 'tiny'),
  ])
    await expect(use()).rejects.toThrow(/FL4001: .* newer Fairlead \(format 99; this one knows 1\)/);
  expect(readdirSync(root)).toEqual(['version.json']);
  expect(readFileSync(join(root, 'version.json'), 'utf8')).toBe('{"version":99,"more":true}');
});

test('reading makes nothing where nothing is', async () => {
  const stateDirectory = join(root, 'absent');
  const target = createLocalTarget({ stateDirectory, images: new TinyStore(root) });
  expect(await target.list()).toEqual([]);
  expect(await target.read(environmentOf('pr-1'))).toBeUndefined();
  expect(await target.destroy(environmentOf('pr-1'), quiet)).toEqual({ removed: [], left: [] });
  expect(readdirSync(root)).toEqual([]);
});

test('what is in the state directory is for the user alone, also where others may pass through', async () => {
  mkdirSync(join(root, 'store'), { mode: 0o755 });
  const target = createLocalTarget({ stateDirectory: root, images: new TinyStore(root) });
  await target.secrets.set('tiny', 'A', 'b', [{ type: 'preview' }]);
  await createLocalLock(root).hold(environmentOf('pr-1'), async () => {});
  const readable = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (path) => (statSync(join(root, path)).mode & 0o077) !== 0,
  );
  expect(readable).toEqual([]);
  expect(readdirSync(root)).toEqual(expect.arrayContaining(['apps', 'locks.db', 'store', 'version.json']));
});

test('what cannot be a directory is refused with its path', async () => {
  writeFileSync(join(root, 'file'), '');
  const store = new TinyStore(join(root, 'images'));
  const target = createLocalTarget({ stateDirectory: join(root, 'file', 'state'), images: store });
  const app = { version: 'one' };
  const plan = planOf(store.build(app, { ...tinyGraph(app), secrets: [] }), environmentOf('pr-1'));
  await expect(target.apply(plan, quiet)).rejects.toThrow(/FL4003: .*file\/state/);
});

// Root may write anywhere.
(process.getuid?.() === 0 ? test.skip : test)('an unwritable directory is refused', () => {
  mkdirSync(join(root, 'state'), { mode: 0o500 });
  expect(() => openState(join(root, 'state'))).toThrow(/FL4003: .*state/);
  chmodSync(join(root, 'state'), 0o700);
});

test.each([
  ['ENOSPC', /FL4002: the disk is full: \/some\/file/],
  ['EDQUOT', /FL4002/],
  ['EACCES', /FL4003: \/some\/file cannot be used: the reason/],
  ['EROFS', /FL4003/],
  ['EBADF', /^the reason$/],
])('%s is told as %s', (code, message) => {
  expect((stateError(Object.assign(new Error('the reason'), { code }), '/some/file') as Error).message).toMatch(
    message,
  );
});

test('a file is written whole or not at all', () => {
  const path = join(root, 'a.json');
  writeJson(path, { first: true });
  mkdirSync(`${path}.${process.pid}.tmp`);
  expect(() => writeJson(path, { second: true })).toThrow();
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ first: true });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test.each(['{"version"', 'null', '[]', '{"version":99}', '{"environment":"pr-1"}'])(
  'a damaged file is named, not taken for none: %s',
  async (content) => {
    const directory = openState(root).environment(environmentOf('pr-1'));
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'environment.json'), content);
    const target = createLocalTarget({ stateDirectory: root, images: new TinyStore(root) });
    const damaged = /FL4004: .*environment.json is damaged/;
    await expect(target.read(environmentOf('pr-1'))).rejects.toThrow(damaged);
    await expect(target.list()).rejects.toThrow(damaged);
  },
);

test('keys are the same every time, differ by purpose and are readable for the user alone', () => {
  const state = openState(root);
  const keys = openKeys(state);
  expect(openKeys(state)('password', 'a')).toBe(keys('password', 'a'));
  const all = [keys('password', 'a'), keys('password', 'b'), keys('passworda'), keysFrom('other')('password', 'a')];
  expect(new Set(all).size).toBe(all.length);
  expect(keys('password', 'a')).toMatch(/^[\w-]{43}$/);
  expect(statSync(join(root, 'master.key')).mode & 0o777).toBe(0o600);
});
