import { execFileSync } from 'node:child_process';
import { chmod, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { namedPaths } from '../../../images/bundle/named-paths.ts';
import { type ReadOptions, readByCode } from '../../../images/bundle/read-files.ts';
import { UserError } from '../../../pipeline/mod.ts';
import * as sample from '../sample.ts';

/** As `root:a/b`, with `/` where a directory may be meant and `?` where it is only mentioned. */
function named(code: string, mentions = false): string[] {
  return namedPaths(code)
    .filter(({ mentioned }) => mentions || !mentioned)
    .map(({ from, path, directory, mentioned }) => `${from}:${path}${directory ? '/' : ''}${mentioned ? '?' : ''}`);
}

test.each<[string, string[]]>([
  ['readFileSync("./graphql/schema.graphql", { encoding: "utf8" })', ['root:graphql/schema.graphql']],
  ["await readFile('mails/welcome.html')", ['root:mails/welcome.html']],
  ['express.static(`public`)', ['root:public/']],
  ['path.join(process.cwd(), "mails", \'welcome.html\')', ['root:mails/welcome.html/']],
  ["join('locales', language + '.json')", ['root:locales/']],
  ['parse<Rates>("rates.csv")', ['root:rates.csv']],
  ['import("./a.json"), require("./a.json")', []],
  ["process.cwd() + '/views'", ['root:views/']],
  [`\`\${process.cwd()}/mails/\${name}.html\``, ['root:mails/']],
  ["path.join(import.meta.dirname, '..', 'views')", ['module:../views/']],
  ["resolve(__dirname, 'views')", ['module:views/']],
  ["__dirname + '/page.ejs'", ['module:page.ejs/']],
  [`\`\${import.meta.dirname}/page.ejs\``, ['module:page.ejs/']],
  ["new URL('./schema.sql', import.meta.url)", ['root:schema.sql', 'module:schema.sql/']],
  [
    "const here = path.dirname(fileURLToPath(import.meta.url));\nconst up = join(here, '../..');\nreadFile(join(up, 'a', name))",
    ['module:../../', 'module:../../a/'],
  ],
  ["const MAILS = 'mails';\njoin(MAILS, 'hi.html')", ['root:mails/hi.html/']],
  ["const require = createRequire(import.meta.url); require('./a.json'), require('a')", ['module:a.json']],
  [`const root: string = process.cwd(); read(\`\${root}/a.txt\`)`, ['root:a.txt/']],
])('%s names %j', (code, paths) => {
  expect(named(code)).toEqual(paths);
});

test.each<[string, string[]]>([
  ['new Eta({ views: "pages" })', ['root:pages/?']],
  ["app.set('views', './web/pages')", ['root:views', 'root:web/pages/?']],
  ["const mailDir = 'mails'", ['root:mails/?']],
  ['const schema = "graphql/schema.graphql"', ['root:graphql/schema.graphql/?']],
  [`compile(\`mails/\${name}.hbs\`)`, ['root:mails/?']],
  ['import a from "./a"; export * from "./b.json"; const kind = "views", route = "/views", link = "https://a.b/c"', []],
  ['const d = "./pages"; join(import.meta.dirname, d)', ['module:pages/', 'root:pages/?', 'module:pages/?']],
])('%s mentions %j', (code, paths) => {
  expect(named(code, true)).toEqual(paths);
});

const runs = ['a', ' ', 'f(', '`a/', '"', '${', 'const a: ', 'join(__dirname ', 'Dir', '(, ', "f('a', "];
test.each(runs)('a megabyte of %j takes no time to speak of', (text) => {
  expect(namedPaths(text.repeat(1_000_000 / text.length)).length).toBeLessThan(2);
});

test('all constants of a long module are known, beside a lot of data', () => {
  const constants = Array.from({ length: 2000 }, (_, index) => `const c${index} = join(__dirname, 'd${index}');\n`);
  const code = `${constants.join('')}const data = '${'0123456789abcdef'.repeat(12_500)}';\nread(join(c1999, 'a.txt'));`;
  expect(named(code).filter((one) => !one.startsWith('root:'))).toHaveLength(2001);
  expect(named(code)).toContain('module:d1999/a.txt/');
});

async function read(files: Record<string, string>, sources: string[], elsewhere: string[] = []): Promise<string[]> {
  await using root = await sample.directory(files);
  return readIn(root.path, sources, { elsewhere });
}

async function readIn(root: string, sources: string[], options: Partial<ReadOptions> = {}): Promise<string[]> {
  const found = await readByCode({ root, workspace: root, elsewhere: [], ...options }, sources);
  return found.map(({ source }) => source);
}

async function problems(reading: Promise<unknown>): Promise<string[]> {
  const error: unknown = await reading.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof UserError)) throw error ?? new Error('nothing was refused');
  return error.diagnostics.map(({ code, message }) => `${code} ${message}`);
}

