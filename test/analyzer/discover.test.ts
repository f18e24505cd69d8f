import { describe, expect, test } from '@jest/globals';
import { importsEncore } from '../../analyzer/discover.ts';
import { errorsOf, graphOf } from './application.ts';
import { load } from './loading.ts';

const hello = `-- hello/hello.ts --
import { api } from 'encore.dev/api';
export const hello = api({}, async () => ({ text: 'hello' }));
`;
const broken = 'import { api } from "encore.dev/api" const = <;';

/** A directory of something else below the application → what it holds. */
const foreign: [string, string][] = [
  ['a library', '-- lib/package.json --\n{}\n-- lib/a.ts --\nconst = <;\n'],
  ['a frontend with a package', '-- web/package.json --\n{}\n-- web/src/a.tsx --\nconst = <;\n'],
  ['a frontend built by vite', '-- web/vite.config.ts --\n\n-- web/a/b/c.tsx --\nconst = <;\n'],
  ['a frontend of Next.js', '-- web/next.config.mjs --\n\n-- web/app/page.tsx --\nconst = <;\n'],
  ['a frontend of Angular', '-- web/angular.json --\n{}\n-- web/main.ts --\nconst = <;\n'],
  [
    'a page with components',
    '-- web/index.html --\n\n-- web/src/main.tsx --\nconst = <;\n-- web/a.ts --\nconst = <;\n',
  ],
  [
    'a frontend with a generated client',
    `-- web/package.json --\n{}\n-- web/client.ts --\nconst help = "import from 'encore.dev/api'"; // import 'encore.dev'\nconst = <;\n`,
  ],
  ['another application', `-- other/encore.app --\n\n-- other/a.ts --\n${broken}\n`],
  ['another application by fairlead.json', `-- other/fairlead.json --\n{}\n-- other/a.ts --\n${broken}\n`],
  [
    'an application in a library',
    `-- lib/package.json --\n{}\n-- lib/other/encore.app --\n\n-- lib/other/a.ts --\n${broken}\n`,
  ],
  [
    'derived and hidden files',
    `-- dist/a.ts --\n${broken}\n-- .next/a.ts --\n${broken}\n-- __tests__/a.ts --\n${broken}\n`,
  ],
  ['tests', `-- a.test.ts --\n${broken}\n-- b.spec.tsx --\n${broken}\n`],
];

test.each(foreign)('no source of the application: %s', async (_, text) => {
  const { files, sources } = await load(hello + text);
  expect(files).toEqual(['hello/hello.ts']);
  expect(sources).toEqual(['hello/hello.ts']);
  expect((await graphOf(hello + text)).services.map(({ name }) => name)).toEqual(['hello']);
});

test.each([
  [
    'a package with a service',
    '-- p/package.json --\n{}\n-- p/a.ts --\nexport {};\n-- p/b.ts --\nimport "encore.dev/api";\n',
    ['p/a.ts', 'p/b.ts'],
  ],
  [
    'a package that calls one',
    '-- p/package.json --\n{}\n-- p/a.ts --\nconst it = await import("~encore/clients");\nexport {};\n',
    ['p/a.ts'],
  ],
  [
    'a package in a package',
    '-- p/package.json --\n{}\n-- p/a.ts --\n\n-- p/q/package.json --\n{}\n-- p/q/b.mts --\nexport * from "encore.dev";\n',
    ['p/q/b.mts'],
  ],
  [
    'a service with a page',
    '-- s/index.html --\n\n-- s/mail.tsx --\n\n-- s/a.ts --\nimport "encore.dev/api";\n',
    ['s/a.ts', 's/mail.tsx'],
  ],
  ['a page without components', '-- s/index.html --\n\n-- s/a.ts --\nexport {};\n', ['s/a.ts']],
])('sources of the application: %s', async (_, text, expected) => {
  const { files } = await load(hello + text);
  expect(files).toEqual(['hello/hello.ts', ...expected]);
});

test('each of several applications in one repository has its own sources, and what they share', async () => {
  const app = (name: string) => `-- ${name}/package.json --\n{}\n-- ${name}/encore.app --\n{ "id": "${name}" }
-- ${name}/a.ts --\nimport { shared } from '../shared/index.ts';\nexport const it = shared;\n`;
  const text = `${app('one')}${app('two')}-- shared/index.ts --\nexport const shared = 1;\n`;
  for (const name of ['one', 'two']) {
    const { files, sources, types } = await load(text, { application: name });
    expect(files).toEqual([`${name}/a.ts`]);
    expect(sources).toEqual([`${name}/a.ts`, 'shared/index.ts'].sort());
    expect(types).toEqual({ it: '1' });
  }
});

test('a file of a frontend that the application imports is read, and no other', async () => {
  const { sources, types } = await load(`-- a.ts --\nimport { one } from './web/one.ts';\nexport const it = { one };
-- web/package.json --\n{}\n-- web/one.ts --\nexport const one = 1;\n-- web/two.ts --\nconst = <;\n`);
  expect(sources).toEqual(['a.ts', 'web/one.ts']);
  expect(types).toEqual({ it: '{ one: number; }' });
});

test('declarations that nothing imports count', async () => {
  const { types, files } = await load(
    `-- globals.d.ts --\ndeclare const answer: 42;\n-- a.ts --\nexport const it = { answer };\n`,
  );
  expect(types).toEqual({ it: '{ answer: 42; }' });
  expect(files).toEqual(['a.ts']);
});

test('a syntax error in a package with services is reported', async () => {
  expect(await errorsOf(`${hello}-- p/package.json --\n{}\n-- p/a.ts --\nimport 'encore.dev/api';\nf(1;\n`)).toEqual([
    'FL1004 p/a.ts:2:4-5',
  ]);
});

describe('imports of encore.dev and ~encore', () => {
  test.each([
    "import { api } from 'encore.dev/api'",
    'import "encore.dev"',
    "import type { X } from 'encore.dev/types'",
    "export * from '~encore/clients'",
    "const x = await import('encore.dev/log')",
    "type T = import('encore.dev/api').Header",
    "const x = require('encore.dev')",
    "/* a */ import /* b */ x from /* c */ 'encore.dev/log'",
  ])('%s', (text) => expect(importsEncore(text)).toBe(true));

  test.each([
    '',
    "// import { api } from 'encore.dev/api'",
    "/* import 'encore.dev' */",
    'const x = "encore.dev/api"',
    'const x = `import { api } from "encore.dev/api"`',
    "import x from 'encore.development'",
    "import x from './encore.dev/api'",
  ])('none: %s', (text) => expect(importsEncore(text)).toBe(false));
});

test('reads thousands of files once', async () => {
  const packages = Array.from({ length: 40 }, (_, index) => {
    const files = Array.from({ length: 50 }, (_, file) => `-- p${index}/f${file}.ts --\nexport const x = ${file};\n`);
    return `-- p${index}/package.json --\n{}\n${files.join('')}`;
  });
  const { sources, trace } = await load(hello + packages.join(''));
  expect(sources).toEqual(['hello/hello.ts']);
  expect(Object.keys(trace.contents).filter((path) => path.endsWith('.ts')).length).toBe(2000 + 1);
});
