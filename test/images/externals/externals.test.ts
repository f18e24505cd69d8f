import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { directory } from '../sample.ts';
import { elf } from './support/elf.ts';
import { allPlatforms, bundleText, layOutAt, made, pathsOf, refused, runAt } from './support/laid-out.ts';

/** What a package.json says of these, each at version 1. */
function manifest(name: string, parts: Record<string, unknown> & { needs?: string[] } = {}): string {
  const { needs = [], ...rest } = parts;
  const dependencies = Object.fromEntries(needs.map((need) => [need, '1.0.0']));
  return JSON.stringify({ name, version: '1.0.0', dependencies, ...rest });
}

/** A package that reads a file of its own. */
const reader = (at: string, text: string, parts = {}) => ({
  [`${at}/package.json`]: manifest(at.slice(at.lastIndexOf('node_modules/') + 'node_modules/'.length), parts),
  [`${at}/index.js`]: `exports.read = () => require('fs').readFileSync(__dirname + '/text.txt', 'utf8');`,
  [`${at}/text.txt`]: text,
  [`${at}/test/test.js`]: `require('..');`,
  [`${at}/README.md`]: 'How to use it',
});

async function laid(files: Record<string, string>, links: Record<string, string> = {}) {
  const work = await directory(files);
  for (const [path, target] of Object.entries(links)) {
    await mkdir(dirname(join(work.path, path)), { recursive: true });
    await symlink(target, join(work.path, path));
  }
  return work;
}

/** Bundles, lays out in an empty directory, and answers what it prints there. */
async function run(root: string, entry: string, options = {}): Promise<string> {
  await using image = await directory();
  await layOutAt(image.path, await made(root, entry, options));
  return await runAt(image.path);
}

const app = (...needs: string[]) => ({ 'package.json': manifest('app', { type: 'module', needs }) });

const printRead = `import { read } from 'reader'; console.log(read());`;

test('a package that reads its own files is carried with these, and with nothing else', async () => {
  await using work = await laid({ ...app('reader'), ...reader('node_modules/reader', 'own') });
  const bundled = await made(work.path, printRead);
  expect(pathsOf(bundled)).toEqual(
    ['index.js', 'package.json', 'text.txt'].map((name) => `node_modules/reader/${name}`),
  );
  expect(bundled.packages).toEqual([{ name: 'reader', version: '1.0.0' }]);
  expect(bundled.platforms).toBeUndefined();
  expect(await run(work.path, printRead)).toBe('own');
});

test.each<[string, string]>([
  [
    'import.meta.url',
    `import { readFileSync } from 'fs'; export const read = () => readFileSync(new URL('./text.txt', import.meta.url), 'utf8');`,
  ],
  [
    'import.meta.dirname',
    `import { readFileSync } from 'fs'; import { join } from 'path'; export const read = () => readFileSync(join(import.meta.dirname, 'text.txt'), 'utf8');`,
  ],
  [
    'createRequire',
    `import { createRequire } from 'module'; const require = createRequire(import.meta.url); export const read = () => require('./text.json');`,
  ],
])('a module is carried that finds its files by %s', async (_, code) => {
  await using work = await laid({
    ...app('reader'),
    'node_modules/reader/package.json': manifest('reader', { type: 'module', main: './index.js' }),
    'node_modules/reader/index.js': code,
    'node_modules/reader/text.txt': 'own',
    'node_modules/reader/text.json': '"own"',
  });
  expect(await run(work.path, printRead)).toBe('own');
});

test('a package that loads another by name is carried with what it may load, where that is installed', async () => {
  const peers = { peerDependenciesMeta: { driver: { optional: true }, other: { optional: true } } };
  await using work = await laid({
    ...app('orm', 'driver'),
    'node_modules/orm/package.json': manifest('orm', peers),
    'node_modules/orm/index.js': `exports.connect = (name) => require(name).connect();`,
    'node_modules/driver/package.json': manifest('driver', { needs: ['wire'] }),
    'node_modules/driver/index.js': `exports.connect = () => require('wire').state;`,
    'node_modules/wire/package.json': manifest('wire'),
    'node_modules/wire/index.js': `exports.state = 'connected';`,
  });
  expect(await run(work.path, `import { connect } from 'orm'; console.log(connect('driver'));`)).toBe('connected');
});

