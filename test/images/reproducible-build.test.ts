import { execFile, spawnSync } from 'node:child_process';
import { chmod, cp, lchown, lstat, lutimes, mkdir, readdir, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from '@jest/globals';
import { directory } from './sample.ts';

/** The command builds the shop on two machines that have nothing in common but its sources. */

const run = promisify(execFile);
const kit = resolve(import.meta.dirname, '../..');
const preload = resolve(import.meta.dirname, 'support/another-machine.mjs');

interface Machine {
  /** Of the checkout, relative to a directory for the test. */
  place: string;
  umask: string;
  environment: Record<string, string>;
  /** What a checkout makes of files and directories. */
  modes: { file: number; directory: number };
  modified: Date;
  /** Modules that Node loads first. */
  preloaded: string[];
  /** The number of another user. @default the one of this process */
  user?: number;
}

const here: Machine = {
  place: 'shop',
  umask: '022',
  environment: { TZ: 'UTC', LANG: 'C' },
  modes: { file: 0o644, directory: 0o755 },
  modified: new Date('2026-01-01T00:00:00Z'),
  preloaded: [],
};

const there: Machine = {
  place: 'somewhere else/grüße/日本/application',
  umask: '077',
  environment: {
    TZ: 'Asia/Kathmandu',
    LANG: 'tr_TR.UTF-8',
    LC_ALL: 'tr_TR.UTF-8',
    SOURCE_DATE_EPOCH: '1',
    CI: 'true',
    COLUMNS: '40',
  },
  modes: { file: 0o660, directory: 0o770 },
  modified: new Date('1999-06-30T23:59:59Z'),
  preloaded: [preload],
};

/** What the command says, as far as it must be the same everywhere. */
interface Built {
  release: string;
  images: Record<string, string>;
  databases: unknown;
}

async function buildOn(machine: Machine): Promise<Built> {
  await using home = await directory();
  const root = join(home.path, machine.place);
  await mkdir(dirname(root), { recursive: true });
  const filter = (path: string) => !/node_modules|encore\.gen|\.secrets/.test(path);
  await cp(join(kit, 'examples/shop'), root, { recursive: true, filter });
  await symlink(join(kit, 'node_modules'), join(root, 'node_modules'));
  await makeAsCheckedOut(home.path, machine);
  const stdout = await runOn(machine, home.path, [
    join(kit, 'cli/bin.js'),
    ...['build', '--dir', root, '--json', '--no-cache', '--state-dir', join(home.path, 'state')],
  ]);
  const { release, images, databases } = JSON.parse(stdout) as Built;
  return { release, images, databases };
}

/** Owner, modes and times are those of whoever checked the sources out. */
async function makeAsCheckedOut(home: string, { modes, modified, user }: Machine): Promise<void> {
  const entries = await readdir(home, { recursive: true, withFileTypes: true });
  for (const path of [home, ...entries.map(({ parentPath, name }) => join(parentPath, name))]) {
    const found = await lstat(path);
    if (user !== undefined) await lchown(path, user, user);
    if (!found.isSymbolicLink()) await chmod(path, found.isDirectory() ? modes.directory : modes.file);
    await lutimes(path, modified, modified);
  }
}

/** Runs Node as the machine's user with the machine's surroundings. */
async function runOn(machine: Machine, home: string, args: string[]): Promise<string> {
  const { umask, environment, preloaded, user } = machine;
  const command = [
    ...(user === undefined ? [] : switchTo(user)),
    process.execPath,
    ...preloaded.flatMap((module) => ['--import', module]),
    ...args,
  ];
  const { stdout } = await run('sh', ['-c', `umask ${umask}; exec "$@"`, 'sh', ...command], {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home, ...environment },
  });
  return stdout;
}

function switchTo(user: number): string[] {
  return ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'];
}

/** What can be seen of a machine from inside. */
async function lookAround(machine: Machine): Promise<object> {
  await using home = await directory({ a: '', b: '', c: '' });
  await makeAsCheckedOut(home.path, machine);
  const script = `
    import { readdirSync, statSync } from 'node:fs';
    console.log(JSON.stringify({
      year: new Date().getFullYear(), hour: new Date(0).getHours(), umask: process.umask(), user: process.getuid?.(),
      list: readdirSync('.'), mode: statSync('a').mode & 0o777, modified: statSync('a').mtime.getFullYear(),
    }))`;
  return JSON.parse(await runOn(machine, home.path, ['--input-type=module', '--eval', script])) as object;
}

let atHome: Built;
beforeAll(async () => {
  atHome = await buildOn(here);
});

test('another directory, clock, time zone, language, umask, order of files, their modes and times give the same release', async () => {
  expect(await buildOn(there)).toEqual(atHome);
  expect(atHome).toMatchObject({
    release: expect.stringMatching(/^sha256:/),
    images: { 'all-in-one/app': expect.any(String) },
  });
});

test('the machines do differ', async () => {
  const [one, two] = [await lookAround(here), await lookAround(there)];
  expect(one).toMatchObject({ hour: 0, umask: 0o022, mode: 0o644, modified: 2026 });
  expect(two).toMatchObject({ year: 2001, hour: 5, umask: 0o077, mode: 0o660, modified: 1999 });
  expect(two).toMatchObject({ list: (one as { list: string[] }).list.toReversed() });
});

/** Nobody, by its usual number. The kit has to be where others can read it. */
const nobody = 65534;
const others =
  process.getuid?.() === 0 &&
  spawnSync('setpriv', [...switchTo(nobody).slice(1), 'test', '-r', join(kit, 'cli/bin.js')]).status === 0;

(others ? test : test.skip)('another user gives the same release (as root, with setpriv)', async () => {
  expect(await lookAround({ ...there, user: nobody })).toMatchObject({ user: nobody });
  expect(await buildOn({ ...there, user: nobody })).toEqual(atHome);
});
