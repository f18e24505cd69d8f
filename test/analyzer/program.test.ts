import { basename } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { load } from './loading.ts';

describe('tsconfig.json', () => {
  const lib = '-- lib/x.ts --\nexport const x = 1;\n';
  const app = (specifier: string) => `-- a/a.ts --\nimport { x } from '${specifier}';\nexport const it = { x };\n`;
  const found = { it: '{ x: number; }' };

  test.each([
    ['paths', '{ "paths": { "@lib/*": ["./lib/*"] } }', '@lib/x'],
    ['paths of one name', '{ "paths": { "it": ["./lib/x.ts"] } }', 'it'],
    ['paths with a baseUrl', '{ "baseUrl": "./lib", "paths": { "~/*": ["./*"] } }', '~/x'],
    ['a baseUrl', '{ "baseUrl": "." }', 'lib/x'],
    ['rootDirs', '{ "rootDirs": ["a", "lib"] }', './x'],
    [
      'the rules of old',
      '{ "moduleResolution": "node", "module": "commonjs", "target": "es5", "strict": false }',
      '../lib/x',
    ],
    [
      'the rules of older',
      '{ "moduleResolution": "node10", "module": "amd", "target": "es3", "ignoreDeprecations": "5.0" }',
      '../lib/x',
    ],
    ['the rules of Node.js', '{ "module": "nodenext" }', '../lib/x.js'],
    ['the rules of Node.js, broken', '{ "module": "nodenext" }', '../lib/x'],
    ['types that are not installed', '{ "types": ["bun", "@acme/types"] }', '../lib/x'],
    ['no library', '{ "noLib": true, "noResolve": true, "lib": ["es5"] }', '../lib/x'],
  ])('%s', async (_, options, specifier) => {
    const config = `-- tsconfig.json --\n{ "compilerOptions": ${options} }\n`;
    const { types, diagnostics } = await load(`${config}${lib}${app(specifier)}`);
    expect([types, diagnostics]).toEqual([found, []]);
  });

  test('knows the newest library and strict nulls under any options', async () => {
    const { types } =
      await load(`-- tsconfig.json --\n{ "compilerOptions": { "target": "es5", "lib": ["es5"], "strict": false } }
-- a.ts --
export const later = Promise.withResolvers<number>().promise;
export async function* numbers() { yield 1; }
export const maybe = [1].at(0);
`);
    expect(types).toEqual({
      later: 'Promise<number>',
      numbers: '() => AsyncGenerator<number, void, unknown>',
      maybe: 'number | undefined',
    });
  });

  test.each([
    ['a file', '"./base.json"', '-- base.json --'],
    ['a file above', '"./config/base"', '-- config/base.json --'],
    ['a package', '"@acme/tsconfig/base.json"', '-- node_modules/@acme/tsconfig/base.json --'],
    ['the main file of a package', '"@acme/tsconfig"', '-- node_modules/@acme/tsconfig/tsconfig.json --'],
    ['several', '["./none.json", "./base.json"]', '-- none.json --\n{}\n-- base.json --'],
  ])('extends %s', async (_, extended, section) => {
    const here = '$'.concat('{configDir}');
    const options = `{ "compilerOptions": { "paths": { "@lib/*": ["${here}/lib/*"] } } }`;
    const config = `-- tsconfig.json --\n{ "extends": ${extended} }\n${section}\n${options}\n`;
    const { types, diagnostics } = await load(`${config}${lib}${app('@lib/x')}`);
    expect([types, diagnostics]).toEqual([found, []]);
  });

  test.each(['@tsconfig/node24/tsconfig.json', '@tsconfig/node24', 'tsconfigs/node.json'])(
    'extends %s, which is not installed: the rest of it counts',
    async (name) => {
      const config = `-- tsconfig.json --\n{ "extends": "${name}", "compilerOptions": { "paths": { "@lib/*": ["./lib/*"] } } }\n`;
      const { types, diagnostics } = await load(`${config}${lib}${app('@lib/x')}`);
      const [scope, part] = name.split('/');
      const installed = name.startsWith('@') ? `${scope}/${part}` : scope;
      expect(types).toEqual(found);
      expect(diagnostics).toEqual([`warning FL1009 \`${installed}\`, which tsconfig.json extends, is not installed`]);
    },
  );

  test('extends a file that is not there', async () => {
    const { diagnostics } = await load(`-- tsconfig.json --\n{ "extends": "./base.json" }\n${lib}`);
    expect(diagnostics).toEqual([expect.stringMatching(/^error FL1005 tsconfig.json: Cannot read file '.*base.json'/)]);
  });

  test('of the workspace counts for a member that has none', async () => {
    const text = `-- package.json --\n{ "workspaces": ["apps/*"] }
-- tsconfig.json --\n{ "compilerOptions": { "paths": { "@lib/*": ["./lib/*"] } } }
${lib}-- apps/api/package.json --\n{ "name": "api" }
-- apps/api/a.ts --\nimport { x } from '@lib/x';\nexport const it = { x };\n`;
    expect((await load(text, { application: 'apps/api' })).types).toEqual(found);
  });

  describe('references', () => {
    const projects = `-- tsconfig.json --\n{ "files": [], "references": [{ "path": "./core" }, { "path": "./core" }] }
-- core/tsconfig.json --\n{ "compilerOptions": { "composite": true, "rootDir": "source", "outDir": "../built/core" }, "references": [{ "path": ".." }] }
-- core/source/x.ts --\nexport const x = 1;\n`;

    test.each(['../core/source/x', '../core/source/x.js', '../built/core/x', '../built/core/x.js'])(
      'an import of %s resolves to its source',
      async (specifier) => {
        const { types, diagnostics } = await load(`${projects}${app(specifier)}`);
        expect([types, diagnostics]).toEqual([found, []]);
      },
    );

    test('an import of outputs that are there resolves to their source', async () => {
      const built = '-- built/core/x.d.ts --\nexport declare const x: string;\n';
      expect((await load(`${projects}${built}${app('../built/core/x.js')}`)).types).toEqual(found);
    });
  });
});

