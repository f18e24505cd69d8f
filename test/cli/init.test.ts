import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { directoryWith, fairlead } from './fairlead.ts';

const service = "import { api } from 'encore.dev/api';\n";
let shop: ReturnType<typeof directoryWith>;
beforeEach(() => {
  shop = directoryWith({
    'package.json': '{"name":"shop"}',
    'package-lock.json': '{}',
    'orders/orders.ts': service,
  });
  execFileSync('git', ['init', '--quiet', '-b', 'main', shop.path]);
});
afterEach(() => shop.remove());

const init = (...args: string[]) => fairlead(['init', ...args], { cwd: shop.path });
const names = ['cleanup', 'preview', 'production', 'rollback'].map((name) => `fairlead-${name}.yml`);
const place = () => join(shop.path, '.github/workflows');
const preview = () => join(place(), 'fairlead-preview.yml');

test('writes the workflows once, and says what to do next', async () => {
  const { code, stdout } = await init('--target', 'local');
  expect([code, readdirSync(place()).sort()]).toEqual([0, names]);
  expect(stdout).toMatch(/^shop in ., npm with package-lock.json\n {2}\+ .github\/workflows\/fairlead-preview.yml\n/);
  expect(
    stdout
      .trim()
      .split('\n')
      .slice(-3)
      .map((line) => line.slice(0, 3)),
  ).toEqual(['1. ', '2. ', '3. ']);
  expect(stdout).toContain('\n3. Commit the files on a branch and open a pull request with them');
  const before = readFileSync(preview(), 'utf8');
  const again = await init('--target', 'local');
  expect([again.code, again.stdout.trim().split('\n').at(-1)]).toEqual([
    0,
    'Everything is there already; nothing changed.',
  ]);
  expect(readFileSync(preview(), 'utf8')).toBe(before);
});

test('replaces what somebody changed only when forced, and shows the difference', async () => {
  await init('--target', 'local');
  const own = `${readFileSync(preview(), 'utf8')}# mine\n`;
  writeFileSync(preview(), own);
  const refused = await init('--target', 'local', '--forks');
  expect([refused.code, readFileSync(preview(), 'utf8'), readdirSync(place()).sort()]).toEqual([
    1,
    own,
    [...names, 'fairlead-fork-preview.yml'].sort(),
  ]);
  expect(refused.stdout).toContain('    -# mine\n');
  expect(refused.stdout).toContain(
    'The new file was written. Somebody has changed .github/workflows/fairlead-preview.yml:',
  );
  const forced = await init('--target', 'local', '--forks', '--force', '--json');
  expect([forced.code, JSON.parse(forced.stdout)]).toMatchObject([
    0,
    {
      kind: 'written',
      files: [
        { file: '.github/workflows/fairlead-preview.yml', state: 'changed' },
        { state: 'current' },
        { state: 'current' },
        { state: 'current' },
        { file: '.github/workflows/fairlead-fork-preview.yml', state: 'current' },
      ],
    },
  ]);
  expect(readFileSync(preview(), 'utf8')).not.toContain('# mine');
});

test('a file that calls the kit under another name is the one to compare, broken or not', async () => {
  await init('--target', 'local');
  renameSync(preview(), join(place(), 'preview.yml'));
  const renamed = [...names.filter((name) => name !== 'fairlead-preview.yml'), 'preview.yml'].sort();
  const again = await init();
  expect([again.code, readdirSync(place()).sort()]).toEqual([0, renamed]);
  expect(again.stdout).toContain('  = .github/workflows/preview.yml\n');
  writeFileSync(join(place(), 'preview.yml'), `${readFileSync(join(place(), 'preview.yml'), 'utf8')}x: {\n`);
  const broken = await init();
  expect([broken.code, readdirSync(place()).sort()]).toEqual([1, renamed]);
  expect(broken.stdout).toContain('    -x: {\n');
});

test('what calls a workflow from two files is left alone', async () => {
  await init('--target', 'local');
  copyFileSync(preview(), join(place(), 'preview.yml'));
  const { code, stdout, stderr } = await init();
  expect([code, stdout.includes('preview.yml')]).toEqual([0, false]);
  expect(stderr).toContain(
    'preview.yml is called in .github/workflows/fairlead-preview.yml, .github/workflows/preview.yml',
  );
});

test('again, it takes the target of the files that are there', async () => {
  await init('--target', 'gcp');
  const { code, stdout } = await init('--json');
  expect([code, JSON.parse(stdout)]).toMatchObject([0, { kind: 'unchanged', target: 'gcp' }]);
});

