import { execFile, spawnSync } from 'node:child_process';
import { chmod, mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { directory } from '../sample.ts';

const run = promisify(execFile);
const script = resolve(import.meta.dirname, 'support/build-image.ts');

interface Made {
  manifest: string;
  sbom: string;
  layer: string;
  seen: { uid: number; year: number; zone: number; umask: number };
}

interface Machine {
  order: 'forth' | 'back';
  umask: string;
  environment: Record<string, string>;
  /** Where the clock begins; undefined is now. */
  clock?: string;
  /** Another user than root, which takes root. */
  user?: number;
  /** Of the files and directories, which a checkout makes by its own umask and time. */
  modes: { file: number; directory: number };
  time: Date;
}

const contents: Record<string, string> = {
  'main.mjs': 'console.log("hello");\n',
  'a/b/deep.txt': 'deep',
  'a/B.txt': 'upper',
  'a-b.txt': 'between',
  'grüße/ı.txt': 'Unicode',
  'big.txt': 'line of text\n'.repeat(40_000),
};

/** A machine of its own kind writes the files and makes the image. */
async function makeOn(machine: Machine, root: string): Promise<Made> {
  const [source, out] = [join(root, `source-${machine.order}`), join(root, 'out')];
  const { file, directory: folder } = machine.modes;
  const entries = Object.entries(contents);
  for (const [path, text] of machine.order === 'forth' ? entries : entries.reverse()) {
    await mkdir(dirname(join(source, path)), { recursive: true });
    await chmod(dirname(join(source, path)), folder);
    await writeFile(join(source, path), text);
    await chmod(join(source, path), file);
    await utimes(join(source, path), machine.time, machine.time);
  }
  await writeFile(join(source, 'run'), '#!/bin/sh\n');
  await chmod(join(source, 'run'), file | (file >> 2));
  await symlink('../main.mjs', join(source, 'a/link'));
  await mkdir(out);
  for (const path of [root, source, out]) await chmod(path, 0o777);
  const clock = `const past = Date.parse('${machine.clock}'); Date.now = () => past; globalThis.Date = class extends Date { constructor(...given) { super(...(given.length === 0 ? [past] : given)); } };`;
  const node = [
    process.execPath,
    ...(machine.clock === undefined ? [] : ['--import', `data:text/javascript,${encodeURIComponent(clock)}`]),
    script,
    source,
    out,
  ];
  const command =
    machine.user === undefined
      ? node
      : ['setpriv', `--reuid=${machine.user}`, `--regid=${machine.user}`, '--clear-groups', ...node];
  const { stdout } = await run('sh', ['-c', `umask ${machine.umask}; exec "$@"`, 'sh', ...command], {
    cwd: root,
    env: { PATH: process.env.PATH, ...machine.environment },
  });
  return JSON.parse(stdout) as Made;
}

const here: Machine = {
  order: 'forth',
  umask: '022',
  environment: { TZ: 'UTC', LANG: 'C' },
  modes: { file: 0o644, directory: 0o755 },
  time: new Date('2026-01-01T00:00:00Z'),
};

const there: Machine = {
  order: 'back',
  umask: '0007',
  environment: {
    TZ: 'Asia/Tokyo',
    LANG: 'tr_TR.UTF-8',
    LC_ALL: 'tr_TR.UTF-8',
    SOURCE_DATE_EPOCH: '1',
    HOME: '/nowhere',
  },
  clock: '2001-02-03T04:05:06Z',
  modes: { file: 0o664, directory: 0o775 },
  time: new Date('1999-12-31T23:59:59Z'),
};

async function both(other: Machine): Promise<[Made, Made]> {
  await using one = await directory();
  await using two = await directory();
  return [await makeOn(here, one.path), await makeOn(other, two.path)];
}

test('another directory, order, time zone, language, umask, file time and clock give the same image', async () => {
  const [{ seen: seenHere, ...one }, { seen: seenThere, ...two }] = await both(there);
  expect(two).toEqual(one);
  // The second process really saw another world.
  expect(seenThere).toMatchObject({ year: 2001, zone: 9, umask: 0o007 });
  expect(seenHere.umask).toBe(0o022);
});

const others = process.getuid?.() === 0 && spawnSync('setpriv', ['--version']).status === 0;

(others ? test : test.skip)('another user gives the same image (as root, with setpriv)', async () => {
  const [{ seen: seenHere, ...one }, { seen: seenThere, ...two }] = await both({ ...there, user: 65534 });
  expect(two).toEqual(one);
  expect([seenHere.uid, seenThere.uid]).toEqual([0, 65534]);
});
