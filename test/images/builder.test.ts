import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { type BuilderOptions, createBuilder } from '../../images/mod.ts';
import { scratch } from '../../images/oci/image/mod.ts';
import { openLayout } from '../../images/oci/repository/mod.ts';
import { unpack } from '../../images/unpack.ts';
import {
  type Allocation,
  type Digest,
  parseConfig,
  type Release,
  type Reporter,
  UserError,
} from '../../pipeline/mod.ts';
import { elf } from './externals/support/elf.ts';
import { directory } from './sample.ts';
import { start } from './support/built-process.ts';

const kit = resolve(import.meta.dirname, '../..');
const quiet: Reporter = { step: (_, work) => work(), info() {}, warn() {} };

const hello = {
  'package.json': '{"name":"hello","type":"module"}',
  'tsconfig.json':
    '{"compilerOptions":{"strict":true,"module":"preserve","moduleResolution":"bundler","paths":{"~encore/*":["./encore.gen/*"]}}}',
  'hello/hello.ts': `
    import { api } from 'encore.dev/api';
    import { names } from '~encore/clients';
    export const hello = api({ method: 'GET', path: '/hello/:name', expose: true },
      async ({ name }: { name: string }): Promise<{ text: string }> => ({ text: 'Hello ' + (await names.polite({ name })).name }));`,
  'names/names.ts': `
    import { api } from 'encore.dev/api';
    export const polite = api({}, async ({ name }: { name: string }): Promise<{ name: string }> => ({ name: 'dear ' + name }));
    export const rude = api({}, async (): Promise<{ name: string }> => ({ name: 'you' }));`,
};

/** A copy of the shop outside the repository, with the repository's packages. */
async function copyOfShop() {
  const work = await directory();
  const root = join(work.path, 'shop');
  await cp(join(kit, 'examples/shop'), root, { recursive: true, filter: (path) => !path.includes('node_modules') });
  await symlink(join(kit, 'node_modules'), join(root, 'node_modules'));
  return { root, [Symbol.asyncDispose]: () => work[Symbol.asyncDispose]() };
}

async function openStore(options: Partial<BuilderOptions> = {}) {
  const work = await directory();
  const repository = openLayout(join(work.path, 'store'));
  const builder = createBuilder({ repository, tool: '1.2.3', cache: join(work.path, 'cache'), ...options });
  let unpacked = 0;
  return {
    repository,
    path: work.path,
    build: (root: string, allocations: Allocation[], report = quiet) =>
      builder.build(root, configOf(allocations), report),
    /** A new directory with the files of an image. */
    async unpack({ content }: Release, key: string): Promise<string> {
      const target = join(work.path, `image${unpacked++}`);
      await mkdir(target);
      await unpack(repository, content.images[key] as Digest, target);
      return target;
    },
    [Symbol.asyncDispose]: () => work[Symbol.asyncDispose](),
  };
}

function configOf(allocations: Allocation[]) {
  const environments = Object.fromEntries(allocations.map((processes, at) => [`env${at}`, { processes }]));
  return parseConfig(JSON.stringify({ environments }), 'fairlead.json');
}

async function problemsOf(work: Promise<unknown>): Promise<string[]> {
  const error = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof UserError)) throw error;
  return error.diagnostics.map(({ code, position }) => `${code} ${position?.file}:${position?.line}`);
}

test('the same sources give the same release, from any directory', async () => {
  await using store = await openStore();
  await using other = await openStore();
  await using copy = await copyOfShop();
  const both: Allocation[] = ['all-in-one', 'per-service'];
  const here = await store.build(join(kit, 'examples/shop'), both);
  const there = await other.build(copy.root, both);
  expect(there.content).toEqual(here.content);
  expect(there.digest).toBe(here.digest);
  expect(there.source.hash).toBe(here.source.hash);
  expect(Object.keys(here.content.images).sort()).toEqual([
    'all-in-one/app',
    'per-service/analytics',
    'per-service/gateway',
    'per-service/notifications',
    'per-service/orders',
  ]);
  expect(here.content).toMatchObject({ version: 2, tool: '1.2.3', migrate: 'all-in-one/app' });
});

