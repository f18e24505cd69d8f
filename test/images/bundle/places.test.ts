import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
import { imagePathOf } from '../../../images/bundle/image-path.ts';
import { layOutAt, made, runAt } from '../externals/support/laid-out.ts';
import { directory } from '../sample.ts';

/** What the modules print, and the directory that stands for the image. */
async function printed(
  files: Record<string, string>,
  entry: string,
  root = '',
): Promise<[lines: string[], image: string]> {
  await using work = await directory(files);
  await using image = await directory();
  await layOutAt(image.path, await made(join(work.path, root), entry));
  return [(await runAt(image.path, { NODE_OPTIONS: '--enable-source-maps' })).trim().split('\n'), image.path];
}

test('modules have the places that they have in the application', async () => {
  const [lines, image] = await printed(
    {
      'package.json': '{ "type": "module" }',
      'web/a b.ts':
        'const all: string[] = [import.meta.dirname, import.meta.filename, import.meta.url, __dirname, __filename];\nfor (const one of all) console.log(one);',
      'web/own.mts':
        "import { dirname } from 'node:path';\nimport { fileURLToPath } from 'node:url';\nconst __filename = fileURLToPath(import.meta.url);\nconst __dirname = dirname(__filename);\nconsole.log(__dirname);",
      'root.js': 'console.log(import.meta.dirname);',
      'web/old.cjs': 'exports.place = __dirname;',
    },
    "import './web/a b.ts'; import './web/own.mts'; import './root.js'; import { place } from './web/old.cjs'; console.log(place);",
  );
  const web = join(image, 'web');
  const file = join(web, 'a b.ts');
  expect(lines).toEqual([web, file, pathToFileURL(file).href, web, file, web, image, web]);
});

test('which kind a module is does not depend on what its comments and texts begin with', async () => {
  const begun = "/*\nimport things of it\nexport them */\nconst text = `\nimport 'a'`;\n";
  const [lines, image] = await printed(
    {
      'package.json': '{}',
      'web/old.js': `${begun}exports.all = [__dirname, __filename, require('./older.js').at];`,
      'web/older.js': "const load = 'node:path';\nimport('node:fs');\nmodule.exports = { at: __dirname };",
      'web/new.ts': `${begun}console.log(import.meta.dirname, new URL('.', import.meta.url).pathname);`,
      'web/require.ts':
        "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\nconsole.log(require('node:path').basename(__filename));",
    },
    "import './web/new.ts'; import './web/require.ts'; import { all } from './web/old.js'; for (const one of all) console.log(one);",
  );
  const web = join(image, 'web');
  expect(lines).toEqual([`${web} ${web}/`, 'require.ts', web, join(web, 'old.js'), web]);
});

test('a stack names the line of a module that asks for its place', async () => {
  const [lines] = await printed(
    {
      'package.json': '{}',
      'web/a.ts': '// one\nexport const at = [import.meta.dirname, new Error().stack!.split("\\n")[1]];',
    },
    "import { at } from './web/a'; console.log(at[1]);",
  );
  expect(lines[0]).toMatch(/web\/a\.ts:2:/);
});

test('what decorators and JSX are compiled by counts for it, too', async () => {
  const [lines] = await printed(
    {
      'package.json': '{}',
      'tsconfig.json':
        '{ "compilerOptions": { "experimentalDecorators": true, "emitDecoratorMetadata": true, "target": "ES2021", "jsx": "react", "jsxFactory": "h" } }',
      'a.tsx':
        'Reflect.metadata = (key, type) => () => console.log(key, type.name);\nconst h = (tag: string) => tag;\nconst column = (): any => () => undefined;\nexport class A { @column() at: Date; }\nconsole.log(<b />, import.meta.dirname.length > 0);',
    },
    "import './a.tsx';",
  );
  expect(lines).toEqual(['design:type Date', 'b true']);
});

test('what a workspace has beside the application has a place of its own', async () => {
  const [lines, image] = await printed(
    {
      'package.json': '{ "workspaces": ["apps/*", "packages/*"] }',
      'apps/shop/package.json': '{}',
      'packages/mails/a.ts': 'console.log(import.meta.dirname);',
    },
    "import '../../packages/mails/a.ts';",
    'apps/shop',
  );
  expect(lines).toEqual([join(image, '.workspace/packages/mails')]);
  const roots = { root: '/w/apps/shop', workspace: '/w' };
  expect(imagePathOf('/w/apps/shop/a/b.ts', roots)).toBe('a/b.ts');
  expect(imagePathOf('/elsewhere/b.ts', roots)).toBeUndefined();
});
