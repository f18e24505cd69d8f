// Real native packages from the registry. They take long, so they are run with FAIRLEAD_TEST_ALL=1; FAIRLEAD_TEST_NATIVE=1 with it adds
// what takes minutes: other package managers, and what has to be compiled.
import { execFile } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { directory } from '../sample.ts';
import { here, layOutAt, made, runAt } from './support/laid-out.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/native');
const all = process.env.FAIRLEAD_TEST_NATIVE === '1';
const reachable = process.env.FAIRLEAD_TEST_ALL === '1' && (await canInstall());
const [native, slow] = [reachable ? describe : describe.skip, reachable && all ? describe : describe.skip];

/** For each package: what uses it, and what that prints. */
const uses = {
  sharp: {
    code: `import sharp from 'sharp';
      const image = await sharp({ create: { width: 40, height: 20, channels: 3, background: 'red' } }).resize(10, 5).png().toBuffer();
      console.log('sharp', (await sharp(image).metadata()).width);`,
    prints: 'sharp 10',
  },
  bcrypt: {
    code: `import { compare, hash } from 'bcrypt';
      console.log('bcrypt', await compare('secret', await hash('secret', 4)), await compare('other', await hash('secret', 4)));`,
    prints: 'bcrypt true false',
  },
  libsql: { code: sqlite('libsql'), prints: 'libsql 42' },
  'better-sqlite3': { code: sqlite('better-sqlite3'), prints: 'better-sqlite3 42' },
  prisma: {
    code: `import { PrismaPg } from '@prisma/adapter-pg';
      import { PrismaClient } from '@prisma/client';
      const client = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL }) });
      const { id } = await client.item.create({ data: { name: 'stored' } });
      console.log('prisma', (await client.item.findUnique({ where: { id } })).name);
      await client.item.deleteMany();
      await client.$disconnect();`,
    prints: 'prisma stored',
  },
};

type Fixture = keyof typeof uses;

function sqlite(name: string): string {
  return `import Database from '${name}';
    const database = new Database(':memory:');
    database.exec('create table numbers (number integer)');
    database.prepare('insert into numbers values (?)').run(42);
    console.log('${name}', database.prepare('select number from numbers').get().number);`;
}

let postgres: TestPostgres | undefined;
let database = '';

beforeAll(async () => {
  if (!reachable) return;
  postgres = await startPostgres();
  const { host, port, user, password } = postgres;
  await postgres.run('postgres', 'create table "Item" (id serial primary key, name text not null)');
  database = `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/postgres`;
});

afterAll(() => postgres?.stop());

native('npm', () => {
  test.each<Fixture>(['sharp', 'bcrypt', 'libsql', 'prisma'])(
    '%s works where only its bundle and its files are',
    async (name) => {
      await using work = await directory();
      await cp(join(fixtures, name), work.path, { recursive: true });
      // None of these is compiled, and looking for what is not in the registry takes time.
      await run(work.path, 'npm', 'ci', '--ignore-scripts');
      await expectWorking(work.path, [name]);
    },
    300_000,
  );
});

slow('a package that is compiled', () => {
  test('better-sqlite3 works where only its bundle and its files are', async () => {
    await using work = await directory();
    await cp(join(fixtures, 'better-sqlite3'), work.path, { recursive: true });
    await run(work.path, 'npm', 'ci');
    await expectWorking(work.path, ['better-sqlite3']);
  }, 900_000);
});

slow('other package managers', () => {
  const packages: Fixture[] = ['sharp', 'bcrypt', 'libsql', 'prisma'];

  test.each<[string, string[], Record<string, string>]>([
    ['pnpm', ['pnpm@10.28.0', 'install', '--ignore-scripts'], {}],
    ['pnpm, hoisted', ['pnpm@10.28.0', 'install', '--ignore-scripts'], { '.npmrc': 'node-linker=hoisted\n' }],
    ['Yarn 1', ['yarn@1.22.22', 'install', '--ignore-scripts'], {}],
    ['Bun', ['bun@1.3.5', 'install', '--ignore-scripts', '--linker=hoisted'], {}],
    ['Bun, isolated', ['bun@1.3.5', 'install', '--ignore-scripts', '--linker=isolated'], {}],
  ])(
    '%s',
    async (_, command, files) => {
      await using work = await directory(files);
      await cp(join(fixtures, 'prisma/prisma'), join(work.path, 'prisma'), { recursive: true });
      await writeFile(join(work.path, 'package.json'), JSON.stringify(await merged(packages)));
      await run(work.path, 'npx', '--yes', ...command);
      await expectWorking(work.path, packages);
    },
    900_000,
  );
});

/** Bundles what uses the packages, lays it out in an empty directory and runs it there. */
async function expectWorking(root: string, names: Fixture[]): Promise<void> {
  if (names.includes('prisma')) await run(root, 'npx', '--no-install', 'prisma', 'generate');
  const printed: string[] = [];
  for (const name of names) {
    await using image = await directory();
    await layOutAt(image.path, await made(root, uses[name].code, { platforms: [here] }));
    printed.push(await runWithAny(image.path));
  }
  expect(printed).toEqual(names.map((name) => uses[name].prints));
}

/** With this Node; or with the system's, where that is what packages are compiled for. */
async function runWithAny(path: string): Promise<string> {
  try {
    return await runAt(path, { DATABASE_URL: database });
  } catch (error) {
    if (!String(error).includes('NODE_MODULE_VERSION')) throw error;
    return runAt(path, { DATABASE_URL: database }, '/usr/bin/node');
  }
}

async function merged(names: Fixture[]): Promise<object> {
  const manifests = await Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(fixtures, name, 'package.json'), 'utf8'))),
  );
  const ofAll = (key: string) => Object.assign({}, ...manifests.map((one) => one[key]));
  return {
    name: 'all',
    private: true,
    type: 'module',
    dependencies: ofAll('dependencies'),
    devDependencies: ofAll('devDependencies'),
  };
}

/** Prisma's engines are not in the registry, and neither generating nor an adapter needs them. */
const engines = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_QUERY_ENGINE_LIBRARY: process.execPath };

async function run(cwd: string, command: string, ...args: string[]): Promise<void> {
  const env = { ...process.env, ...engines, DATABASE_URL: database, NODE_OPTIONS: '' };
  await promisify(execFile)(command, args, { cwd, env, maxBuffer: 1 << 26 });
}

async function canInstall(): Promise<boolean> {
  try {
    await promisify(execFile)('npm', ['view', 'sharp@0.34.5', 'version'], { timeout: 30_000 });
    return true;
  } catch {
    return false;
  }
}
