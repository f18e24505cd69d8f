import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Disk } from '../../analyzer/disk.ts';
import { analyze } from '../../analyzer/mod.ts';
import { installCommand } from '../../analyzer/workspaces.ts';
import { withApplication } from './application.ts';
import { load } from './loading.ts';

/** A package whose outputs are not there. */
const shared = `-- packages/shared/package.json --
{ "name": "@acme/shared", "version": "1.0.0", "main": "dist/index.js", "types": "dist/index.d.ts" }
-- packages/shared/src/index.ts --
import { helper } from './helper.js';
export const shared = helper(1);
-- packages/shared/src/helper.ts --
export const helper = (value: number) => ({ value });
`;

const user = `import { shared } from '@acme/shared';
export const it = shared;
`;

const typed = { it: '{ value: number; }' };

describe('a member of the workspace that is neither built nor linked', () => {
  test.each([
    ['npm', '-- package.json --\n{ "name": "app", "workspaces": ["packages/*"] }\n'],
    ['yarn', '-- package.json --\n{ "name": "app", "workspaces": { "packages": ["./packages/*/", "!packages/x"] } }\n'],
    ['bun', '-- package.json --\n{ "name": "app", "workspaces": ["{apps,packages}/**"] }\n-- bun.lock --\n{}\n'],
    ['pnpm', "-- pnpm-workspace.yaml --\npackages:\n  - 'packages/*' # all\n  - '!**/test/**'\n"],
    ['pnpm with an alias', '-- pnpm-workspace.yaml --\nall: &all [packages/shared]\npackages: *all\n'],
  ])('is read from its sources: %s', async (_, workspace) => {
    const { types, files, sources, diagnostics } = await load(`${workspace}${shared}-- a/a.ts --\n${user}`);
    expect(types).toEqual(typed);
    expect(files).toEqual(['a/a.ts']);
    expect(sources).toEqual(['a/a.ts', 'packages/shared/src/helper.ts', 'packages/shared/src/index.ts']);
    expect(diagnostics).toEqual([]);
  });

  test.each([
    ['packages/*', '-- package.json --\n{ "workspaces": ["packages/*", "apps/*"] }\n'],
    ['a catalogue', '-- pnpm-workspace.yaml --\npackages: [packages/*, apps/*]\ncatalog: { pg: ^8 }\n'],
  ])('is found by an application that is a member itself: %s', async (_, workspace) => {
    const app = `-- apps/api/package.json --\n{ "name": "api" }\n-- apps/api/a/a.ts --\n${user}`;
    const { types, files } = await load(`${workspace}${shared}${app}`, { application: 'apps/api' });
    expect(types).toEqual(typed);
    expect(files).toEqual(['apps/api/a/a.ts']);
  });

  test('is not found from outside the workspace, nor beyond the repository', async () => {
    const app = `-- other/package.json --\n{ "name": "other" }\n-- other/a/a.ts --\n${user}`;
    const text = `-- package.json --\n{ "workspaces": ["packages/*"] }\n${shared}${app}`;
    const outside = await load(text, { application: 'other' });
    expect(outside.diagnostics).toEqual(['warning FL1009 `@acme/shared` is not installed: types from it are unknown']);
    const beyond = await load(`${text.replace('"packages/*"', '"packages/*", "other"')}-- other/.git/HEAD --\n`, {
      application: 'other',
    });
    expect(beyond.types).toEqual({ it: 'any' });
  });
});

test.each([
  ['npm and yarn', 'node_modules/@acme/shared'],
  ['pnpm', 'apps/api/node_modules/@acme/shared'],
])('a member that is linked and not built is read from its sources: %s', async (_, link) => {
  const app = `-- apps/api/package.json --\n{ "name": "api" }\n-- apps/api/a/a.ts --\n${user}`;
  const { types, sources } = await load(`-- pnpm-workspace.yaml --\npackages: [packages/*, apps/*]\n${shared}${app}`, {
    application: 'apps/api',
    links: { [link]: 'packages/shared' },
  });
  expect(types).toEqual(typed);
  expect(sources).toEqual(['apps/api/a/a.ts', 'packages/shared/src/helper.ts', 'packages/shared/src/index.ts']);
});