function git(directory: string, ...args: string[]): void {
  const config = ['-c', 'user.name=A', '-c', 'user.email=a@b.c', '-c', 'protocol.file.allow=always'];
  execFileSync('git', [...config, ...args], { cwd: directory, stdio: 'ignore' });
}

test('what is there counts: files that are no code, and directories without sources where one is meant', async () => {
  const files = {
    'a/a.ts':
      'read("a/schema.graphql"), read("a/a.ts"), read("a/none.txt"), readdirSync("a"), readdirSync("mails"), read("b")',
    'b/b.ts': "read('a/schema.graphql'); static('b/public')",
    'a/schema.graphql': 'type A',
    'mails/welcome.html': 'hi',
    'b/public/index.html': 'home',
  };
  expect(await read(files, ['a/a.ts', 'b/b.ts', 'tsconfig.json'])).toEqual([
    'a/schema.graphql',
    'b/public/index.html',
    'mails/welcome.html',
  ]);
  expect(await read(files, ['b/b.ts'])).toEqual(['a/schema.graphql', 'b/public/index.html']);
});

test('nothing that is outside, hidden, installed or generated counts', async () => {
  const code = `readFile("../elsewhere.txt"), readFile("/etc/hosts"), config({ path: ".env" }), read("a/.git/b"),
    read("node_modules/a/b.txt"), read("encore.gen/a.ts"), join(import.meta.dirname, '../..'), join(process.cwd(), '.')`;
  const files = { 'a/a.ts': code, '.env': '', 'a/.git/b': '', 'node_modules/a/b.txt': '', 'encore.gen/a.ts': '' };
  expect(await read(files, ['a/a.ts'])).toEqual([]);
});

test('a module also names what lies beside it', async () => {
  const code =
    "join(import.meta.dirname, 'views'), new URL('../common/page.html', import.meta.url), readFile('page.txt')";
  const files = { 'a/a.ts': code, 'a/views/a.ejs': '', 'common/page.html': '', 'a/page.txt': '' };
  expect(await read(files, ['a/a.ts'])).toEqual(['a/views/a.ejs', 'common/page.html']);
});

test('what is only mentioned counts but for what images have otherwise, and what git ignores', async () => {
  const code = "const o = { views: 'pages', dest: './uploads/new', migrations: './migrations', data: 'a/data.json' }";
  const files = {
    '.gitignore': 'uploads\n',
    'a.ts': code,
    'pages/a.ejs': '',
    'uploads/new/a.png': '',
    'migrations/1_a.up.sql': '',
    'a/data.json': '{}',
  };
  await using root = await sample.directory(files);
  const options = { elsewhere: ['migrations/1_a.up.sql'] };
  expect(await readIn(root.path, ['a.ts', 'a/data.json'], options)).toEqual(['pages/a.ejs', 'uploads/new/a.png']);
  git(root.path, 'init');
  expect(await readIn(root.path, ['a.ts', 'a/data.json'], options)).toEqual(['pages/a.ejs']);
});

test('of a directory that is mentioned, what git ignores in it does not count', async () => {
  await using root = await sample.directory({
    'a.ts': "const dataDir = 'data', views = 'views'",
    'data/.gitignore': '*\n!.gitkeep\n',
    'data/.gitkeep': '',
    'data/upload.png': '',
    'data/kept.txt': '',
    'views/a.ejs': '',
    'views/a.tmp': '',
    '.gitignore': '*.tmp\n',
  });
  git(root.path, 'init');
  git(root.path, 'add', '--force', 'data/kept.txt');
  expect(await readIn(root.path, ['a.ts'])).toEqual(['data/kept.txt', 'views/a.ejs']);
});

test('what git cannot be asked for does not change what it says of the rest', async () => {
  await using root = await sample.directory({
    'app/apps/web/b.ts': "const a = 'ok/a.txt', b = 'inner/a.txt', c = 'data/a.txt'",
    'app/apps/web/ok/a.txt': '',
    'app/apps/web/inner/a.txt': '',
    'app/apps/web/inner/b.txt': '',
    'app/apps/web/data/a.txt': '',
    'app/apps/web/.gitignore': 'data\n',
    'inner/a.txt': '',
  });
  const web = join(root.path, 'app/apps/web');
  git(join(root.path, 'inner'), 'init');
  git(join(root.path, 'inner'), 'add', '.');
  git(join(root.path, 'inner'), 'commit', '-m', 'a');
  const app = join(root.path, 'app');
  git(app, 'init');
  await rm(join(web, 'inner'), { recursive: true });
  git(app, 'submodule', 'add', join(root.path, 'inner'), 'apps/web/inner');
  await symlink('ok', join(web, 'linked'));
  await writeFile(join(web, 'c.ts'), "const d = 'linked/a.txt'");
  expect(await readIn(web, ['b.ts', 'c.ts'])).toEqual(['inner/a.txt', 'linked/a.txt', 'ok/a.txt']);
  // As if it was not checked out: what lies there is nobody's.
  await rm(join(web, 'inner/.git'));
  expect(await readIn(web, ['b.ts', 'c.ts'])).toEqual(['linked/a.txt', 'ok/a.txt']);
});

