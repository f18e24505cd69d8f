import { execFile } from 'node:child_process';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { generateClients } from '../../../analyzer/generate/clients.ts';
import { type Bundled, bundle } from '../../../images/bundle/bundle.ts';
import { bundleRuntime } from '../../../images/bundle/runtime-layer.ts';
import type { ImageFile } from '../../../images/files.ts';
import { type Diagnostic, UserError } from '../../../pipeline/mod.ts';
import { directory, shop } from '../sample.ts';

/** A package with the outer shape of the runtime, so that a bundle can be run and read without a server. */
const runtime = {
  'kit/runtime/package.json': JSON.stringify({
    type: 'module',
    exports: {
      './api': { default: './dist/api.js' },
      './internal/start': { default: './dist/start.js' },
      './internal/clients': { default: './dist/clients.js' },
    },
  }),
  'kit/runtime/dist/api.js': `
    export function api(options, handler) { return handler; }`,
  'kit/runtime/dist/start.js': `
    export async function workersOnly() {
      if (process.env.LEADS) process.exit(console.log('leads'));
    }
    export async function start(application) {
      const { tell } = await import('./tell.js');
      tell(await application.handlers.run());
    }`,
  'kit/runtime/dist/tell.js': `import { join } from 'shared'; export const tell = (text) => console.log(join(text));`,
  'kit/runtime/dist/clients.js': `
    import { join } from 'shared';
    export function call(service, endpoint) { return join(service, endpoint); }`,
  'kit/node_modules/shared/index.js': `export function join(...parts) { return parts.join('.'); }`,
};

const entry = `
import { start } from 'encore.dev/internal/start';
import * as m0 from './orders/orders.ts';
await start({ handlers: { run: m0['run'] } });
`;

async function setUp(files: Record<string, string>, text = entry) {
  const application = Object.fromEntries(Object.entries(files).map(([path, text]) => [`app/${path}`, text]));
  const work = await directory({ ...runtime, ...application });
  const bundleIn = async (base: string) => {
    const [root, runtime] = [join(base, 'app'), join(base, 'kit/runtime')];
    const layer = await bundleRuntime(runtime);
    const externals = { external: [], bundle: [] };
    const platforms = ['linux/amd64', 'linux/arm64'];
    const made = await bundle({ root, entry: text, layer, generated: generateClients(shop), externals, platforms });
    return { ...made, layer };
  };
  const makeIn = async (base: string): Promise<Bundled & { all: ImageFile[] }> => {
    const made = await bundleIn(base);
    if ('diagnostics' in made) throw new UserError(made.diagnostics);
    return { ...made, all: [...made.files, ...made.layer.files] };
  };
  return {
    path: work.path,
    bundle: (base = work.path) => makeIn(base),
    async diagnose(): Promise<Diagnostic[]> {
      const made = await bundleIn(work.path);
      return 'diagnostics' in made ? made.diagnostics : [];
    },
    async run(env: Record<string, string> = {}): Promise<string> {
      for (const { path, bytes } of (await makeIn(work.path)).all) {
        await mkdir(dirname(join(work.path, 'image', path)), { recursive: true });
        await writeFile(join(work.path, 'image', path), bytes);
      }
      const main = join(work.path, 'image/main.mjs');
      const { stdout } = await promisify(execFile)(process.execPath, ['--enable-source-maps', main], {
        env: { ...process.env, ...env },
      });
      return stdout.trim();
    },
    [Symbol.asyncDispose]: () => work[Symbol.asyncDispose](),
  };
}

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();

