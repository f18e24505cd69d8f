import { execFile } from 'node:child_process';
import { readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { createStore } from '../../images/mod.ts';
import { createRelease, type Digest, type Release, UserError } from '../../pipeline/mod.ts';
import { directory, graph } from './sample.ts';

const files = (text: string) => [
  { path: 'main.mjs', bytes: Buffer.from(text) },
  { path: 'orders/1_a.up.sql', bytes: Buffer.from('SELECT 1') },
];

function release(application: string, images: Record<string, Digest> = {}, commit = 'a'): Release {
  const hash = `sha256:${'0'.repeat(64)}` as const;
  return createRelease({ version: 1, graph: graph({ application }), images, databases: {} }, { hash, commit });
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(UserError);
  return (error as UserError).diagnostics[0]!.code;
}

/** As if it had been added a day ago. */
async function age(root: string, path: string): Promise<void> {
  const yesterday = new Date(Date.now() - 86_400_000);
  await utimes(join(root, path), yesterday, yesterday);
}

test('an image is found under the digest of its files, whatever their order', async () => {
  await using root = await directory();
  const store = createStore(root.path);
  const digest = await store.putImage(files('one'));
  expect(await store.putImage(files('one').reverse())).toBe(digest);
  expect(await store.putImage(files('two'))).not.toBe(digest);
  expect(await readFile(join(store.imagePath(digest), 'main.mjs'), 'utf8')).toBe('one');
  await store.verify(digest);
  expect(await readdir(join(root.path, 'drafts'))).toEqual([]);
});

test.each(['../out', 'a/../../out', '/out', '.', '', 'a//b', '..\\out'])(
  'an image cannot hold the file %j',
  async (path) => {
    await using root = await directory();
    const store = createStore(join(root.path, 'store'));
    await expect(store.putImage([{ path, bytes: Buffer.from('') }])).rejects.toThrow('an image cannot hold the file');
    expect(await readdir(root.path)).toEqual([]);
  },
);

test('a missing and a damaged image are told apart, and putting it again mends it', async () => {
  await using root = await directory();
  const store = createStore(root.path);
  const digest = await store.putImage(files('one'));
  expect(await codeOf(store.verify(`sha256:${'1'.repeat(64)}`))).toBe('FL2101');
  await writeFile(join(store.imagePath(digest), 'main.mjs'), 'tampered');
  expect(await codeOf(store.verify(digest))).toBe('FL2102');
  await store.putImage(files('one'));
  await store.verify(digest);
  await writeFile(join(store.imagePath(digest), 'more.mjs'), '');
  expect(await codeOf(store.verify(digest))).toBe('FL2102');
  await rm(store.imagePath(digest), { recursive: true });
  expect(await codeOf(store.verify(digest))).toBe('FL2101');
});

test('many writers of one image end with one sound image', async () => {
  await using root = await directory();
  const script = `
    import { createStore } from ${JSON.stringify(join(import.meta.dirname, '../../images/store.ts'))};
    const store = createStore(${JSON.stringify(root.path)});
    const bytes = Buffer.alloc(300_000, 'x');
    const files = Array.from({ length: 10 }, (_, index) => ({ path: 'f' + index, bytes }));
    const all = await Promise.all(Array.from({ length: 5 }, () => store.putImage(files)));
    for (const digest of all) await store.verify(digest);
    console.log(all[0]);`;
  const runs = await Promise.all(
    [1, 2, 3].map(() => promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])),
  );
  expect(new Set(runs.map(({ stdout }) => stdout)).size).toBe(1);
  expect(await readdir(join(root.path, 'images'))).toHaveLength(1);
  expect(await readdir(join(root.path, 'drafts'))).toEqual([]);
});

test('releases are listed per application, the newest first', async () => {
  await using root = await directory();
  const store = createStore(root.path);
  const [one, two, other] = [release('shop', { a: 'sha256:1' }), release('shop'), release('other')];
  expect(await store.list('shop')).toEqual([]);
  for (const put of [one, two, other]) await store.put(put);
  expect(await store.list('shop')).toEqual([two, one]);
  expect(await store.get(one.digest)).toEqual(one);
  expect(await store.get(`sha256:${'1'.repeat(64)}`)).toBeUndefined();
});

test('a release that is built again is the newest, with its latest source', async () => {
  await using root = await directory();
  const store = createStore(root.path);
  const [one, two] = [release('shop', { a: 'sha256:1' }), release('shop')];
  const again = release('shop', { a: 'sha256:1' }, 'b');
  for (const put of [one, two, again]) await store.put(put);
  expect(await store.list('shop')).toEqual([again, two]);
});

test.each<[string, string, (text: string) => string]>([
  ['FL2102', 'half a file', (text) => text.slice(0, 100)],
  ['FL2102', 'nothing', () => ''],
  ['FL2102', 'another content', (text) => text.replace('"shop"', '"ship"')],
  ['FL2102', 'something else', () => 'null'],
  ['FL2103', 'a newer version', () => '{"version":2}'],
])('%s for a release that holds %s', async (code, _, change) => {
  await using root = await directory();
  const store = createStore(root.path);
  const { digest } = release('shop');
  await store.put(release('shop'));
  const path = join(root.path, 'releases', `${digest.replace(':', '-')}.json`);
  await writeFile(path, change(await readFile(path, 'utf8')));
  expect(await codeOf(store.get(digest))).toBe(code);
  expect(await codeOf(store.list('shop'))).toBe(code);
  expect(await codeOf(store.prune(() => false))).toBe(code);
});

test('prune removes what nothing refers to, and spares what is new', async () => {
  await using root = await directory();
  const store = createStore(root.path);
  const [kept, dropped, fresh, shared] = await Promise.all(
    ['kept', 'dropped', 'fresh', 'shared'].map((text) => store.putImage(files(text))),
  );
  const [stays, goes] = [release('shop', { app: kept!, b: shared! }), release('shop', { app: dropped!, b: shared! })];
  await store.put(stays);
  await store.put(goes);
  const keep = ({ digest }: Release) => digest === stays.digest;
  expect(await store.prune(keep)).toEqual({ releases: [], images: [] });

  for (const digest of [kept!, dropped!, shared!]) await age(store.imagePath(digest), '.');
  const path = join(root.path, 'releases', `${goes.digest.replace(':', '-')}.json`);
  await writeFile(path, (await readFile(path, 'utf8')).replace(/"added":\d+/, '"added":1'));
  expect(await store.prune(keep)).toEqual({ releases: [goes.digest], images: [dropped] });
  expect(await store.list('shop')).toEqual([stays]);
  for (const digest of [kept!, fresh!, shared!]) await store.verify(digest);
  expect(await codeOf(store.verify(dropped!))).toBe('FL2101');
});

test('a place that cannot be used is the error of the user', async () => {
  await using root = await directory({ file: '' });
  const store = createStore(join(root.path, 'file'));
  expect(await codeOf(store.putImage(files('one')))).toBe('FL2104');
  expect(await codeOf(store.put(release('shop')))).toBe('FL2104');
  expect(await codeOf(store.list('shop'))).toBe('FL2104');
});