describe('what is built', () => {
  const root = '-- package.json --\n{ "workspaces": ["packages/*"] }\n';
  const built = '-- packages/shared/dist/index.d.ts --\nexport declare const shared: "built";\n';
  const links = { 'node_modules/@acme/shared': 'packages/shared' };

  test('does not count while the sources are there', async () => {
    const { types } = await load(`${root}${shared}${built}-- a/a.ts --\n${user}`, { links });
    expect(types).toEqual(typed);
  });

  test('counts when the sources are not there', async () => {
    const [manifest = ''] = shared.split('-- packages/shared/src/index.ts --');
    for (const way of [{ links }, {}]) {
      const { types } = await load(`${root}${manifest}${built}-- a/a.ts --\n${user}`, way);
      expect(types).toEqual({ it: '"built"' });
    }
  });

  test('counts in an installed package, whatever else it ships', async () => {
    const text = `-- node_modules/x/package.json --\n{ "name": "x", "types": "dist/index.d.ts" }
-- node_modules/x/dist/index.d.ts --\nexport declare const x: 'built';
-- node_modules/x/src/index.ts --\nexport const x = 'source';
-- a/a.ts --\nimport { x } from 'x';\nexport const it = x;\n`;
    expect((await load(text)).types).toEqual({ it: '"built"' });
  });
});

/** `exports` and the like of a package → what is imported of it. The sources are those below. */
const entries: [string, string, string][] = [
  ['exports as a text', '"exports": "./dist/index.js"', '@acme/lib'],
  ['conditions', '"exports": { ".": { "types": "./dist/index.d.ts", "default": "./dist/index.js" } }', '@acme/lib'],
  ['nested conditions', '"exports": { "import": { "types": "./dist/index.d.mts" } }', '@acme/lib'],
  ['a subpath', '"exports": { "./sub": "./dist/index.js" }', '@acme/lib/sub'],
  ['a pattern', '"exports": { "./*": "./dist/*.js" }', '@acme/lib/index'],
  ['a pattern for types', '"exports": { "./x/*": { "types": "./dist/types/*.d.ts" } }', '@acme/lib/x/index'],
  ['two formats', '"exports": { "import": "./dist/esm/index.mjs", "require": "./dist/cjs/index.cjs" }', '@acme/lib'],
  ['sources', '"exports": "./src/index.ts"', '@acme/lib'],
  ['main alone', '"main": "./lib/index.js"', '@acme/lib'],
  ['main of another name', '"main": "./dist/bundle.cjs"', '@acme/lib'],
  ['no entry at all', '"private": true', '@acme/lib'],
  ['a deep import', '"main": "./dist/index.js"', '@acme/lib/src/index'],
  ['a deep import of outputs', '"main": "./dist/index.js"', '@acme/lib/dist/index'],
];

test.each(entries)('an entry of a member leads to its source: %s', async (_, fields, specifier) => {
  for (const config of [
    '',
    '-- tsconfig.json --\n{ "compilerOptions": { "moduleResolution": "node", "module": "commonjs" } }\n',
  ]) {
    const { types, diagnostics } = await load(`-- package.json --\n{ "workspaces": ["packages/*"] }
-- packages/lib/package.json --\n{ "name": "@acme/lib", ${fields} }
-- packages/lib/src/index.ts --\nexport const lib = { deep: true };
${config}-- a/a.ts --\nimport { lib } from '${specifier}';\nexport const it = lib;\n`);
    expect([types, diagnostics]).toEqual([{ it: '{ deep: boolean; }' }, []]);
  }
});

test('an entry that `exports` does not list leads nowhere', async () => {
  const { types, diagnostics } = await load(`-- package.json --\n{ "workspaces": ["packages/*"] }
-- packages/lib/package.json --\n{ "name": "@acme/lib", "exports": { ".": "./dist/index.js" } }
-- packages/lib/src/secret.ts --\nexport const lib = 1;
-- a/a.ts --\nimport { lib } from '@acme/lib/secret';\nexport const it = lib;\n`);
  expect([types, diagnostics]).toEqual([
    { it: 'any' },
    ['warning FL1009 `@acme/lib/secret` leads to no file of its package: types from it are unknown'],
  ]);
});

test('a member that builds elsewhere is read by its own tsconfig.json', async () => {
  const { types } = await load(`-- package.json --\n{ "workspaces": ["packages/*"] }
-- packages/lib/package.json --\n{ "name": "lib", "types": "./generated/js/index.d.ts" }
-- packages/lib/tsconfig.json --\n{ "compilerOptions": { "rootDir": "source", "outDir": "generated/js" } }
-- packages/lib/source/index.ts --\nexport const lib = 1;
-- a/a.ts --\nimport { lib } from 'lib';\nexport const it = { lib };\n`);
  expect(types).toEqual({ it: '{ lib: number; }' });
});

test('`imports` of package.json are followed, to sources too', async () => {
  const { types } = await load(`-- package.json --
{ "name": "app", "imports": { "#lib/*": "./src/lib/*.ts", "#built": "./dist/built.js", "#c": { "types": "./c.ts" } } }
-- src/lib/x.ts --\nexport const x = 1;
-- src/built.ts --\nexport const built = 'b';
-- c.ts --\nexport const c = true;
-- a/a.ts --
import { x } from '#lib/x';
import { built } from '#built';
import { c } from '#c';
export const it = { x, built, c };
`);
  expect(types).toEqual({ it: '{ x: number; built: string; c: boolean; }' });
});

