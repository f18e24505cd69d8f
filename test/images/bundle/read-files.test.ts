import { expect, test } from '@jest/globals';
import { namedPaths, readByCode } from '../../../images/bundle/read-files.ts';
import * as sample from '../sample.ts';

test.each<[string, string[]]>([
  ['readFileSync("./graphql/schema.graphql", { encoding: "utf8" })', ['graphql/schema.graphql']],
  ["await readFile('mails/welcome.html')", ['mails/welcome.html']],
  ['express.static(`public`)', ['public']],
  ['path.join(process.cwd(), "mails", \'welcome.html\')', ['mails/welcome.html']],
  ["join('locales', language + '.json')", ['locales']],
  ['parse<Rates>("rates.csv")', ['rates.csv']],
  ['readFile("../elsewhere.txt")', []],
  ['readFile("/etc/hosts")', []],
  ['config({ path: ".env" }), config(".env"), read("a/.git/b")', []],
  ['read("node_modules/a/b.txt"), read("encore.gen/a.ts")', []],
  ['import("./a.json"), require("./a.json")', []],
  [`read(\`a/\${b}.txt\`)`, []],
])('%s names %j', (code, paths) => {
  expect(namedPaths(code).map(({ path }) => path)).toEqual(paths);
});

test('what is there counts: files that are no code, and directories without sources where one is meant', async () => {
  await using root = await sample.directory({
    'a/a.ts':
      'read("a/schema.graphql"), read("a/a.ts"), read("a/none.txt"), readdirSync("a"), readdirSync("mails"), read("b")',
    'b/b.ts': "read('a/schema.graphql'); static('b/public')",
    'a/schema.graphql': 'type A',
    'mails/welcome.html': 'hi',
    'b/public/index.html': 'home',
  });
  expect(await readByCode(root.path, ['a/a.ts', 'b/b.ts', 'tsconfig.json'])).toEqual([
    'a/schema.graphql',
    'b/public',
    'mails',
  ]);
  expect(await readByCode(root.path, ['b/b.ts'])).toEqual(['a/schema.graphql', 'b/public']);
});