test('a package that loads another by name is bundled where no other is installed', async () => {
  await using work = await laid({
    ...app('orm'),
    'node_modules/orm/package.json': manifest('orm', { peerDependenciesMeta: { driver: { optional: true } } }),
    'node_modules/orm/index.js': `exports.connect = (name) => require(name).connect();`,
  });
  expect(pathsOf(await made(work.path, `import { connect } from 'orm'; console.log(typeof connect);`))).toEqual([]);
});

test('a package that loads others by literals alone is bundled, whatever its comments say', async () => {
  await using work = await laid({
    ...app('orm', 'driver'),
    'node_modules/orm/package.json': manifest('orm', { peerDependenciesMeta: { driver: { optional: true } } }),
    'node_modules/orm/index.js': `exports.one = () => import(${'/* a */'.repeat(9)}'driver'); exports.two = /* b */ 2;`,
    'node_modules/driver/package.json': manifest('driver'),
    'node_modules/driver/index.js': '',
  });
  expect(pathsOf(await made(work.path, `import { two } from 'orm'; console.log(two);`))).toEqual([]);
});

test('a package that the application only names is carried with what it needs', async () => {
  await using work = await laid({
    'package.json': JSON.stringify({
      type: 'module',
      dependencies: { view: '1', engine: '1' },
      devDependencies: { pretty: '1', tool: '1' },
    }),
    'app.js': `import { render } from 'view'; console.log(render('engine', { target: "pretty" }), 'tool');`,
    'node_modules/view/package.json': manifest('view'),
    'node_modules/view/index.js': `exports.render = (name, { target }) => require(name).text + require(target).text;`,
    'node_modules/engine/package.json': manifest('engine'),
    'node_modules/engine/index.js': `exports.text = 'rendered ';`,
    'node_modules/pretty/package.json': manifest('pretty', { needs: ['colour'] }),
    'node_modules/pretty/index.js': `exports.text = require('colour').text;`,
    'node_modules/colour/package.json': manifest('colour'),
    'node_modules/colour/index.js': `exports.text = 'in red,';`,
    'node_modules/tool/package.json': manifest('tool'),
    'node_modules/tool/index.js': '',
  });
  const entry = `import './app.js';`;
  expect(await run(work.path, entry)).toBe('rendered in red, tool');
  expect(pathsOf(await made(work.path, entry)).filter((path) => path.includes('tool'))).toEqual([]);
});

test('an engine of views that the application imports as well is there for both', async () => {
  await using work = await laid({
    ...app('view', 'engine', 'other'),
    'app.js': `
      import { set, render } from 'view'; import { seen } from 'engine'; import { text } from 'other';
      set('view engine', 'engine'); seen.push(text, 'other'); console.log(render());`,
    'node_modules/view/package.json': manifest('view'),
    'node_modules/view/index.js': `let name; exports.set = (_, value) => { name = value; }; exports.render = () => require(name).seen.join();`,
    'node_modules/engine/package.json': manifest('engine', {
      exports: { import: './engine.mjs', require: './engine.cjs' },
    }),
    'node_modules/engine/engine.mjs': `import { createRequire } from 'node:module'; export const { seen } = createRequire(import.meta.url)('./engine.cjs');`,
    'node_modules/engine/engine.cjs': `exports.seen = [];`,
    'node_modules/other/package.json': manifest('other'),
    'node_modules/other/index.js': `exports.text = 'a';`,
  });
  const entry = `import './app.js';`;
  expect(await run(work.path, entry)).toBe('a,other');
  expect(pathsOf(await made(work.path, entry)).filter((path) => path.includes('other'))).toEqual([]);
});

