import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { directoryWith, ended, type fairlead as Fairlead, start } from './fairlead.ts';
import { tinyApplication } from './tiny.ts';

const app = tinyApplication();
/** The cache directory, where the command makes its temporary ones. */
const temporary = mkdtempSync(join(tmpdir(), 'fairlead-diff-'));
const door = join(app.path, 'door/door.ts');

const fairlead: typeof Fairlead = (args, options = {}) =>
  ended(start(args, { cwd: app.path, ...options, env: { FAIRLEAD_CACHE_DIR: temporary, ...options.env } }));
const checkouts = () => (existsSync(join(temporary, 'checkouts')) ? readdirSync(join(temporary, 'checkouts')) : []);
const diff = (...args: string[]) => fairlead(['graph', 'diff', ...args, '--quiet']);
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', ...args], {
    cwd: app.path,
    encoding: 'utf8',
  });

beforeAll(async () => {
  git('init', '-q', '-b', 'main');
  writeFileSync(join(app.path, 'LICENSE'), 'None');
  writeFileSync(join(app.path, '.gitignore'), 'encore.gen\nnode_modules\n*.json\n!package.json\n!tsconfig.json\n');
  git('add', '.');
  git('commit', '-qm', 'One');
  git('tag', 'v1');
  await fairlead(['graph', '--format', 'json', '-o', 'v1.json', '--quiet']);
  writeFileSync(
    door,
    readFileSync(door, 'utf8')
      .replace('expose: true', 'expose: false')
      .replace('return greeter', 'return await greeter'),
  );
  writeFileSync(
    join(app.path, 'greeter/greeter.ts'),
    readFileSync(join(app.path, 'greeter/greeter.ts'), 'utf8')
      .replace("const seal = secret('Seal');\n", '')
      .replace(' + seal()', ''),
  );
  writeFileSync(
    join(app.path, 'greeter/topic.ts'),
    "import { Topic } from 'encore.dev/pubsub';\nexport const greeted = new Topic<{ name: string }>('greeted', { deliveryGuarantee: 'at-least-once' });\n",
  );
});
afterAll(() => {
  app.remove();
  rmSync(temporary, { recursive: true });
});

const text = (before: string, after: string) => `From ${before} to ${after}:
  ~ endpoint door.hello (private) is no longer reachable from outside (door/door.ts:5)
  + topic greeted is added (greeter/topic.ts:2)
  - secret Seal is removed (greeter/greeter.ts:6)
  - service greeter may no longer read secret Seal (greeter/greeter.ts:9)

1 added, 1 changed, 2 removed
`;

test('a revision and the working tree', async () => {
  const before = git('status', '--porcelain', '--ignored');
  expect(await diff('v1')).toEqual({ code: 0, stdout: text('v1', 'the working tree'), stderr: '' });
  expect(git('status', '--porcelain', '--ignored')).toBe(before);
  expect(git('worktree', 'list').trim().split('\n')).toHaveLength(1);
  expect(checkouts()).toEqual([]);
});

test('a file and the working tree, or two files', async () => {
  expect((await diff('v1.json')).stdout).toBe(text('v1.json', 'the working tree'));
  expect((await diff('v1.json', 'v1.json')).stdout).toBe('No differences from v1.json to v1.json.\n');
});

test('a file and the revision it was made of are the same', async () => {
  expect((await diff('v1.json', 'main')).stdout).toBe('No differences from v1.json to main.\n');
});

test('variables of a git hook and other directories change nothing', async () => {
  const env = { GIT_DIR: '.git', GIT_INDEX_FILE: '.git/index', GIT_PREFIX: 'door/' };
  const { stdout } = await fairlead(['-C', '..', 'graph', 'diff', 'v1', '--quiet'], {
    cwd: join(app.path, 'door'),
    env,
  });
  expect(stdout).toBe(text('v1', 'the working tree'));
});

test('as JSON, a removal says where it was', async () => {
  const { stdout } = await diff('v1', '--json');
  const { before, after, changes } = JSON.parse(stdout);
  expect({ before, after }).toEqual({ before: 'v1', after: 'the working tree' });
  expect(changes.find(({ kind }: { kind: string }) => kind === 'secret')).toMatchObject({
    action: 'remove',
    subject: 'Seal',
    formerPosition: { file: 'greeter/greeter.ts', line: 6 },
  });
});

test('as Markdown', async () => {
  expect((await diff('v1', '--format', 'markdown')).stdout).toBe(`### Infrastructure from \`v1\` to \`the working tree\`

**Added**

- topic greeted is added (\`greeter/topic.ts:2\`)

**Changed**

- endpoint door.hello \\(private\\) is no longer reachable from outside (\`door/door.ts:5\`)

**Removed**

- secret Seal is removed (\`greeter/greeter.ts:6\`)
- service greeter may no longer read secret Seal (\`greeter/greeter.ts:9\`)
`);
});