describe('packages that are not installed', () => {
  const source = `import Stripe from 'stripe';
import type { A } from '@scope/a/sub';
import { readFile } from 'node:fs/promises';
import fs from 'fs';
import { own } from '@/own';
import ambient from 'virtual-thing';
import untyped from 'untyped';
export type It = [typeof Stripe, A, typeof readFile, typeof fs, typeof own, typeof ambient, typeof untyped];
`;
  const text = `-- tsconfig.json --\n{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }
-- globals.d.ts --\ndeclare module 'virtual-thing';
-- node_modules/untyped/package.json --\n{ "name": "untyped", "main": "index.js" }
-- node_modules/untyped/index.js --\nmodule.exports = 1;
-- node_modules/installed/package.json --\n{ "name": "installed", "types": "index.d.ts" }
-- node_modules/installed/index.d.ts --\nexport * from 'not-our-business';
-- b.ts --\nimport 'stripe';\nimport 'installed';
-- a.ts --\n${source}`;

  test('are warned of once each, and nothing else is', async () => {
    expect((await load(text)).diagnostics).toEqual([
      'warning FL1009 `stripe` is not installed: types from it are unknown',
      'warning FL1009 `@scope/a` is not installed: types from it are unknown',
    ]);
  });
});

test.each([
  ['npm install', ''],
  ['npm ci', '-- package-lock.json --\n{}\n'],
  ['pnpm install', '-- pnpm-lock.yaml --\n\n'],
  ['yarn install', '-- yarn.lock --\n\n'],
  ['bun install', '-- bun.lock --\n{}\n'],
  ['bun install', '-- bun.lockb --\n\n'],
  ['yarn install', '-- package.json --\n{ "packageManager": "yarn@4.9.1" }\n-- package-lock.json --\n{}\n'],
])('%s installs what is missing', async (command, text) => {
  expect(await withApplication(text, (root) => installCommand(root, new Disk(root)))).toBe(command);
});

test.each([
  ['npm ci', '"dependencies": { "stripe": "^1" }', '-- package-lock.json --\n{}\n'],
  ['npm install stripe', '"private": true', ''],
  ['pnpm add stripe', '"private": true', '-- pnpm-lock.yaml --\n\n'],
])('%s is the way out for a package that is imported', async (command, fields, files) => {
  const app = `-- package.json --\n{ ${fields} }\n${files}-- a.ts --\nimport 'stripe';\n`;
  const { diagnostics } = await withApplication(app, (root) => analyze({ root }));
  expect(diagnostics.find(({ code }) => code === 'FL1009')?.help).toBe(`Run \`${command}\`.`);
});

test('the Graph follows the sources of a member, and so does an analysis that is kept', async () => {
  const text = `-- package.json --\n{ "workspaces": ["packages/*", "apps/*"] }\n${shared}
-- apps/api/package.json --\n{ "name": "api" }
-- apps/api/a/a.ts --
import { api } from 'encore.dev/api';
import { shared } from '@acme/shared';
export const a = api({}, async () => shared);
`;
  await withApplication(text, async (top) => {
    const options = { root: join(top, 'apps/api'), cache: join(top, '.cache') };
    const response = async () => {
      const { graph, diagnostics } = await analyze(options);
      expect(diagnostics).toEqual([]);
      return graph?.services[0]?.endpoints[0]?.response?.schema;
    };
    expect(await response()).toMatchObject({ properties: { value: { type: 'number' } } });
    const helper = 'export const helper = (_: number) => ({ text: String() });\n';
    writeFileSync(join(top, 'packages/shared/src/helper.ts'), helper);
    const changed = await response();
    expect(changed).toMatchObject({ properties: { text: { type: 'string' } } });
    expect(await response()).toEqual(changed);
    rmSync(join(top, 'packages/shared/src'), { recursive: true });
    expect((await analyze(options)).diagnostics.map(({ code }) => code)).toContain('FL1009');
  });
});

test('a pattern of too many alternatives is an error at its place', async () => {
  const text = `-- package.json --\n{\n  "workspaces": ["${'{a,b}'.repeat(40)}", "packages/*"]\n}\n${shared}-- a/a.ts --\n${user}`;
  const { types, diagnostics } = await load(text);
  expect(types).toEqual(typed);
  expect(diagnostics).toEqual(['error FL1005 a pattern of the workspace has more than 1000 alternatives']);
});