test('a worker of a package is carried', async () => {
  await using work = await laid({
    ...app('busy'),
    'node_modules/busy/package.json': manifest('busy', { needs: ['inner'] }),
    'node_modules/busy/index.js': `
      const { Worker } = require('worker_threads');
      exports.work = () => new Promise((resolve) => new Worker(require('path').join(__dirname, 'worker.js')).on('message', resolve));`,
    'node_modules/busy/worker.js': `require('worker_threads').parentPort.postMessage(require('inner'));`,
    'node_modules/inner/package.json': manifest('inner'),
    'node_modules/inner/index.js': `module.exports = 'worked';`,
  });
  expect(await run(work.path, `import { work } from 'busy'; console.log(await work());`)).toBe('worked');
});

test('code that is not in the bundle carries nothing', async () => {
  await using work = await laid({
    ...app('partly'),
    'node_modules/partly/package.json': manifest('partly', { type: 'module', main: './index.js', sideEffects: false }),
    'node_modules/partly/index.js': `export const used = () => 'used'; export const unused = () => import.meta.url;`,
  });
  const entry = `import { used } from 'partly'; console.log(used());`;
  expect(pathsOf(await made(work.path, entry))).toEqual([]);
  expect(pathsOf(await made(work.path, entry.replaceAll('used', 'unused')))).toContain('node_modules/partly/index.js');
});

test('every export of commonjs can be imported by name, and the default is what it is in a bundle', async () => {
  await using work = await laid({
    ...app('reader'),
    'node_modules/reader/package.json': manifest('reader'),
    'node_modules/reader/index.js': `const all = {}; all['re' + 'ad'] = () => __filename.length > 0; module.exports = all;`,
  });
  const entry = `import all, { read } from 'reader'; console.log(read(), all.read === read, (await import('reader')).read === read);`;
  expect(await run(work.path, entry)).toBe('true true true');
});

test('of a package that is there twice, each importer gets its own', async () => {
  const wrapper = {
    'node_modules/wrapper/package.json': manifest('wrapper', { needs: ['reader'] }),
    'node_modules/wrapper/index.js': `exports.inner = require('reader').read;`,
  };
  await using work = await laid({
    ...app('reader', 'wrapper'),
    ...wrapper,
    ...reader('node_modules/reader', 'outer'),
    ...reader('node_modules/wrapper/node_modules/reader', 'inner', { version: '2.0.0' }),
  });
  const entry = `import { read } from 'reader'; import { inner } from 'wrapper'; console.log(read(), inner());`;
  expect(await run(work.path, entry)).toBe('outer inner');
  expect(pathsOf(await made(work.path, entry))).toContain('node_modules/reader@2.0.0 -> wrapper/node_modules/reader');
});

test('two of the same version are told apart', async () => {
  const wrap = (name: string) => ({
    [`node_modules/${name}/package.json`]: manifest(name, { needs: ['reader'] }),
    [`node_modules/${name}/index.js`]: `exports.${name} = require('reader').read;`,
    ...reader(`node_modules/${name}/node_modules/reader`, `of ${name}`),
  });
  await using work = await laid({ ...app('one', 'two'), ...wrap('one'), ...wrap('two') });
  const entry = `import { one } from 'one'; import { two } from 'two'; console.log(one(), two());`;
  expect(await run(work.path, entry)).toBe('of one of two');
});

/** A layout of pnpm or of Bun, whose links say who may see what. */
function linked(store: string) {
  const files = {
    ...app('reader', 'wrapper'),
    ...reader(`${store}/reader@1/node_modules/reader`, 'linked', { needs: ['inner'] }),
    [`${store}/reader@1/node_modules/reader/index.js`]: `const inner = require('inner'); exports.read = () => inner(__dirname + '/text.txt');`,
    [`${store}/inner@1/node_modules/inner/package.json`]: manifest('inner'),
    [`${store}/inner@1/node_modules/inner/index.js`]: `module.exports = (file) => require('fs').readFileSync(file, 'utf8');`,
    [`${store}/hidden@1/node_modules/hidden/package.json`]: manifest('hidden'),
    [`${store}/hidden@1/node_modules/hidden/index.js`]: `exports.hidden = () => __filename.endsWith('index.js');`,
    [`${store}/wrapper@1/node_modules/wrapper/package.json`]: manifest('wrapper', { needs: ['hidden'] }),
    [`${store}/wrapper@1/node_modules/wrapper/index.js`]: `exports.hidden = require('hidden').hidden;`,
  };
  const name = store.slice('node_modules/'.length);
  const links = {
    [`${store}/reader@1/node_modules/inner`]: '../../inner@1/node_modules/inner',
    [`${store}/wrapper@1/node_modules/hidden`]: '../../hidden@1/node_modules/hidden',
    'node_modules/reader': `${name}/reader@1/node_modules/reader`,
    'node_modules/wrapper': `${name}/wrapper@1/node_modules/wrapper`,
  };
  return laid(files, links);
}