test('--exit-code says by the exit code whether there are differences', async () => {
  expect((await diff('v1', '--exit-code')).code).toBe(1);
  expect((await diff('v1', 'v1', '--exit-code')).code).toBe(0);
});

test('--output writes to a file', async () => {
  await diff('v1', '--output', 'changes.json', '--format', 'json');
  expect(JSON.parse(readFileSync(join(app.path, 'changes.json'), 'utf8')).changes).toHaveLength(4);
});

test.each([
  [['nowhere'], /^error FL5016: there is no revision and no file nowhere$/m],
  [['--', '--upload-pack=x'], /^error FL5016: there is no revision and no file --upload-pack=x$/m],
  [['package.json'], /^error FL5017: package\.json holds no graph: /m],
  [['LICENSE'], /^error FL5016: there is no revision LICENSE\nhelp: .* The file is \.\/LICENSE\.$/m],
  [['door/door.ts'], /^error FL5017: door\/door\.ts cannot be read as JSON: /m],
])('%j cannot be compared', async (args, message) => {
  const { code, stderr } = await fairlead(['--quiet', 'graph', 'diff', ...args]);
  expect(code).toBe(1);
  expect(stderr).toMatch(message);
});

test.each([
  [['v1', '--format', 'svg'], /Allowed choices are text, json, markdown/],
  [['v1', '--service', 'door'], /unknown option '--service'/],
  [[], /missing required argument 'before'/],
])('%j is a wrong command line', async (args, message) => {
  const { code, stderr } = await diff(...args);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});

test('a graph of the former version says what to do', async () => {
  writeFileSync(join(app.path, 'old.json'), '{"version":1,"application":"tiny"}');
  const { code, stderr } = await diff('old.json');
  expect(code).toBe(1);
  expect(stderr).toBe(
    'error FL5017: old.json holds a graph of version 1, and this Fairlead reads version 2\n' +
      'help: Write it again with "fairlead graph --format json", or name the git revision it was made of.\n',
  );
});

test('types come from the packages of the working tree, of a workspace from the revision', async () => {
  const packages = join(app.path, 'node_modules');
  const files: [string, string][] = [
    ['node_modules/prices/package.json', '{"name":"prices","types":"index.d.ts"}'],
    ['node_modules/prices/index.d.ts', 'export interface Price { cents: number }'],
    ['shared/package.json', '{"name":"@tiny/shared","types":"index.d.ts"}'],
    ['shared/index.d.ts', 'export interface Shared { first: string }'],
  ];
  for (const [file, content] of files) {
    mkdirSync(join(app.path, file, '..'), { recursive: true });
    writeFileSync(join(app.path, file), content);
  }
  mkdirSync(join(packages, '@tiny'));
  symlinkSync('../../shared', join(packages, '@tiny/shared'));
  writeFileSync(
    join(app.path, 'door/price.ts'),
    `import { api } from 'encore.dev/api';
import type { Shared } from '@tiny/shared';
import type { Price } from 'prices';
export const price = api({ path: '/price' }, async (): Promise<Price & Shared> => ({ cents: 1, first: '' }));
`,
  );
  git('add', '.', '-f', 'shared');
  git('commit', '-qm', 'Two');
  writeFileSync(join(app.path, 'shared/index.d.ts'), 'export interface Shared { first: string; second?: string }');
  const { stdout, stderr } = await diff('HEAD');
  expect({ stderr, stdout }).toEqual({
    stderr: '',
    stdout: expect.stringMatching(
      /^ {2}~ endpoint door\.price \(private\) response .*second.* \(door\/price\.ts:4\)$/m,
    ),
  });
});

test('a revision that does not analyze says so, without places in other sources', async () => {
  writeFileSync(door, `${readFileSync(door, 'utf8')}\nexport const twice = api({ path: 3 }, async () => {});\n`);
  git('commit', '-qam', 'Three');
  const { code, stderr } = await diff('HEAD', 'v1.json');
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error FL1\d{3}: HEAD: .* \(door\/door\.ts:\d+\)$/m);
  expect(checkouts()).toEqual([]);
});

test('a signal leaves nothing behind', async () => {
  const child = start(['graph', 'diff', 'v1', 'v1'], { cwd: app.path, env: { FAIRLEAD_CACHE_DIR: temporary } });
  const done = ended(child);
  while (checkouts().length === 0) await setTimeout(5);
  child.kill('SIGINT');
  await setTimeout(350);
  child.kill('SIGINT');
  expect((await done).code).not.toBe(0);
  expect(checkouts()).toEqual([]);
});