/** Everything whose bytes could betray the directory: packages of both kinds, JSON, generated clients, a mapped path. */
const rich = {
  'package.json': '{"name":"sample","type":"module","dependencies":{"common":"1","modern":"1"}}',
  'tsconfig.json': '{"compilerOptions":{"paths":{"@/*":["./lib/*"],"~encore/*":["./encore.gen/*"]}}}',
  'orders/orders.ts': `
    import { basename } from 'node:path';
    import { api } from 'encore.dev/api';
    import { orders } from '~encore/clients';
    import common from 'common';
    import { modern } from 'modern';
    import { mapped } from '@/mapped';
    import data from './data.json' with { type: 'json' };
    enum Kind { Old = 'old' }
    export const run = api({}, async (): Promise<string> => [
      common.name, common.here.length > 0, modern(), mapped, data.value, orders.get({}), Kind.Old, basename(common.file),
    ].join(' '));`,
  'orders/data.json': '{"value":42}',
  'lib/mapped.ts': `export const mapped = 'mapped';`,
  'node_modules/common/package.json': '{"main":"lib/index.js"}',
  'node_modules/common/lib/index.js': `
    const { tmpdir } = require('os');
    module.exports = { name: 'common', here: tmpdir(), file: 'main.mjs', inner: require('./inner') };`,
  'node_modules/common/lib/inner.js': 'exports.inner = 1;',
  'node_modules/modern/package.json': '{"type":"module","exports":"./index.js"}',
  'node_modules/modern/index.js': `export function modern() { return modern.name; }`,
};

test.each([
  ['', {}],
  [', whatever its package says of effects', { 'package.json': '{"type":"module","sideEffects":false}' }],
])('a module is run for its effect alone, as one that only subscribes%s', async (_, more) => {
  await using app = await setUp(
    {
      ...more,
      'orders/orders.ts': `export const run = () => globalThis.subscribed;`,
      'orders/audit.ts': `globalThis.subscribed = 'subscribed';`,
    },
    `import * as m1 from './orders/audit.ts';${entry.replace('start({', 'start({ modules: [m1],')}`,
  );
  expect(await app.run()).toBe('subscribed');
});

test('a bundle runs on its own, with packages of both kinds, mapped paths, JSON and the clients', async () => {
  await using app = await setUp(rich);
  expect(await app.run()).toBe('common true modern mapped 42 orders.get old main.mjs');
});

test('encore.dev is the runtime of the kit, whatever the application has installed', async () => {
  await using app = await setUp({
    'orders/orders.ts': `import { api } from 'encore.dev/api'; export const run = api({}, async () => 'of the kit');`,
    'node_modules/encore.dev/package.json': '{"type":"module","exports":{"./api":"./api.js"}}',
    'node_modules/encore.dev/api.js': 'export const api = () => () => "installed";',
  });
  expect(await app.run()).toBe('of the kit');
});

test('two builds give the same bytes, in one directory and in two', async () => {
  await using app = await setUp(rich);
  await using other = await directory();
  await cp(app.path, join(other.path, 'elsewhere/deeper'), { recursive: true });
  const [first, second, third] = await Promise.all([
    app.bundle(),
    app.bundle(),
    app.bundle(join(other.path, 'elsewhere/deeper')),
  ]);
  expect(first.files.map(({ path }) => path).sort()).toEqual(['main.mjs', 'main.mjs.map']);
  const texts = (made: typeof first) => made.all.map(({ path, bytes }) => `${path}\n${text(bytes)}`);
  expect(texts(second)).toEqual(texts(first));
  expect(texts(third)).toEqual(texts(first));
  expect(texts(first).filter((content) => content.includes(app.path))).toEqual([]);
});

test('a bundle says which files of the application and which packages are in it', async () => {
  await using app = await setUp({
    ...rich,
    'node_modules/common/package.json': '{"name":"common","version":"1.2.3","license":"MIT","main":"lib/index.js"}',
    'lib/unused.ts': `export const unused = 'unused';`,
  });
  const { inputs, packages, dependencies, platforms } = await app.bundle();
  expect(inputs).toEqual(['lib/mapped.ts', 'orders/data.json', 'orders/orders.ts', 'tsconfig.json']);
  expect(packages).toEqual([{ name: 'common', version: '1.2.3', license: 'MIT' }]);
  expect(dependencies).toEqual([]);
  expect(platforms).toBeUndefined();
});

test('the source map names every source without a directory of this machine', async () => {
  await using app = await setUp(rich);
  const { all } = await app.bundle();
  const maps = all.filter(({ path }) => path.endsWith('.map'));
  expect(maps.flatMap(({ bytes }) => JSON.parse(text(bytes)).sources).sort()).toEqual([
    'encore.dev/api',
    'encore.dev/internal/clients',
    'encore.dev/internal/start',
    'encore.gen/internal/clients/orders.ts',
    'fairlead/main.ts',
    'lib/mapped.ts',
    'node_modules/common/lib/index.js',
    'node_modules/common/lib/inner.js',
    'node_modules/modern/index.js',
    'orders/data.json',
    'orders/orders.ts',
  ]);
});