test.each(['node_modules/.pnpm', 'node_modules/.bun', 'node_modules/.store'])(
  'links in %s are carried',
  async (store) => {
    await using work = await linked(store);
    const entry = `import { read } from 'reader'; import { hidden } from 'wrapper'; console.log(read(), hidden());`;
    expect(await run(work.path, entry)).toBe('linked true');
    expect(
      pathsOf(await made(work.path, entry))
        .filter((path) => path.includes('->'))
        .sort(),
    ).toEqual([
      `${store}/reader@1/node_modules/inner -> ../../inner@1/node_modules/inner`,
      `node_modules/hidden@1.0.0 -> ${store.slice('node_modules/'.length)}/hidden@1/node_modules/hidden`,
      `node_modules/reader -> ${store.slice('node_modules/'.length)}/reader@1/node_modules/reader`,
    ]);
  },
);

test('an application in a workspace has packages above it, beside it and of other members', async () => {
  await using work = await laid(
    {
      'package.json': JSON.stringify({ name: 'ws', workspaces: ['apps/*', 'packages/*'] }),
      'package-lock.json': JSON.stringify({
        packages: { 'node_modules/reader': { version: '1.0.0', integrity: 'sha512-eA==' } },
      }),
      'apps/api/package.json': manifest('api', { needs: ['reader', '@ws/db'] }),
      'packages/db/package.json': manifest('@ws/db', { needs: ['reader', 'deep'] }),
      'packages/db/index.ts': `import { read } from 'reader'; import { read as deep } from 'deep'; export const both: string = read() + deep();`,
      ...reader('node_modules/reader', 'above '),
      ...reader('apps/api/node_modules/reader', 'beside ', { version: '2.0.0' }),
      ...reader('packages/db/node_modules/deep', 'deep'),
    },
    { 'node_modules/@ws/db': '../../packages/db' },
  );
  const root = join(work.path, 'apps/api');
  const entry = `import { read } from 'reader'; import { both } from '@ws/db/index.ts'; console.log(read() + both);`;
  expect(await run(root, entry)).toBe('beside above deep');
  const { inputs, packages } = await made(root, entry);
  expect(inputs).toEqual(['../../packages/db/index.ts']);
  expect(packages.map(({ name, version, integrity }) => [`${name}@${version}`, integrity])).toEqual([
    ['deep@1.0.0', undefined],
    ['reader@1.0.0', 'sha512-eA=='],
    ['reader@2.0.0', undefined],
  ]);
});

test('the bytes and the places do not depend on the directory', async () => {
  const everything = async () => {
    await using work = await linked('node_modules/.pnpm');
    const bundled = await made(work.path, `${printRead} import 'wrapper';`);
    const hashes = bundled.dependencies.flatMap((file) =>
      'content' in file && 'file' in file.content ? [file.content.hash] : [],
    );
    return [...bundled.files.map(({ bytes }) => Buffer.from(bytes).toString()), ...pathsOf(bundled), ...hashes].join(
      '\n',
    );
  };
  const [one, two] = [await everything(), await everything()];
  expect(two).toBe(one);
  expect(one).not.toContain('fairlead-images-');
});