test('a repository within is asked for its files, and its own for it', async () => {
  await using root = await sample.directory({
    '.gitignore': 'clones\n',
    'a.ts': "const a = 'clones/a/a.txt', b = 'vendor/b.txt', c = 'vendor/c.txt'",
    'clones/a/a.txt': '',
    'vendor/b.txt': '',
    'vendor/c.txt': '',
    'vendor/.gitignore': 'c.txt\n',
  });
  for (const directory of ['.', 'clones/a', 'vendor']) git(join(root.path, directory), 'init');
  expect(await readIn(root.path, ['a.ts'])).toEqual(['vendor/b.txt']);
});

test('by whatever name the application is reached, sources and what is left out stay so', async () => {
  await using root = await sample.directory({
    'apps/web/svc/a.ts':
      "new URL('../../web/', import.meta.url), join(process.cwd(), '../web/svc'), read('../web/.env')",
    'apps/web/svc/b.ts': "new URL('../../web/views/', import.meta.url), readFile('../web/svc/b.ts')",
    'apps/web/views/a.ejs': '',
    'apps/web/.env': '',
  });
  const options = { workspace: root.path };
  expect(await readIn(join(root.path, 'apps/web'), ['svc/a.ts', 'svc/b.ts'], options)).toEqual(['views/a.ejs']);
});

test('directories have nothing hidden, installed, bundled or of TypeScript, by links neither', async () => {
  await using root = await sample.directory({
    'a.ts': "static('public')",
    'lib/b.js': '',
    'lib/c.txt': '',
    'public/.cache/a': '',
    'public/.secret': '',
    'public/node_modules/a/a.js': '',
    'public/a.js': '',
    'public/a.ts': '',
    'public/a.d.mts': '',
  });
  await symlink('../lib', join(root.path, 'public/lib'));
  expect(await readIn(root.path, ['a.ts', 'lib/b.js'])).toEqual(['public/a.js', 'public/lib/c.txt']);
});

test('a bad link is told where code names it, and left out where it is only mentioned', async () => {
  await using root = await sample.directory({
    '.git/config': '',
    'named.ts': "static('pages')",
    'mentioning.ts': "const views = 'pages'",
    'pages/a.ejs': '',
  });
  const pages = join(root.path, 'pages');
  await symlink('gone', join(pages, 'gone'));
  await symlink('/etc/hosts', join(pages, 'out'));
  await symlink('../.git', join(pages, 'git'));
  execFileSync('mkfifo', [join(pages, 'pipe')]);
  expect(await problems(readIn(root.path, ['named.ts']))).toEqual([
    'FL2010 "pages/git" is read by code, and cannot go into an image: the link leads to what is left out',
    'FL2010 "pages/gone" is read by code, and cannot go into an image: the link leads to nothing',
    'FL2010 "pages/out" is read by code, and cannot go into an image: the link leads out of the application\'s directory',
    'FL2306 "pages/pipe" cannot go into an image: it is neither a file, a directory nor a link',
  ]);
  expect(await readIn(root.path, ['mentioning.ts'])).toEqual(['pages/a.ejs']);
});

test('what may not be read does not stand in the way of what only mentions it', async () => {
  await using root = await sample.directory({
    'a.ts': "const dataDir = 'data', file = 'data/db/b.txt'",
    'data/a.txt': '',
    'data/c.txt': '',
    'data/db/b.txt': '',
  });
  await chmod(root.path, 0o755);
  for (const name of ['data/db', 'data/c.txt']) await chmod(join(root.path, name), 0);
  const reader = fileURLToPath(new URL('../../../images/bundle/read-files.ts', import.meta.url));
  // Who may read everything becomes somebody else.
  const program = `
    import { readByCode } from ${JSON.stringify(reader)};
    if (process.getuid?.() === 0) process.setuid(65534);
    const root = ${JSON.stringify(root.path)};
    console.log(...(await readByCode({ root, workspace: root, elsewhere: [] }, ['a.ts'])).map(({ source }) => source));
  `;
  const args = ['--input-type=module', '-e', program];
  expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toBe('data/a.txt\n');
  await chmod(join(root.path, 'data/db'), 0o700);
});

test('a text too long for a name is no path', async () => {
  const files = { 'a.ts': `parse("${'x'.repeat(300)}"); const icon = "${'y'.repeat(300)}/z"`, 'b.txt': '' };
  expect(await read(files, ['a.ts'])).toEqual([]);
});