test('a stack names the line of the source', async () => {
  await using app = await setUp({
    'orders/orders.ts': `// one\nexport async function run() {\n  return new Error('x').stack;\n}`,
  });
  expect(await app.run()).toMatch(/run \(.*orders\/orders\.ts:3:10\)/);
});

test('everything that cannot be bundled is reported in one go, each with its place', async () => {
  await using app = await setUp({
    'orders/orders.ts': [
      `const größe = '€'; import { a } from './nowhere';`,
      `import b from 'not-installed';`,
      `import c from './add-on.node';`,
      `import page from './page.html';`,
      `import { d } from './broken';`,
      `import { e } from 'encore.dev/nothing';`,
      'export const run = async () => [a, b, c, page, d, e, größe];',
    ].join('\n'),
    'orders/page.html': '<p>',
    'orders/broken.ts': 'export const d = ;',
    'orders/add-on.node': '\0',
  });
  const diagnostics = await app.diagnose();
  expect(
    diagnostics
      .map(
        ({ code, position, message }) => `${code} ${position?.file}:${position?.line}:${position?.column} ${message}`,
      )
      .sort(),
  ).toEqual([
    'FL2001 orders/orders.ts:1:38 nothing is found for the import "./nowhere"',
    'FL2001 orders/orders.ts:2:15 nothing is found for the import "not-installed"',
    'FL2001 orders/orders.ts:6:19 nothing is found for the import "encore.dev/nothing"',
    'FL2002 orders/orders.ts:3:15 the native add-on orders/add-on.node cannot be part of a bundle',
    'FL2003 orders/broken.ts:1:18 the sources cannot be bundled: Unexpected ";"',
    'FL2003 orders/orders.ts:4:18 the sources cannot be bundled: No loader is configured for ".html" files: orders/page.html',
  ]);
  expect(diagnostics.find(({ message }) => message.includes('page.html'))?.help).toContain(
    "readFileSync(join(import.meta.dirname, 'page.html'), 'utf8')",
  );
});

test('an optional package that is not there stays the concern of the one who tries it', async () => {
  await using app = await setUp({
    'orders/orders.ts': `import { tried } from 'tries'; export const run = async () => tried;`,
    'node_modules/tries/index.js': `try { require('not-installed') } catch (error) { exports.tried = error.code; }`,
  });
  expect(await app.run()).toBe('MODULE_NOT_FOUND');
});

test('a package linked from another directory is bundled from where it is', async () => {
  await using app = await setUp({
    'orders/orders.ts': `import { library } from 'library'; export const run = async () => library;`,
  });
  await mkdir(join(app.path, 'library'));
  await writeFile(join(app.path, 'library/index.js'), `export const library = 'library';`);
  await mkdir(join(app.path, 'app/node_modules'), { recursive: true });
  await symlink('../../library', join(app.path, 'app/node_modules/library'));
  expect(await app.run()).toBe('library');
});

test('the runtime has the same bytes wherever its packages are installed', async () => {
  await using above = await directory(runtime);
  await using within = await directory(
    Object.fromEntries(
      Object.entries(runtime).map(([path, text]) => [
        path.replace('kit/node_modules', 'kit/runtime/node_modules'),
        text,
      ]),
    ),
  );
  const [one, two] = await Promise.all([above, within].map(({ path }) => bundleRuntime(join(path, 'kit/runtime'))));
  expect(two!.files.map(({ path, bytes }) => [path, text(bytes)])).toEqual(
    one!.files.map(({ path, bytes }) => [path, text(bytes)]),
  );
  expect(one!.files.map(({ path }) => path)).toEqual(['runtime.mjs', 'runtime/0.mjs', 'runtime/1.mjs']);
});

test('with workers, the process that leads them loads nothing of the application', async () => {
  const files = {
    ...rich,
    'orders/side.ts': `console.log('loaded');`,
    'orders/orders.ts': `import './side';${rich['orders/orders.ts']}`,
  };
  await using app = await setUp(files, `import 'fairlead:workers';\n${entry}`);
  expect(await app.run()).toMatch(/^loaded\ncommon/);
  expect(await app.run({ LEADS: '1' })).toBe('leads');
});
