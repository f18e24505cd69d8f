import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { hashSource, readSource } from '../../../images/mod.ts';
import { directory } from '../sample.ts';

const files = { 'package.json': '{}', 'orders/orders.ts': 'export {}', 'orders/migrations/1_a.up.sql': 'SELECT 1' };

function git(cwd: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.com', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...identity, ...args], { cwd, encoding: 'utf8' }).trim();
}

test('the same files have the same hash wherever they are', async () => {
  await using one = await directory(files);
  await using two = await directory(Object.fromEntries(Object.entries(files).reverse()));
  expect(await hashSource(one.path)).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(await hashSource(two.path)).toBe(await hashSource(one.path));
});

const changes: [string, boolean, (root: string) => Promise<unknown>][] = [
  ['a changed file', true, (root) => writeFile(join(root, 'orders/orders.ts'), 'export { }')],
  ['a new file', true, (root) => writeFile(join(root, 'orders/b.ts'), '')],
  ['a removed file', true, (root) => rm(join(root, 'orders/orders.ts'))],
  ['a renamed file', true, (root) => rename(join(root, 'orders/orders.ts'), join(root, 'orders/b.ts'))],
  ['a link', true, (root) => symlink('orders.ts', join(root, 'orders/c.ts'))],
  ['a link in a circle', true, (root) => symlink('..', join(root, 'orders/up'))],
  ['a link to nowhere', true, (root) => symlink('/nowhere', join(root, 'nowhere'))],
  ['an executable bit', false, (root) => chmod(join(root, 'orders/orders.ts'), 0o755)],
  ['an empty directory', false, (root) => mkdir(join(root, 'empty'))],
  ['a secret', false, (root) => writeFile(join(root, '.secrets.local.json'), '{}')],
  ['an environment file', false, (root) => writeFile(join(root, 'orders/.env.local'), 'A=1')],
  ...['node_modules', '.git', 'encore.gen', 'dist', 'orders/node_modules'].map(
    (name): [string, boolean, (root: string) => Promise<unknown>] => [
      name,
      false,
      async (root) => {
        await mkdir(join(root, name), { recursive: true });
        await writeFile(join(root, name, 'a.ts'), '');
      },
    ],
  ),
];

test.each(changes)('%s: counts is %s', async (_, counts, change) => {
  await using root = await directory(files);
  const before = await hashSource(root.path);
  await change(root.path);
  expect((await hashSource(root.path)) !== before).toBe(counts);
});

test('what a link leads to outside is not read', async () => {
  await using outside = await directory({ 'a.ts': '1' });
  await using root = await directory(files);
  await symlink(outside.path, join(root.path, 'linked'));
  const before = await hashSource(root.path);
  await writeFile(join(outside.path, 'a.ts'), '2');
  expect(await hashSource(root.path)).toBe(before);
});

test('the commit is named when the directory is exactly what it holds', async () => {
  await using repository = await directory({
    'shop/package.json': '{}',
    'shop/.gitignore': 'ignored\n',
    'readme.md': '',
  });
  const root = join(repository.path, 'shop');
  const commitOf = async () => (await readSource(root)).commit;
  expect(await commitOf()).toBeUndefined();
  git(repository.path, 'init', '-q');
  expect(await commitOf()).toBeUndefined();
  git(repository.path, 'add', '.');
  expect(await commitOf()).toBeUndefined();
  git(repository.path, 'commit', '-q', '-m', 'one');
  const head = git(repository.path, 'rev-parse', 'HEAD');
  expect(await commitOf()).toBe(head);
  await writeFile(join(repository.path, 'readme.md'), 'elsewhere');
  await mkdir(join(root, 'ignored'));
  await writeFile(join(root, 'ignored/package.json'), '{}');
  expect(await commitOf()).toBe(head);
  expect((await readSource(join(root, 'ignored'))).commit).toBeUndefined();
  await writeFile(join(root, 'new.ts'), '');
  expect(await commitOf()).toBeUndefined();
});