test("a service's image changes only with what it is made of", async () => {
  await using store = await openStore();
  await using copy = await copyOfShop();
  const before = (await store.build(copy.root, ['per-service'])).content.images;
  const changedBy = async (file: string, text: string) => {
    await appendFile(join(copy.root, file), text);
    const after = (await store.build(copy.root, ['per-service'])).content.images;
    const changed = Object.keys(after).filter((key) => key !== 'all-in-one/app' && after[key] !== before[key]);
    await writeFile(join(copy.root, file), await readFile(join(kit, 'examples/shop', file)));
    return changed;
  };
  expect(
    await changedBy('analytics/analytics.ts', `\nexport const extra = api({}, async (): Promise<void> => {});\n`),
  ).toEqual(['per-service/analytics']);
  expect(
    await changedBy('orders/orders.ts', `\nexport const extra = api({}, async (): Promise<void> => {});\n`),
  ).toEqual(['per-service/orders']);
  expect(
    await changedBy(
      'orders/orders.ts',
      `\nexport const extra = api({ expose: true, path: '/extra' }, async (): Promise<void> => {});\n`,
    ),
  ).toEqual(['per-service/gateway', 'per-service/orders']);
});

test('the image of all services can migrate, and knows where each migration comes from', async () => {
  await using store = await openStore();
  const shop = join(kit, 'examples/shop');
  const release = await store.build(shop, ['per-service']);
  const image = await store.unpack(release, release.content.migrate!);
  const { databases } = JSON.parse(await readFile(join(image, 'migrations.json'), 'utf8'));
  expect(Object.keys(databases).sort()).toEqual(['analytics', 'orders']);
  for (const { file, sql } of Object.values<{ file: string; sql: string }[]>(databases).flat())
    expect(await readFile(join(image, sql), 'utf8')).toBe(await readFile(join(shop, file), 'utf8'));
  const own = ['main.mjs', 'main.mjs.map', 'runtime', 'runtime.mjs'];
  const forMigration = ['migrate.mjs', 'migrations', 'migrations.json'];
  expect((await readdir(image)).sort()).toEqual([...own, ...forMigration].sort());
  expect((await readdir(await store.unpack(release, 'per-service/orders'))).sort()).toEqual(own);

  const config = join(store.path, 'infra.config.json');
  await writeFile(config, '{}');
  const { status, stdout } = spawnSync(process.execPath, [join(image, 'migrate.mjs')], {
    env: { ...process.env, ENCORE_INFRA_CONFIG_PATH: config },
    encoding: 'utf8',
  });
  expect([status, JSON.parse(stdout)]).toEqual([
    1,
    expect.objectContaining({ event: 'failed', database: 'analytics' }),
  ]);
});

test('hooks run before the analysis and after the images, without credentials', async () => {
  await using store = await openStore({
    env: { PATH: process.env.PATH, AWS_SECRET_ACCESS_KEY: 'hush', LANG: 'plain' },
  });
  const hooks = {
    prebuild: 'echo "export const polite = \'$LANG$AWS_SECRET_ACCESS_KEY\';" > hello/generated.ts',
    postbuild: 'test -f hello/generated.ts && echo done > after',
  };
  await using root = await directory({
    ...hello,
    'encore.app': JSON.stringify({ id: 'hello', build: { hooks } }),
    'hello/hello.ts': `import { polite } from './generated';\n${hello['hello/hello.ts'].replace("'Hello '", 'polite')}`,
  });
  const release = await store.build(root.path, ['all-in-one']);
  await using app = await start(await store.unpack(release, 'all-in-one/app'), store.path);
  expect(await (await fetch(`${app.url}/hello/Ada`)).json()).toEqual({ text: 'plaindear Ada' });
  expect(existsSync(join(root.path, 'after'))).toBe(true);
});