test('what a killed process left is removed, and what is another one’s stays', async () => {
  const child = start(['graph', 'diff', 'v1', 'v1'], { cwd: app.path, env: { FAIRLEAD_CACHE_DIR: temporary } });
  const done = ended(child);
  while (checkouts().length === 0) await setTimeout(5);
  const [left] = checkouts();
  child.kill('SIGKILL');
  await done;
  mkdirSync(join(temporary, 'checkouts/elsewhere-1-2-x'));
  expect(checkouts()).toEqual([left, 'elsewhere-1-2-x'].sort());
  await diff('v1', 'v1');
  expect(checkouts()).toEqual(['elsewhere-1-2-x']);
  rmSync(join(temporary, 'checkouts/elsewhere-1-2-x'), { recursive: true });
});

test('a file is not compared in place of the revision of its name', async () => {
  for (const name of ['v1', 'tag.json']) writeFileSync(join(app.path, name), '{}');
  git('tag', 'tag.json', 'v1');
  expect((await diff('v1', 'tag.json')).stdout).toBe('No differences from v1 to tag.json.\n');
  expect((await diff('./tag.json')).stderr).toMatch(/^error FL5017: /m);
  for (const name of ['v1', 'tag.json']) rmSync(join(app.path, name));
});

test('an application without a name is called the same in a revision', async () => {
  const nameless = directoryWith({
    'package.json': '{"type":"module"}',
    'api.ts': "import { api } from 'encore.dev/api';\nexport const get = api({ expose: true }, async () => {});\n",
  });
  const run = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=a@example.com', ...args], { cwd: nameless.path });
  run('init', '-q');
  run('add', '.');
  run('commit', '-qm', 'One');
  const { stdout, stderr } = await fairlead(['graph', 'diff', 'HEAD', '--quiet'], { cwd: nameless.path });
  nameless.remove();
  expect({ stdout, stderr }).toEqual({ stdout: 'No differences from HEAD to the working tree.\n', stderr: '' });
});

test('nothing is read or written where a link of the revision leads', async () => {
  const repository = directoryWith({
    'backend/package.json': '{"name":"app"}',
    'backend/node_modules/foo/package.json': '{}',
  });
  const outside = directoryWith({ 'package.json': '{"name":"app"}' });
  const run = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=a@example.com', ...args], { cwd: repository.path });
  run('init', '-q', '-b', 'main');
  run('add', 'backend/package.json');
  run('commit', '-qm', 'One');
  run('checkout', '-qb', 'linked');
  run('rm', '-rq', '--cached', 'backend');
  rmSync(join(repository.path, 'backend'), { recursive: true });
  symlinkSync(outside.path, join(repository.path, 'backend'));
  run('add', 'backend');
  run('commit', '-qm', 'Two');
  run('checkout', '-q', 'main');
  mkdirSync(join(repository.path, 'backend/node_modules/foo'), { recursive: true });
  const { code, stderr } = await fairlead(['-C', 'backend', 'graph', 'diff', 'linked', '--quiet'], {
    cwd: repository.path,
  });
  const files = readdirSync(outside.path);
  for (const one of [repository, outside]) one.remove();
  expect({ code, files }).toEqual({ code: 1, files: ['package.json'] });
  expect(stderr).toMatch(/^error FL5016: in the revision linked, backend is a link/m);
});

test('packages in the temporary directory of the system mean nothing', async () => {
  const shared = directoryWith({
    'node_modules/@types/rogue/index.d.ts': 'interface Rogue { stolen: string }',
    'node_modules/rogue/package.json': '{"name":"rogue","types":"index.d.ts"}',
  });
  const child = start(['graph', 'diff', 'v1', 'v1'], {
    cwd: app.path,
    env: { FAIRLEAD_CACHE_DIR: temporary, TMPDIR: shared.path },
  });
  const done = ended(child);
  while (checkouts().length === 0) await setTimeout(5);
  expect(readdirSync(shared.path)).toEqual(['node_modules']);
  await done;
  const { stderr } = await fairlead(['graph', 'diff', 'v1', 'v1', '--quiet'], {
    env: { FAIRLEAD_CACHE_DIR: join(shared.path, 'node_modules/.cache'), XDG_CACHE_HOME: temporary },
    cwd: app.path,
  });
  expect(stderr).toBe('');
  expect(readdirSync(join(shared.path, 'node_modules/.cache'))).not.toContain('checkouts');
  shared.remove();
});
