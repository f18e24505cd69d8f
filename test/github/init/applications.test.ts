import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { findApplications, serviceApplicationAt } from '../../../github/init/applications.ts';
import { directoryWith } from '../../cli/fairlead.ts';

const service = "import { api } from 'encore.dev/api';\n";

async function found(files: Record<string, string>) {
  const place = directoryWith(files);
  try {
    execFileSync('git', ['init', '--quiet', '-b', 'main', place.path]);
    return await findApplications(place.path);
  } finally {
    place.remove();
  }
}

const places = async (files: Record<string, string>) => (await found(files)).map(({ directory }) => directory);

test('an application in the root, with its name, its package manager and its lockfile', async () => {
  const files = { 'package.json': '{"name":"@acme/shop"}', 'orders/orders.ts': service, 'pnpm-lock.yaml': '' };
  expect(await found(files)).toEqual([
    { directory: '.', name: 'shop', packageManager: 'pnpm', lockfile: 'pnpm-lock.yaml' },
  ]);
});

test('applications of a workspace, whose lockfile is in its root', async () => {
  const files = {
    'package.json': '{"name":"root","workspaces":["apps/*","packages/*"]}',
    'package-lock.json': '{}',
    'apps/shop/package.json': '{"name":"shop"}',
    'apps/shop/orders/orders.ts': service,
    'apps/blog/package.json': '{"name":"blog"}',
    'apps/blog/posts/posts.ts': service,
    'apps/web/package.json': '{"name":"web"}',
    'apps/web/page.tsx': 'export const page = 1;\n',
    'packages/money/package.json': '{"name":"money"}',
    'packages/money/index.ts': "import log from 'encore.dev/log';\n",
  };
  expect(await found(files)).toEqual([
    { directory: 'apps/blog', name: 'blog', packageManager: 'npm', lockfile: 'package-lock.json' },
    { directory: 'apps/shop', name: 'shop', packageManager: 'npm', lockfile: 'package-lock.json' },
  ]);
});

test('a package of services within an application is part of it, unless it says that it is one itself', async () => {
  const nested = {
    'package.json': '{"name":"shop"}',
    'encore.app': '{}',
    'services/orders/package.json': '{"name":"orders"}',
    'services/orders/orders.ts': service,
  };
  expect(await places(nested)).toEqual(['.']);
  expect(await places({ ...nested, 'services/orders/fairlead.json': '{}' })).toEqual(['.', 'services/orders']);
  const { 'encore.app': _, ...unmarked } = nested;
  expect(await places(unmarked)).toEqual(['services/orders']);
  expect(await places({ ...unmarked, 'users/users.ts': service })).toEqual(['.']);
});

test('what git ignores, what is installed, tests and mere mentions make no application', async () => {
  const files = {
    '.gitignore': 'old/\n',
    'package.json': '{"name":"lib"}',
    'notes.ts': '// like encore.dev/api\n',
    'a.test.ts': service,
    'types.d.ts': service,
    'old/package.json': '{}',
    'old/a.ts': service,
    'node_modules/x/package.json': '{}',
    'node_modules/x/a.ts': service,
  };
  expect(await places(files)).toEqual([]);
});

test('a directory that is named has to hold an application of this repository', async () => {
  const place = directoryWith({
    'package.json': '{"name":"root"}',
    'apps/shop/package.json': '{"name":"shop"}',
    'apps/shop/orders/orders.ts': service,
    'apps/blog/package.json': '{"name":"blog"}',
    'apps/blog/fairlead.json': '{}',
  });
  try {
    execFileSync('git', ['init', '--quiet', '-b', 'main', place.path]);
    const code = (directory: string) => expect(serviceApplicationAt(place.path, directory)).rejects;
    expect(await serviceApplicationAt(place.path, 'apps/shop')).toMatchObject({ directory: 'apps/shop', name: 'shop' });
    expect(await serviceApplicationAt(place.path, './apps/shop/')).toMatchObject({ directory: 'apps/shop' });
    expect(await serviceApplicationAt(place.path, 'apps/blog')).toMatchObject({ directory: 'apps/blog' });
    await code('.').toThrow('FL6302');
    await code('apps').toThrow('FL6305');
    await code('..').toThrow('FL6305');
  } finally {
    place.remove();
  }
});