test('--app is relative to where the user is, and wants services', async () => {
  mkdirSync(join(shop.path, 'apps/blog/posts'), { recursive: true });
  writeFileSync(join(shop.path, 'apps/blog/package.json'), '{"name":"blog"}');
  const from = (...args: string[]) =>
    fairlead(['init', '--target', 'local', '--json', ...args], { cwd: join(shop.path, 'apps/blog') });
  expect(JSON.parse((await from('--app', '.')).stdout).diagnostics[0].code).toBe('FL6302');
  writeFileSync(join(shop.path, 'apps/blog/posts/posts.ts'), service);
  expect(JSON.parse((await from('--app', '.')).stdout).applications).toMatchObject([{ directory: 'apps/blog' }]);
  expect(JSON.parse((await from('--app', '../..')).stdout).applications).toMatchObject([{ directory: '.' }]);
});

test('a dry run writes nothing', async () => {
  const { code, stdout } = await init('--target', 'local', '--dry-run', '--json');
  expect([code, JSON.parse(stdout).kind]).toEqual([0, 'dry-run']);
  expect(() => readdirSync(place())).toThrow();
});

test('takes the target from fairlead.json, and wants to be told one else', async () => {
  const without = await init('--json');
  expect([without.code, JSON.parse(without.stdout).diagnostics[0].code]).toEqual([1, 'FL6305']);
  writeFileSync(join(shop.path, 'fairlead.json'), '{"target":"local"}');
  expect((await init()).code).toBe(0);
  writeFileSync(join(shop.path, 'fairlead.json'), '{"target":"moon"}');
  const wrong = await init('--json');
  expect([wrong.code, JSON.parse(wrong.stdout).diagnostics[0].code]).toEqual([1, 'FL3003']);
});

test('a target that is not there yet is warned of, and so is a missing lockfile', async () => {
  execFileSync('rm', [join(shop.path, 'package-lock.json')]);
  const later = await init('--target', 'gcp', '--dry-run');
  expect(later.stderr).toContain('The target gcp is not there yet');
  const { code, stderr } = await init('--target', 'aws', '--region', 'eu-west-1');
  expect(code).toBe(0);
  expect(stderr).not.toContain('not there yet');
  expect(stderr).toContain('has no lockfile');
  expect(readFileSync(preview(), 'utf8')).toContain('      region: eu-west-1\n');
});

test('follows the default branch of the remote, from wherever it is started', async () => {
  const git = (...args: string[]) => execFileSync('git', ['-C', shop.path, ...args]);
  git('remote', 'add', 'origin', 'https://github.com/acme/shop.git');
  git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/trunk');
  const { code } = await fairlead(['init', '--target', 'local', '-C', join(shop.path, 'orders')]);
  expect(code).toBe(0);
  expect(readFileSync(join(place(), 'fairlead-production.yml'), 'utf8')).toContain('branches: [trunk]');
});

test('without a remote it follows the branch that there is, says so, and asks when there are two', async () => {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', shop.path, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args]);
  git('checkout', '--quiet', '-b', 'trunk');
  const only = await init('--target', 'local');
  expect([only.code, only.stdout]).toEqual([0, expect.stringContaining('Production follows the branch trunk.\n')]);
  expect(readFileSync(join(place(), 'fairlead-production.yml'), 'utf8')).toContain('branches: [trunk]');
  git('commit', '--quiet', '--allow-empty', '-m', 'Begin');
  git('branch', 'main');
  const asked = JSON.parse((await init('--target', 'local', '--json')).stdout).diagnostics[0];
  expect([asked.code, asked.help]).toEqual(['FL6305', expect.stringContaining('--branch')]);
});

test('outside of a repository, and without an application, it says so', async () => {
  const bare = directoryWith({ 'package.json': '{"name":"lib"}' });
  try {
    const run = async () =>
      JSON.parse((await fairlead(['init', '--target', 'local', '--json'], { cwd: bare.path })).stdout).diagnostics[0]
        .code;
    expect(await run()).toBe('FL6301');
    execFileSync('git', ['init', '--quiet', '-b', 'main', bare.path]);
    expect(await run()).toBe('FL6302');
  } finally {
    bare.remove();
  }
});

test.each([
  ['.github', 'elsewhere'],
  ['.github/workflows', '../elsewhere'],
  ['.github/workflows/fairlead-rollback.yml', '../../elsewhere/rollback.yml'],
])('nothing is written where the link %s leads', async (link, to) => {
  mkdirSync(join(shop.path, 'elsewhere'));
  mkdirSync(dirname(join(shop.path, link)), { recursive: true });
  symlinkSync(to, join(shop.path, link));
  const { code, stdout } = await init('--target', 'local', '--force', '--json');
  expect([code, JSON.parse(stdout).diagnostics[0].code]).toEqual([1, 'FL6312']);
  expect(readdirSync(join(shop.path, 'elsewhere'))).toEqual([]);
  expect(existsSync(preview())).toBe(false);
});
