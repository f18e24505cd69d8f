import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openCheckout } from '../../actions/checkout.ts';
import type { Run } from '../../actions/runner.ts';
import { UserError } from '../../pipeline/mod.ts';

let workspace: string;
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'fairlead-workspace-'));
});
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

const service = "import { api } from 'encore.dev/api';\nexport const a = api({ path: '/a' }, async () => {});\n";
const report = { step: <T>(_: string, work: () => Promise<T>) => work(), info: () => {}, warn: () => {} };

function checkedOut(files: Record<string, string>) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, name)), { recursive: true });
    writeFileSync(join(workspace, name), text);
  }
  execFileSync('git', ['-C', workspace, 'init', '--quiet']);
  return openCheckout({ run: { workspace, temp: join(workspace, '.temp') } as Run, env: {}, report });
}

const shop = { 'package.json': '{"name":"shop"}', 'a/a.ts': service };
const within = (directory: string, files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${directory}/${name}`, text]));

test('the application at the root is the one that nobody has to name', async () => {
  expect(await checkedOut(shop).application('.')).toMatchObject({ name: 'shop', directory: '.' });
});

test('a directory is named as people write it', async () => {
  const { application } = checkedOut(within('apps/shop', { ...shop, 'fairlead.json': '{"name":"store"}' }));
  expect(await application('./apps/shop/')).toMatchObject({
    name: 'store',
    directory: 'apps/shop',
    config: { name: 'store' },
  });
});

test.each([
  ['nothing', {}, '.', 'FL6023: there is no application at the root of the repository'],
  [
    'one elsewhere',
    within('apps/shop', shop),
    '.',
    'FL6023: there is no application at the root of the repository, but one in `apps/shop`',
  ],
  [
    'two elsewhere',
    { 'package.json': '{"workspaces":["apps/*"]}', ...within('apps/a', shop), ...within('apps/b', shop) },
    '.',
    'FL6024: there is no application at the root of the repository, but several elsewhere: `apps/a`, `apps/b`',
  ],
  [
    'another directory',
    shop,
    'apps/shop',
    'FL6023: there is no application in `apps/shop`, but one at the root of the repository',
  ],
  [
    'a way out of the repository',
    shop,
    '../other',
    'FL6023: the input `directory` is "../other", which is not in the repository',
  ],
  ['a place of the machine', shop, '/etc', 'FL6023: the input `directory` is "/etc", which is not in the repository'],
])('%s is refused, and what to write is said', async (_, files, directory, message) => {
  const refused = await checkedOut(files)
    .application(directory)
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  expect(refused).toBeInstanceOf(UserError);
  expect((refused as UserError).message).toBe(message);
  expect((refused as UserError).diagnostics[0]?.help).toMatch(/directory|`apps\/shop`/);
});

test('a comparison needs a commit that git has', async () => {
  const { application, analyzeAt } = checkedOut(shop);
  expect(await analyzeAt('HEAD^1', await application('.'))).toBeUndefined();
});