test('what only development needs is neither imported nor traced into', async () => {
  await using work = await laid({
    'package.json': manifest('app', { needs: ['tries'], devDependencies: { reader: '1' } }),
    'node_modules/tries/package.json': manifest('tries', {
      peerDependencies: { reader: '*' },
      peerDependenciesMeta: { reader: { optional: true } },
    }),
    'node_modules/tries/index.js': `exports.tried = () => { try { return require(__dirname && 'reader').read(); } catch (error) { return error.code; } };`,
    ...reader('node_modules/reader', 'own'),
  });
  expect(await refused(work.path, printRead)).toEqual([
    'FL2401 the package "reader" has to be carried in the image, and no dependency for production leads to it',
  ]);
  await writeFile(
    join(work.path, 'a.ts'),
    `import type { Read } from 'reader';\nimport { read } from 'reader';\nexport const a: Read = read();`,
  );
  expect(await refused(work.path, `import './a.ts';`)).toEqual([
    'FL2401 a.ts:2:22 the package "reader" has to be carried in the image, and no dependency for production leads to it',
  ]);
  await writeFile(
    join(work.path, 'a.ts'),
    `import type { Read } from 'reader'; import { read } from 'reader'; export const a = 1 as unknown as Read | typeof read;`,
  );
  expect(pathsOf(await made(work.path, `import './a.ts';`))).toEqual([]);
  expect(await run(work.path, `import { tried } from 'tries'; console.log(tried());`)).toBe('MODULE_NOT_FOUND');
});

test('what a tool generates beside the packages is carried whole', async () => {
  await using work = await laid({
    ...app('client'),
    'node_modules/client/package.json': manifest('client'),
    'node_modules/client/index.js': `module.exports = require('.made/client/default');`,
    'node_modules/.made/client/package.json': '{"name":"made-1234","version":"0.0.0"}',
    'node_modules/.made/client/default.js': `const own = { dir: __dirname }; exports.made = () => require('fs').readFileSync(own.dir + '/engine.wasm', 'utf8');`,
    'node_modules/.made/client/engine.wasm': 'engine',
    'node_modules/.made/client/index.d.ts': 'export {};',
  });
  const entry = `import { made } from 'client'; console.log(made());`;
  expect(await run(work.path, entry)).toBe('engine');
  expect(pathsOf(await made(work.path, entry)).filter((path) => path.endsWith('.d.ts'))).toEqual([]);
});

test('a package that is carried for another is not bundled besides', async () => {
  const kind = (name: string) => ({
    [`node_modules/${name}/package.json`]: manifest(name),
    [`node_modules/${name}/index.js`]: `exports.Kind = class {};`,
  });
  await using work = await laid({
    ...app('maker', 'kind'),
    ...kind('kind'),
    'node_modules/maker/package.json': manifest('maker', { needs: ['kind'] }),
    'node_modules/maker/index.js': `const { Kind } = require('kind'); exports.make = () => __filename && new Kind();`,
  });
  const entry = `import { Kind } from 'kind'; import { make } from 'maker'; console.log(make() instanceof Kind);`;
  expect(await run(work.path, entry)).toBe('true');
  expect(await run(work.path, entry, { bundle: ['kind'] })).toBe('false');
});

test('fairlead.json decides where the rule is wrong', async () => {
  await using work = await laid({
    ...app('says', 'computes'),
    'node_modules/says/package.json': manifest('says'),
    'node_modules/says/index.js': `exports.says = () => typeof __filename;`,
    'node_modules/computes/package.json': manifest('computes', { needs: ['plugin'] }),
    'node_modules/computes/index.js': `exports.computes = (name) => require('plug' + name);`,
    'node_modules/plugin/package.json': manifest('plugin'),
    'node_modules/plugin/index.js': `module.exports = 'plugged';`,
  });
  const entry = `import { says } from 'says'; import { computes } from 'computes'; console.log(says(), computes.length);`;
  expect(pathsOf(await made(work.path, entry))).toEqual([
    'node_modules/says/index.js',
    'node_modules/says/package.json',
  ]);
  expect(pathsOf(await made(work.path, entry, { bundle: ['says'] }))).toEqual([]);
  expect(pathsOf(await made(work.path, entry, { bundle: ['says'], external: ['computes', 'unknown'] }))).toContain(
    'node_modules/computes/index.js',
  );
  expect(await run(work.path, entry, { external: ['computes'] })).toBe('string 1');
});

