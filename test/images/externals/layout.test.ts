import { expect, test } from '@jest/globals';
import { type Found, layOut } from '../../../images/externals/layout.ts';

interface Case {
  found: Found[];
  entries?: Record<string, string>;
  root?: string;
  workspace?: string;
}

function placed({ found, entries = {}, root = '/app', workspace = root }: Case): string[] {
  const nameOf = (path: string) => `${/.*node_modules\/(.*)\//.exec(path)?.[1]}@1.0.0`;
  const all = layOut({ found, entries: new Map(Object.entries(entries)), root, workspace, nameOf });
  return all.map(({ path, file, link }) => (link === undefined ? `${path} = ${file}` : `${path} -> ${link}`));
}

const files = (...paths: string[]) => paths.map((path) => ({ path }));

test('one node_modules is taken as it is, wherever it lies', () => {
  const found = files('/ws/node_modules/a/index.js', '/ws/node_modules/a/node_modules/b/index.js');
  const entries = { a: '/ws/node_modules/a' };
  const expected = [
    'node_modules/a/index.js = /ws/node_modules/a/index.js',
    'node_modules/a/node_modules/b/index.js = /ws/node_modules/a/node_modules/b/index.js',
  ];
  expect(placed({ found, entries, root: '/ws', workspace: '/ws' })).toEqual(expected);
  expect(placed({ found, entries, root: '/ws/apps/api', workspace: '/ws' })).toEqual(expected);
});

test('links stay links, also where the bundle begins', () => {
  const store = '/app/node_modules/.pnpm';
  const found = [
    ...files(`${store}/a@1/node_modules/a/index.js`, `${store}/b@1/node_modules/b/index.js`),
    { path: `${store}/a@1/node_modules/b`, target: `${store}/b@1/node_modules/b` },
  ];
  expect(placed({ found, entries: { a: `${store}/a@1/node_modules/a` } })).toEqual([
    `node_modules/.pnpm/a@1/node_modules/a/index.js = ${store}/a@1/node_modules/a/index.js`,
    'node_modules/.pnpm/a@1/node_modules/b -> ../../b@1/node_modules/b',
    `node_modules/.pnpm/b@1/node_modules/b/index.js = ${store}/b@1/node_modules/b/index.js`,
    'node_modules/a -> .pnpm/a@1/node_modules/a',
  ]);
});

test('a link to nothing that is carried is left out', () => {
  const found = [
    ...files('/app/node_modules/a/index.js'),
    { path: '/app/node_modules/b', target: '/app/node_modules/.x/b' },
  ];
  expect(placed({ found, entries: { a: '/app/node_modules/a' } })).toEqual([
    'node_modules/a/index.js = /app/node_modules/a/index.js',
  ]);
});

test('several node_modules of a workspace are mirrored, so that inner ones go before outer ones', () => {
  const found = files('/ws/node_modules/a/i.js', '/ws/node_modules/b/i.js', '/ws/apps/api/node_modules/a/i.js');
  const entries = { a: '/ws/apps/api/node_modules/a', b: '/ws/node_modules/b' };
  expect(placed({ found, entries, root: '/ws/apps/api', workspace: '/ws' })).toEqual([
    'node_modules/.carried/apps/api/node_modules/a/i.js = /ws/apps/api/node_modules/a/i.js',
    'node_modules/.carried/node_modules/a/i.js = /ws/node_modules/a/i.js',
    'node_modules/.carried/node_modules/b/i.js = /ws/node_modules/b/i.js',
    'node_modules/a -> .carried/apps/api/node_modules/a',
    'node_modules/b -> .carried/node_modules/b',
  ]);
});

test('a node_modules above an application without a workspace counts as one of it', () => {
  const found = files('/up/node_modules/b/i.js', '/up/app/node_modules/a/i.js');
  expect(placed({ found, root: '/up/app', workspace: '/up/app' })).toEqual([
    'node_modules/.carried/app/node_modules/a/i.js = /up/app/node_modules/a/i.js',
    'node_modules/.carried/node_modules/b/i.js = /up/node_modules/b/i.js',
  ]);
});

test('no name of a directory of this machine comes from a store that projects share', () => {
  const link = (path: string, target: string) => ({ path, target });
  const inStore = (store: string): Found[] => [
    ...files(
      `${store}/x1/node_modules/@s/a/i.js`,
      `${store}/x2/node_modules/b/i.js`,
      `${store}/x3/node_modules/b/i.js`,
    ),
    link(`${store}/x1/node_modules/b`, `${store}/x2/node_modules/b`),
    link('/app/node_modules/b', `${store}/x3/node_modules/b`),
  ];
  const entriesIn = (store: string) => ({ '@s/a': `${store}/x1/node_modules/@s/a`, b: `${store}/x3/node_modules/b` });
  const [one, two] = ['/home/one/store', '/var/two'].map((store) =>
    placed({ found: inStore(store), entries: entriesIn(store) }).map((line) => line.replace(/ = .*/, '')),
  );
  expect(one).toEqual(two);
  expect(one).toEqual([
    'node_modules/.carried/.store/@s+a@1.0.0/node_modules/@s/a/i.js',
    'node_modules/.carried/.store/@s+a@1.0.0/node_modules/b -> ../../b@1.0.0/node_modules/b',
    'node_modules/.carried/.store/b@1.0.0-2/node_modules/b/i.js',
    'node_modules/.carried/.store/b@1.0.0/node_modules/b/i.js',
    'node_modules/.carried/node_modules/b -> ../.store/b@1.0.0-2/node_modules/b',
    'node_modules/@s/a -> ../.carried/.store/@s+a@1.0.0/node_modules/@s/a',
    'node_modules/b -> .carried/.store/b@1.0.0-2/node_modules/b',
  ]);
});

test('a package of the workspace itself is mirrored with what it has', () => {
  const found = files('/ws/packages/db/index.js', '/ws/packages/db/node_modules/a/i.js');
  expect(placed({ found, entries: { '@ws/db': '/ws/packages/db' }, root: '/ws/app', workspace: '/ws' })).toEqual([
    'node_modules/.carried/packages/db/index.js = /ws/packages/db/index.js',
    'node_modules/.carried/packages/db/node_modules/a/i.js = /ws/packages/db/node_modules/a/i.js',
    'node_modules/@ws/db -> ../.carried/packages/db',
  ]);
});
