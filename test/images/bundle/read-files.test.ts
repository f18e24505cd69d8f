import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { namedPaths } from '../../../images/bundle/named-paths.ts';
import { readByCode } from '../../../images/bundle/read-files.ts';
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

test.each(['a', ' ', 'f(', '`a/', '"', '${'])('long runs of %j take no time to speak of', (text) => {
  expect(namedPaths(text.repeat(100_000)).length).toBeLessThan(2);
});

async function read(files: Record<string, string>, sources: string[], elsewhere: string[] = []): Promise<string[]> {
  await using root = await sample.directory(files);
  return readByCode({ root: root.path, workspace: root.path, elsewhere }, sources);
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
  expect(await read(files, ['a/a.ts', 'b/b.ts', 'tsconfig.json'])).toEqual(['a/schema.graphql', 'b/public', 'mails']);
  expect(await read(files, ['b/b.ts'])).toEqual(['a/schema.graphql', 'b/public']);
});

test('nothing that is outside, hidden, installed or generated counts', async () => {
  const code = `readFile("../elsewhere.txt"), readFile("/etc/hosts"), config({ path: ".env" }), read("a/.git/b"),
    read("node_modules/a/b.txt"), read("encore.gen/a.ts"), join(import.meta.dirname, '../..'), join(process.cwd(), '.')`;
  const files = { 'a/a.ts': code, '.env': '', 'a/.git/b': '', 'node_modules/a/b.txt': '', 'encore.gen/a.ts': '' };
  expect(await read(files, ['a/a.ts'])).toEqual([]);
});

test('a module also names what lies beside it', async () => {
  const code =
    "join(import.meta.dirname, 'views'), new URL('../shared/page.html', import.meta.url), readFile('page.txt')";
  const files = { 'a/a.ts': code, 'a/views/a.ejs': '', 'shared/page.html': '', 'a/page.txt': '' };
  expect(await read(files, ['a/a.ts'])).toEqual(['a/views', 'shared/page.html']);
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
  const options = { root: root.path, workspace: root.path, elsewhere: ['migrations/1_a.up.sql'] };
  expect(await readByCode(options, ['a.ts', 'a/data.json'])).toEqual(['pages', 'uploads/new']);
  execFileSync('git', ['init', '--quiet'], { cwd: root.path });
  expect(await readByCode(options, ['a.ts', 'a/data.json'])).toEqual(['pages']);
});