test('a package in TypeScript cannot be carried', async () => {
  await using work = await laid(
    {
      ...app('@ws/db'),
      'packages/db/package.json': manifest('@ws/db', { main: 'index.ts' }),
      'packages/db/index.ts': 'export const a: number = 1;',
    },
    { 'node_modules/@ws/db': '../../packages/db' },
  );
  const entry = `import { a } from '@ws/db'; console.log(a);`;
  expect(await refused(work.path, entry, { external: ['@ws/db'] })).toEqual([
    'FL2404 the package "@ws/db" is TypeScript, which Node does not load from node_modules',
  ]);
  expect(await run(work.path, entry)).toBe('1');
});

test("packages in the archives of Plug'n'Play are refused", async () => {
  await using work = await laid({
    ...app('reader'),
    ...reader('node_modules/reader', 'own'),
    '.pnp.cjs': '',
    'yarn.lock': '',
  });
  await writeFile(join(work.path, '.pnp.data.json'), '{}');
  const result = await bundleText(work.path, printRead);
  expect('diagnostics' in result && result.diagnostics.map(({ code, help }) => [code, help])).toEqual([
    ['FL2403', expect.stringContaining('nodeLinker: node-modules')],
  ]);
});

/** Packages with add-ons that are headers and nothing more: enough to tell what they run on. */
async function native(
  at: string,
  binaries: Record<string, number | Buffer>,
  parts: Record<string, unknown> & { needs?: string[] } = {},
  index = '',
) {
  const write = async (path: string, content: string | Buffer) => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  };
  const name = at.slice(at.lastIndexOf('node_modules/') + 'node_modules/'.length);
  await write(join(at, 'package.json'), manifest(name, parts));
  await write(join(at, 'index.js'), index);
  for (const [path, machine] of Object.entries(binaries))
    await write(join(at, path), typeof machine === 'number' ? elf(machine) : machine);
}

const [x64, arm64] = [62, 183];

test('what is compiled for one platform narrows the image to that', async () => {
  await using work = await laid(app('add-on'));
  await native(
    join(work.path, 'node_modules/add-on'),
    { 'build/Release/a.node': x64 },
    {},
    `module.exports = require('./build/Release/a.node');`,
  );
  const entry = `import 'add-on';`;
  const bundled = await made(work.path, entry);
  expect(bundled.platforms).toEqual(['linux/amd64']);
  expect(pathsOf(bundled)).toContain('node_modules/add-on/build/Release/a.node');
  expect(await refused(work.path, entry, { platforms: ['linux/arm64'] })).toEqual([
    'FL2402 the native package add-on is installed only for linux/amd64, and images are wanted for linux/arm64',
  ]);
});

test('of prebuilt add-ons those for the wanted platforms are carried', async () => {
  await using work = await laid({
    ...app('add-on'),
    'node_modules/node-gyp-build/package.json': manifest('node-gyp-build'),
  });
  await writeFile(
    join(work.path, 'node_modules/node-gyp-build/index.js'),
    `module.exports = (directory) => directory;`,
  );
  const binaries = {
    'prebuilds/linux-x64/a.node': x64,
    'prebuilds/linux-arm64/a.node': arm64,
    'prebuilds/linux-s390x/a.node': 22,
  };
  await native(
    join(work.path, 'node_modules/add-on'),
    binaries,
    { needs: ['node-gyp-build'] },
    `module.exports = require('node-gyp-build')(__dirname);`,
  );
  const addOns = async (platforms: string[]) =>
    pathsOf(await made(work.path, `import 'add-on';`, { platforms })).filter((path) => path.endsWith('.node'));
  expect(await addOns(allPlatforms)).toEqual([
    'node_modules/add-on/prebuilds/linux-arm64/a.node',
    'node_modules/add-on/prebuilds/linux-x64/a.node',
  ]);
  expect(await addOns(['linux/arm64'])).toEqual(['node_modules/add-on/prebuilds/linux-arm64/a.node']);
});