test('a Dockerfile has no effect without a base, and that is said', async () => {
  await using store = await openStore();
  await using root = await directory({ ...hello, 'names/Dockerfile': 'FROM scratch' });
  const warnings: string[] = [];
  const report: Reporter = { ...quiet, warn: (message) => void warnings.push(message) };
  const release = await store.build(root.path, ['per-service'], report);
  expect(release.content).not.toHaveProperty('unreproducible');
  expect(warnings).toEqual([expect.stringMatching(/^FL2516: names\/Dockerfile has no effect/)]);
});

test('native packages for another C library than that of the base are warned about, once', async () => {
  const base: BuilderOptions['base'] = async () => ({
    image: { image: 'node:24-alpine', digest: `sha256:${'a'.repeat(64)}` },
    libc: 'musl',
    entrypoint: ['node'],
    platforms: [scratch({ os: 'linux', architecture: 'amd64' })],
  });
  await using store = await openStore({ base });
  await using root = await directory({
    ...hello,
    'package.json': '{"name":"hello","type":"module","dependencies":{"add-on":"1.0.0"}}',
    'hello/hello.ts': `import 'add-on';${hello['hello/hello.ts']}`,
    'node_modules/add-on/package.json': '{"name":"add-on","version":"1.0.0"}',
    'node_modules/add-on/index.d.ts': 'export {};',
    'node_modules/add-on/index.js': `require('./a.node');`,
  });
  await writeFile(join(root.path, 'node_modules/add-on/a.node'), elf(62, { needs: 'libc.so.6' }));
  const warnings: string[] = [];
  const report: Reporter = { ...quiet, warn: (message) => void warnings.push(message) };
  await store.build(root.path, ['all-in-one', 'per-service'], report);
  expect(warnings).toEqual([
    'FL2511: the base image node:24-alpine seems to have musl, for which add-on@1.0.0 was not made',
  ]);
});

test('an application without databases and topics has nothing to migrate', async () => {
  await using store = await openStore();
  await using root = await directory(hello);
  expect(await store.build(root.path, ['all-in-one'])).toMatchObject({ content: { databases: {} } });
  expect((await store.build(root.path, ['all-in-one'])).content).not.toHaveProperty('migrate');
});

test('a built process starts and answers, its services calling each other', async () => {
  await using store = await openStore();
  await using root = await directory(hello);
  const release = await store.build(root.path, ['all-in-one']);
  await using app = await start(await store.unpack(release, 'all-in-one/app'), store.path);
  const response = await fetch(`${app.url}/hello/Ada`);
  expect([response.status, await response.json()]).toEqual([200, { text: 'Hello dear Ada' }]);
  expect((await fetch(`${app.url}/names.polite`, { method: 'POST', body: '{"name":"Ada"}' })).status).toBe(404);
});

const withSite = {
  ...hello,
  'site/site.ts': `
    import { api } from 'encore.dev/api';
    export const pages = api.static({ path: '/!path', expose: true, dir: './dist', notFound: './gone.html' });`,
  'site/dist/index.html': '<h1>home</h1>',
  'site/dist/app.js': 'export {};',
  'site/gone.html': 'gone',
};

test('static assets go into the images of the process that serves them, and count for the release', async () => {
  await using store = await openStore();
  await using root = await directory(withSite);
  const said: string[] = [];
  const report: Reporter = { ...quiet, info: (message) => void said.push(message) };
  const release = await store.build(root.path, ['per-service'], report);
  expect(said).toEqual(['static assets: 3 files, 1 kB']);
  const site = await store.unpack(release, 'per-service/site');
  expect((await readdir(join(site, 'assets'), { recursive: true })).sort()).toEqual([
    'site',
    'site/dist',
    'site/dist/app.js',
    'site/dist/index.html',
    'site/gone.html',
  ]);
  expect(await readdir(await store.unpack(release, 'per-service/names'))).not.toContain('assets');
  expect((await store.build(root.path, ['per-service'])).digest).toBe(release.digest);
  await writeFile(join(root.path, 'site/dist/app.js'), 'export const changed = 1;');
  const after = await store.build(root.path, ['per-service']);
  const differing = (of: 'images' | 'inputs') =>
    Object.keys(after.content[of]).filter(
      (key) =>
        (after.content[of] as Record<string, string>)[key] !== (release.content[of] as Record<string, string>)[key],
    );
  expect([differing('images').sort(), differing('inputs')]).toEqual([
    ['all-in-one/app', 'per-service/site'],
    ['site/dist/app.js'],
  ]);
});

