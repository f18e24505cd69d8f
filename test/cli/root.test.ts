import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { rootOf } from '../../cli/root.ts';
import { directoryWith, fairlead } from './fairlead.ts';

const app = directoryWith({
  'package.json': '{"name":"tiny","type":"module"}',
  'encore.app': '{}',
  'orders/deep/orders.ts':
    "import { api } from 'encore.dev/api';\nexport const a = api({ path: 'x' }, async () => {});\n",
  'tools/package.json': '{}',
  'tools/src/a.ts': '',
  'other/fairlead.json': '{}',
});
const bare = directoryWith({ 'package.json': '{"name":"bare"}', 'orders/a.ts': '' });

afterAll(() => {
  app.remove();
  bare.remove();
});

test.each([
  ['the root', '.', '.'],
  ['a directory in it', 'orders/deep', '.'],
  ['a package in it', 'tools', 'tools'],
  ['a directory of that package', 'tools/src', 'tools/src'],
  ['another application', 'other', 'other'],
])('from %s', (_, from, root) => {
  expect(rootOf(app.path, from)).toBe(join(app.path, root));
});

test('without encore.app or fairlead.json a directory is not left', () => {
  expect(rootOf(join(bare.path, 'orders'))).toBe(join(bare.path, 'orders'));
  expect(rootOf('/no/such/place')).toBe('/no/such/place');
});

test('a command in a subdirectory is one of the application, with places relative to where it is run', async () => {
  const { code, stdout } = await fairlead(['check'], { cwd: join(app.path, 'orders') });
  expect(code).toBe(1);
  expect(stdout).toMatch(/FL1303/);
  expect(stdout).toMatch(/^deep\/orders\.ts/m);
});