test('declarations below `typeRoots` count', async () => {
  const { types } = await load(`-- tsconfig.json --\n{ "compilerOptions": { "typeRoots": ["./.types"] } }
-- .types/acme/index.d.ts --\ndeclare const answer: 42;\n-- a.ts --\nexport const it = { answer };\n`);
  expect(types).toEqual({ it: '{ answer: 42; }' });
});

test('declarations written by hand are not taken for outputs', async () => {
  const { types } = await load(`-- types/user.d.ts --\nexport interface User { name: string }
-- src/user.ts --\nexport type User = number;
-- a.ts --\nimport type { User } from './types/user';\nexport type It = User['name'];\n`);
  expect(types).toEqual({ It: 'string' });
});

test('.mts, .cts and .tsx are sources, and JSON has types', async () => {
  const { types, files } = await load(`-- a.mts --
import { b } from './b';
import { c } from './c.mjs';
import { d } from './d.cjs';
import data from './data.json';
export const it = { b, c, d, data };
-- b.tsx --\nexport const b = 1;
-- c.mts --\nexport const c = 1;
-- d.cts --\nexport const d = 1;
-- data.json --\n{ "n": 1 }
`);
  expect(types).toEqual({ it: '{ b: number; c: number; d: number; data: { n: number; }; }' });
  expect(files).toEqual(['a.mts', 'b.tsx', 'c.mts']);
});

test('what the kit brings is no part of what was read of the application', async () => {
  const { trace } = await load("-- a.ts --\nimport { api } from 'encore.dev/api';\nexport const a = api;\n");
  const paths = [trace.contents, trace.listings, trace.realpaths].flatMap((part) => Object.keys(part));
  expect(paths.filter((path) => path.includes('runtime'))).toEqual([]);
  // Above the application only a workspace is looked for.
  const above = paths.filter((path) => path.startsWith('..')).map((path) => basename(path));
  expect([...new Set(above)].sort()).toEqual(['package.json', 'pnpm-workspace.yaml']);
  expect(Object.keys(trace.contents)).toContain('a.ts');
});