test('static assets are served by a built process', async () => {
  await using store = await openStore();
  await using root = await directory(withSite);
  const release = await store.build(root.path, ['all-in-one']);
  await using app = await start(await store.unpack(release, 'all-in-one/app'), store.path);
  const page = await fetch(`${app.url}/`);
  expect([page.status, page.headers.get('content-type'), await page.text()]).toEqual([
    200,
    'text/html; charset=utf-8',
    '<h1>home</h1>',
  ]);
  // Without the second `fetch` says that it wants it anew.
  const headers = { 'if-none-match': page.headers.get('etag') ?? '', 'cache-control': 'max-age=0' };
  expect((await fetch(`${app.url}/index.html`, { headers })).status).toBe(304);
  const missing = await fetch(`${app.url}/none.txt`);
  expect([missing.status, await missing.text()]).toEqual([404, 'gone']);
  expect((await fetch(`${app.url}/hello/Ada`)).status).toBe(200);
});

test('a static asset that looks secret is refused, unless it is named', async () => {
  await using store = await openStore();
  await using root = await directory({ ...withSite, 'site/dist/.env': 'KEY=1' });
  expect(await problemsOf(store.build(root.path, ['all-in-one']))).toEqual(['FL2305 site/dist/.env:1']);
  await using named = await directory({ ...withSite, 'site/dist/test.key': 'public', 'fairlead.json': '{}' });
  const config = parseConfig('{"build":{"allowSecrets":["site/dist/"]}}', 'fairlead.json');
  const builder = createBuilder({ repository: store.repository, tool: '1.2.3' });
  const release = await builder.build(named.path, config, quiet);
  expect(await readdir(join(await store.unpack(release, 'all-in-one/app'), 'assets/site/dist'))).toContain('test.key');
});

test('what is wrong with the sources is thrown at once, and nothing is stored', async () => {
  await using store = await openStore();
  await using root = await directory({
    ...hello,
    'hello/hello.ts': `${hello['hello/hello.ts']}\nimport './nowhere.js';\nimport 'not-installed';\n`,
  });
  const problems = await problemsOf(store.build(root.path, ['all-in-one', 'per-service']));
  expect(problems.length).toBeGreaterThanOrEqual(2);
  expect(new Set(problems).size).toBe(problems.length);
  expect(existsSync(join(store.path, 'store'))).toBe(false);
});

test('a file that looks secret is refused by its name, also when it is imported', async () => {
  await using store = await openStore();
  await using root = await directory({
    ...hello,
    'hello/service-account.json': '{"private_key":"-----BEGIN PRIVATE KEY-----"}',
    'hello/hello.ts': `import account from './service-account.json';\n${hello['hello/hello.ts'].replace("'Hello '", 'account.private_key')}`,
  });
  expect(await problemsOf(store.build(root.path, ['all-in-one']))).toEqual(['FL2305 hello/service-account.json:1']);
  expect(existsSync(join(store.path, 'store'))).toBe(false);
});

test('sources that change during the build are refused', async () => {
  await using store = await openStore();
  await using root = await directory(hello);
  const meddling: Reporter = {
    ...quiet,
    async step(title, work) {
      if (title === 'Bundle') await rm(join(root.path, 'tsconfig.json'));
      return work();
    },
  };
  expect(await problemsOf(store.build(root.path, ['all-in-one'], meddling))).toEqual(['FL2004 undefined:undefined']);
  expect(existsSync(join(store.path, 'store'))).toBe(false);
});
