import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type FakeGitHub, fakeGitHub } from '../fakes/github/fake.ts';
import { type Listening, listen } from '../fakes/github/server.ts';
import { directoryWith, fairlead } from './fairlead.ts';

const shop = directoryWith({
  'package.json': '{"name":"shop"}',
  'orders/orders.ts': "import { api } from 'encore.dev/api';\n",
});
let fake: FakeGitHub;
let server: Listening;
beforeAll(async () => {
  execFileSync('git', ['init', '--quiet', '-b', 'main', shop.path]);
  execFileSync('git', ['-C', shop.path, 'remote', 'add', 'origin', 'git@github.com:ada/shop.git']);
  fake = fakeGitHub();
  server = await listen(fake);
});
afterAll(async () => {
  await server.close();
  shop.remove();
});

const bare = { GITHUB_TOKEN: '', GH_TOKEN: '', PATH: '/usr/bin:/bin' };
const run = (args: string[], env: Record<string, string> = bare) =>
  fairlead(['bootstrap', ...args], { cwd: shop.path, env });

test('asks GitHub for the numbers, with a token', async () => {
  const repository = fake.world.createRepository('ada/shop');
  const { value } = fake.world.tokens.issue({ repository: 'ada/shop', permissions: { contents: 'read' } });
  const { code, stdout } = await run(['aws', '--json'], { ...bare, GITHUB_TOKEN: value, GITHUB_API_URL: server.url });
  const { repository: found, template } = JSON.parse(stdout);
  expect([code, found]).toEqual([
    0,
    { owner: 'ada', name: 'shop', id: repository.id, ownerId: repository.owner.id, defaultBranch: 'main' },
  ]);
  expect(JSON.stringify(template)).toContain(`"token.actions.githubusercontent.com:repository_id":"${repository.id}"`);
  const unseen = await run(['aws', '--repository', 'ada/none', '--json'], {
    ...bare,
    GITHUB_TOKEN: value,
    GITHUB_API_URL: server.url,
  });
  expect(JSON.parse(unseen.stdout).diagnostics[0].code).toBe('FL6304');
  fake.expectNoViolations();
});

test('prints a template that can be piped, from numbers alone', async () => {
  const { code, stdout, stderr } = await run(['aws', '--repository-id', '7', '--owner-id', '8']);
  expect([code, JSON.parse(stdout).AWSTemplateFormatVersion]).toEqual([0, '2010-09-09']);
  expect(stderr).toContain('Nothing was changed.');
});

test('prints a script that a shell understands', async () => {
  const { code, stdout } = await run(['gcp', '--project', 'acme-shop', '--repository-id', '7', '--owner-id', '8']);
  expect(code).toBe(0);
  execFileSync('sh', ['-n'], { input: stdout });
});

test.each([
  [['aws'], 'FL6304'],
  [['aws', '--repository', 'shop'], 'FL6303'],
  [['aws', '--repository-id', '7', '--owner-id', '8', '--app', 'orders'], 'FL6305'],
  [['aws', '--repository-id', '7', '--owner-id', '8', '--apply'], 'FL6305'],
  [['gcp', '--project', 'Acme', '--repository-id', '7', '--owner-id', '8'], 'FL6306'],
])('%j is %s', async (args, expected) => {
  const { code, stdout } = await run([...args, '--json'], { ...bare, AWS_REGION: '', AWS_DEFAULT_REGION: '' });
  expect([code, JSON.parse(stdout).diagnostics[0].code]).toEqual([1, expected]);
});

test('a commit of the kit is whole or refused', async () => {
  const { code, stdout } = await run(['aws', '--kit-commit', 'abc', '--json']);
  expect([code, JSON.parse(stdout).diagnostics[0].code]).toEqual([2, 'FL5001']);
});