test('packages per platform count for the one that chooses among them', async () => {
  await using work = await laid(app('add-on'));
  const names = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64'];
  const optionalDependencies = Object.fromEntries(names.map((name) => [`@add/on-${name}`, '1.0.0']));
  const index = `module.exports = () => require('@add/on-' + process.platform + '-' + process.arch);`;
  const anywhere = { os: ['linux', 'darwin', 'win32'], cpu: ['x64', 'arm64', 'wasm32'] };
  await native(join(work.path, 'node_modules/add-on'), {}, { optionalDependencies, ...anywhere }, index);
  const part = (name: string, machine: number) => {
    const [os, cpu] = name.split('-');
    return native(
      join(work.path, `node_modules/@add/on-${name}`),
      { 'a.node': machine },
      { main: 'a.node', os: [os], cpu: [cpu] },
    );
  };
  expect(await refused(work.path, `import 'add-on';`)).toEqual([
    'FL2402 the native package add-on is installed without its compiled part, and images are wanted for linux/amd64, linux/arm64',
  ]);
  await part('darwin-arm64', arm64);
  expect(await refused(work.path, `import 'add-on';`)).toHaveLength(1);
  await part('linux-arm64', arm64);
  const one = await made(work.path, `import 'add-on';`);
  expect(one.platforms).toEqual(['linux/arm64']);
  await part('linux-x64', x64);
  const both = await made(work.path, `import 'add-on';`);
  expect(both.platforms).toBeUndefined();
  expect(pathsOf(both).filter((path) => path.endsWith('.node'))).toEqual([
    'node_modules/@add/on-linux-arm64/a.node',
    'node_modules/@add/on-linux-x64/a.node',
  ]);
});

test('packages tell the C libraries they are made for: by their parts, else by what is linked', async () => {
  await using work = await laid(app('sharp', 'gnu', 'both', 'still'));
  const [gnu, musl] = [elf(x64, { needs: 'libm.so.6\0libc.so.6' }), elf(x64, { needs: 'libc.musl-x86_64.so.1' })];
  const install = (name: string, ...rest: [Record<string, number | Buffer>, Record<string, unknown>?, string?]) =>
    native(join(work.path, 'node_modules', name), ...rest);
  const loading = (path: string) => `module.exports = require(${JSON.stringify(path)});`;
  const optionalDependencies = { '@sharp/linux-x64': '1.0.0', '@sharp/linuxmusl-x64': '1.0.0' };
  await install('sharp', {}, { optionalDependencies }, `module.exports = (name) => require('@sharp/' + name);`);
  await install('@sharp/linuxmusl-x64', { 'a.node': x64 }, { os: ['linux'], cpu: ['x64'], libc: ['musl'] });
  await install('gnu', { 'a.node': gnu }, {}, loading('./a.node'));
  await install('both', { 'prebuilds/a.node': gnu, 'prebuilds/b.node': musl }, {}, loading('./prebuilds/a.node'));
  await install('still', { 'a.node': x64 }, {}, loading('./a.node'));
  const entry = `import 'sharp'; import 'gnu'; import 'both'; import 'still';`;
  expect((await made(work.path, entry)).native).toEqual([
    { name: 'both', version: '1.0.0', libc: ['glibc', 'musl'] },
    { name: 'gnu', version: '1.0.0', libc: ['glibc'] },
    { name: 'sharp', version: '1.0.0', libc: ['musl'] },
  ]);
  await install('@sharp/linux-x64', { 'a.node': x64 }, { os: ['linux'], cpu: ['x64'], libc: ['glibc'] });
  expect((await made(work.path, `import 'sharp';`)).native).toEqual([
    { name: 'sharp', version: '1.0.0', libc: ['glibc', 'musl'] },
  ]);
});

test('a library is found in a large file wherever its name lies', async () => {
  await using work = await laid(app('large'));
  const addOn = Buffer.concat([elf(x64), Buffer.alloc(3 << 20)]);
  addOn.write('\0libc.musl-x86_64.so.1\0', (1 << 20) - 6, 'latin1');
  await native(join(work.path, 'node_modules/large'), { 'a.node': addOn }, {}, `module.exports = require('./a.node');`);
  expect((await made(work.path, `import 'large';`)).native).toEqual([
    { name: 'large', version: '1.0.0', libc: ['musl'] },
  ]);
});

test('two packages for different platforms leave none', async () => {
  await using work = await laid(app('one', 'two'));
  const index = `module.exports = require('./a.node');`;
  await native(join(work.path, 'node_modules/one'), { 'a.node': x64 }, {}, index);
  await native(join(work.path, 'node_modules/two'), { 'a.node': arm64 }, {}, index);
  expect(await refused(work.path, `import 'one'; import 'two';`)).toEqual([
    'FL2402 no platform is left for the native packages: one for linux/amd64; two for linux/arm64 are installed',
  ]);
});

test('an add-on that was never compiled is an error where it is needed, and none where it is optional', async () => {
  await using work = await laid({ ...app('needs'), 'node_modules/needs/binding.gyp': '{}' });
  const index = `exports.here = __dirname.length > 0; try { require('maybe'); } catch {}`;
  await native(join(work.path, 'node_modules/needs'), {}, { optionalDependencies: { maybe: '1' } }, index);
  await native(join(work.path, 'node_modules/maybe'), {}, {}, `require('./build/Release/a.node');`);
  await writeFile(join(work.path, 'node_modules/maybe/binding.gyp'), '{}');
  const entry = `import { here } from 'needs'; console.log(here);`;
  expect(await refused(work.path, entry)).toEqual([
    'FL2402 the native package needs is installed without its compiled part, and images are wanted for linux/amd64, linux/arm64',
  ]);
  await writeFile(join(work.path, 'node_modules/needs/a.node'), elf(x64));
  await writeFile(join(work.path, 'node_modules/needs/index.js'), `${index} exports.load = () => require('./a.node');`);
  expect(await run(work.path, entry)).toBe('true');
});

test('what a native package requires for its installation alone does not stand in the way', async () => {
  await using work = await laid({
    ...app('add-on'),
    'node_modules/installer/package.json': manifest('installer'),
    'node_modules/installer/index.js': `exports.find = () => __dirname + '/../add-on/a.node'; exports.install = () => [require('not-installed'), require('./page.html')];`,
    'node_modules/installer/page.html': '<p>',
  });
  await native(
    join(work.path, 'node_modules/add-on'),
    { 'a.node': x64 },
    { needs: ['installer'], gypfile: true },
    `exports.found = require('installer').find().length > 0; exports.load = () => require('./a.node');`,
  );
  expect(await run(work.path, `import { found } from 'add-on'; console.log(found);`)).toBe('true');
});

test('an error of the application is reported without those of packages that may be carried', async () => {
  await using work = await laid({ ...app('add-on'), 'a.ts': 'const a = ;' });
  await native(join(work.path, 'node_modules/add-on'), { 'a.node': x64 }, {}, `module.exports = require('./a.node');`);
  expect(await refused(work.path, `import './a.ts'; import 'add-on';`)).toEqual([
    'FL2003 a.ts:1:11 the sources cannot be bundled: Unexpected ";"',
  ]);
  expect(await refused(work.path, `import './none.ts'; import 'add-on';`)).toEqual([
    'FL2001 nothing is found for the import "./none.ts"',
  ]);
});

test('the mode of what can be executed is kept, and files are known by their hash', async () => {
  await using work = await laid({ ...app('reader'), ...reader('node_modules/reader', 'own') });
  const { dependencies } = await made(work.path, printRead);
  const text = dependencies.find(({ path }) => path.endsWith('text.txt'));
  expect(text).toEqual({
    path: 'node_modules/reader/text.txt',
    mode: 0o644,
    content: {
      file: join(work.path, 'node_modules/reader/text.txt'),
      size: 3,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    },
  });
  expect(await readFile(join(work.path, 'node_modules/reader/text.txt'), 'utf8')).toBe('own');
});
