import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { digestOf } from '../../../images/oci/descriptor.ts';
import { gzip } from '../../../images/oci/image/gzip.ts';
import {
  type Layer,
  type LayerFile,
  type LayerOptions,
  layerOf,
  openLayer,
  readTree,
} from '../../../images/oci/image/mod.ts';
import { UserError } from '../../../pipeline/mod.ts';
import { directory } from '../sample.ts';
import { testWith } from './support/judge.ts';

const text = (path: string, content = path): LayerFile => ({ path, content: Buffer.from(content) });

async function bytesOf(layer: Layer): Promise<Buffer> {
  const opened = openLayer(layer)();
  return opened instanceof Uint8Array ? Buffer.from(opened) : buffer(opened);
}

/** What the system's own tar reads in a layer. */
async function listing(files: LayerFile[], options: LayerOptions = {}): Promise<string[]> {
  const bytes = await bytesOf(await layerOf(files, options));
  const out = execFileSync(
    'tar',
    ['--utc', '--full-time', '--numeric-owner', '--quoting-style=literal', '-tvzf', '-'],
    {
      input: bytes,
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
      encoding: 'utf8',
    },
  );
  return out.trimEnd().split('\n');
}

async function problemsOf(work: Promise<unknown>): Promise<string[]> {
  const error = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(UserError);
  return (error as UserError).diagnostics.map(({ code, message }) => `${code} ${message}`);
}

const refusals = (files: LayerFile[], options?: LayerOptions): Promise<string[]> => problemsOf(layerOf(files, options));

describe('what is in a layer', () => {
  testWith('tar')(
    'tar reads entries in the order of code units, each directory once, owned by root, without times',
    async () => {
      const files: LayerFile[] = [
        text('b/c/two.js'),
        text('b/Z.js'),
        { path: 'bin/run', mode: 0o755, content: Buffer.from('#!') },
        text('b-a.js'),
        { path: 'b/c/link.js', link: '../Z.js' },
        text('b/c/one.js', ''),
      ];
      expect(await listing(files, { prefix: 'srv/app' })).toEqual([
        'drwxr-xr-x 0/0               0 1970-01-01 00:00:00 srv/',
        'drwxr-xr-x 0/0               0 1970-01-01 00:00:00 srv/app/',
        'drwxr-xr-x 0/0               0 1970-01-01 00:00:00 srv/app/b/',
        '-rw-r--r-- 0/0               6 1970-01-01 00:00:00 srv/app/b-a.js',
        '-rw-r--r-- 0/0               6 1970-01-01 00:00:00 srv/app/b/Z.js',
        'drwxr-xr-x 0/0               0 1970-01-01 00:00:00 srv/app/b/c/',
        'lrwxrwxrwx 0/0               0 1970-01-01 00:00:00 srv/app/b/c/link.js -> ../Z.js',
        '-rw-r--r-- 0/0               0 1970-01-01 00:00:00 srv/app/b/c/one.js',
        '-rw-r--r-- 0/0              10 1970-01-01 00:00:00 srv/app/b/c/two.js',
        'drwxr-xr-x 0/0               0 1970-01-01 00:00:00 srv/app/bin/',
        '-rwxr-xr-x 0/0               2 1970-01-01 00:00:00 srv/app/bin/run',
      ]);
    },
  );

  const long = (length: number): string => 'x'.repeat(length);
  testWith('tar').each([
    ['spaces', 'a file with spaces .txt', 0],
    ['Unicode', 'grüße/日本語/🙂.txt', 1],
    ['a line break', 'two\nlines', 1],
    ['100 characters', long(100), 0],
    ['101 characters', long(101), 1],
    ['a slash that divides 256 characters', `${long(77)}/${long(77)}/${long(100)}`, 0],
    ['a slash too far left', `${long(20)}/${long(101)}`, 1],
    ['300 characters in directories', `${long(99)}/${long(99)}/${long(100)}`, 1],
    ['255 characters of two bytes', 'ü'.repeat(127), 1],
  ])('a path with %s arrives in tar, with an extended header only where it needs one', async (_, path, extended) => {
    const layer = await layerOf([text(path, 'content')]);
    await using root = await directory();
    execFileSync('tar', ['-xzf', '-', '-C', root.path], { input: await bytesOf(layer) });
    expect(await readFile(join(root.path, path), 'utf8')).toBe('content');
    const tar = gunzipSync(await bytesOf(layer));
    const headers = Array.from({ length: tar.length / 512 }, (_, block) =>
      tar.subarray(block * 512, block * 512 + 512),
    );
    const own = headers.filter((block) => block.toString('latin1', 257, 262) === 'ustar');
    expect(own.filter((block) => block[156] === 'x'.charCodeAt(0)).length >= 1).toBe(extended === 1);
  });

  testWith('tar')('a target of a link may be long for tar', async () => {
    const target = `${long(90)}/${long(90)}`;
    const [, , line] = await listing([{ path: 'a', link: target }, text(target)]);
    expect(line).toMatch(new RegExp(`a -> ${target}$|${target}$`));
  });

  testWith('tar')('sizes of 0, 511, 512, 513 bytes and of a megabyte arrive in tar', async () => {
    await using root = await directory();
    const sizes = [0, 511, 512, 513, 1_000_000];
    const files = sizes.map((size) => ({ path: `f${size}`, content: Buffer.alloc(size, 'ab') }));
    execFileSync('tar', ['-xzf', '-', '-C', root.path], { input: await bytesOf(await layerOf(files)) });
    for (const { path, content } of files) expect((await readFile(join(root.path, path))).equals(content)).toBe(true);
  });

  test('the digests are those of the bytes, in memory and in a file named by them', async () => {
    await using root = await directory();
    const inMemory = await layerOf([text('a')]);
    const inFile = await layerOf([text('a')], { directory: root.path });
    const bytes = await bytesOf(inFile);
    expect(inFile.descriptor).toEqual(inMemory.descriptor);
    expect(inFile.descriptor).toEqual({
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      digest: digestOf(bytes),
      size: bytes.length,
    });
    expect(inFile.diffId).toBe(digestOf(gunzipSync(bytes)));
    expect(await readdir(root.path)).toEqual([digestOf(bytes).replace(':', '-')]);
  });

  test('the gzip header says nothing of time, name or system', async () => {
    const bytes = await bytesOf(await layerOf([text('a')]));
    expect(bytes.subarray(0, 10).toString('hex')).toBe('1f8b08000000000000ff');
  });

  test('a layer that is known by its tar is not compressed again', async () => {
    const made = await layerOf([text('a')]);
    const asked: string[] = [];
    const find = async (diffId: string) => {
      asked.push(diffId);
      return diffId === made.diffId ? made : undefined;
    };
    expect(await layerOf([text('a')], { find })).toBe(made);
    expect((await layerOf([text('b')], { find })).descriptor.digest).toBe(
      (await layerOf([text('b')])).descriptor.digest,
    );
    expect(asked).toHaveLength(2);
  });
});

test('gzip depends on the bytes, not on how they arrive', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 2000 }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 5 }),
      async (parts, times) => {
        const pieces = Array.from({ length: times * 20 }, () => parts).flat();
        const whole = Buffer.concat(pieces);
        const [one, other] = await Promise.all([compress([whole]), compress(pieces)]);
        expect(one.equals(other)).toBe(true);
        expect(gunzipSync(one).equals(whole)).toBe(true);
      },
    ),
    { numRuns: 40, seed: 7 },
  );
});

async function compress(pieces: Uint8Array[]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  async function* given() {
    yield* pieces;
  }
  for await (const chunk of gzip(given())) chunks.push(chunk);
  return Buffer.concat(chunks);
}

testWith('tar')('tar reads whatever may go into a layer', async () => {
  const segment = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).map((name) => name.replaceAll('/', '-'));
  const path = fc.array(segment, { minLength: 1, maxLength: 5 }).map((names) => names.join('/'));
  const some = fc.uniqueArray(fc.tuple(path, fc.uint8Array({ maxLength: 1500 })), {
    maxLength: 12,
    selector: ([at]) => at,
  });
  let carried = 0;
  await fc.assert(
    fc.asyncProperty(some, async (given) => {
      const all = given.map(([at, bytes]): LayerFile => ({ path: at, content: bytes }));
      const layer = await layerOf(all, { allowed: given.map(([at]) => at) }).catch((error: unknown) => {
        expect(error).toBeInstanceOf(UserError);
        return undefined;
      });
      if (layer === undefined) return;
      carried += 1;
      await using root = await directory();
      execFileSync('tar', ['-xzf', '-', '-C', root.path], { input: await bytesOf(layer) });
      for (const [at, bytes] of given) expect((await readFile(join(root.path, at))).equals(bytes)).toBe(true);
    }),
    { numRuns: 60, seed: 11 },
  );
  expect(carried).toBeGreaterThan(20);
});

test('many files are read ahead and arrive in order, large and small', async () => {
  await using root = await directory();
  const sizes = Array.from({ length: 60 }, (_, at) => (at % 20 === 7 ? 400_000 : at * 10));
  const files = await Promise.all(
    sizes.map(async (size, at) => {
      const file = join(root.path, `${at}.bin`);
      await writeFile(file, Buffer.alloc(size, at));
      return { path: `${at}.bin`, content: { file, size } };
    }),
  );
  const inMemory = sizes.map((size, at) => ({ path: `${at}.bin`, content: Buffer.alloc(size, at) }));
  expect((await layerOf(files)).descriptor).toEqual((await layerOf(inMemory)).descriptor);
});

describe('what cannot go into a layer', () => {
  test.each([
    ['it has no name', ''],
    ['its path is absolute', '/etc/passwd'],
    ['its path leads out with `..`', '../out'],
    ['its path leads out with `..`', 'a/../../out'],
    ['its path is not in its shortest form', 'a//b'],
    ['its path is not in its shortest form', './a'],
    ['its path is not in its shortest form', 'a/'],
    ['its name has a NUL character', 'a\0b'],
    ['its name has a backslash', 'a\\b'],
    ['its name is not valid Unicode', 'a\ud800'],
    ['a name that begins with `.wh.` removes files of lower layers', 'a/.wh.b'],
    ['a name in its path is longer than 255 bytes', `a/${'ü'.repeat(128)}`],
    ['its path is longer than 4095 bytes', `${'long/'.repeat(900)}a`],
  ])('a file of which one has to say: %s', async (reason, path) => {
    expect(await refusals([text(path)])).toEqual([`FL2301 ${JSON.stringify(path)} cannot go into an image: ${reason}`]);
  });

  test('two files of one path, and a file where others need a directory', async () => {
    expect(await refusals([text('a'), text('a'), text('b'), { path: 'b/c', link: '../a' }])).toEqual([
      'FL2302 "a" cannot go into an image: two files have this path',
      'FL2302 "b" cannot go into an image: it is a directory of other files too',
    ]);
  });

  test.each([
    [{ a: '../a' }, ['"a" cannot go into an image: its link leads out of the image, to "../a"']],
    [{ a: '/etc/passwd' }, ['"a" cannot go into an image: its link leads out of the image, to "/etc/passwd"']],
    [{ 'd/a': '../../x' }, ['"d/a" cannot go into an image: its link leads out of the image, to "../../x"']],
    [
      { a: 'b', b: 'a' },
      [
        '"a" cannot go into an image: its link leads back to itself',
        '"b" cannot go into an image: its link leads back to itself',
      ],
    ],
    [{ a: 'a' }, ['"a" cannot go into an image: its link leads back to itself']],
    [{ a: '' }, ['"a" cannot go into an image: its link has no valid target']],
    [
      { 'd/up': '..', 'd/out': 'up/../x' },
      ['"d/out" cannot go into an image: its link leads out of the image, to "up/../x"'],
    ],
  ])('the links %j', async (links, expected) => {
    const files = Object.entries(links).map(([path, link]) => ({ path, link }));
    expect(await refusals(files)).toEqual(expected.map((message) => `FL2303 ${message}`));
  });

  test('links that stay inside are carried, also through others and to nothing', async () => {
    const files = [
      { path: 'store/pg/node_modules/self', link: '../../pg' },
      { path: 'node_modules/pg', link: '../store/pg' },
      { path: 'through', link: 'node_modules/pg/../other' },
    ];
    expect((await layerOf(files)).descriptor.size).toBeGreaterThan(0);
  });

  const key = '-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n';
  const certificate = '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n';
  test.each([
    ['.env', ''],
    ['orders/.env.production', ''],
    ['.envrc', ''],
    ['.ENV', ''],
    ['certs/server.key', ''],
    ['certs/server.pem', key],
    ['certs/both.pem', certificate + key],
    ['certs/der.pem', '\u0001'],
    ['id_rsa', ''],
    ['.ssh/config', ''],
    ['.npmrc', '//registry.example/:_authToken=abc'],
    ['.yarnrc.yml', 'npmAuthToken: abc'],
    ['.secrets.local.cue', ''],
    ['credentials.json', '{}'],
    ['service-account.json', '{}'],
    ['.aws/credentials', ''],
    ['.docker/config.json', '{}'],
    ['.netrc', ''],
  ])('%s, which looks like a secret, unless it is allowed', async (path, content) => {
    const message = `FL2305 ${JSON.stringify(path)} cannot go into an image: it looks as if it held secrets`;
    expect(await refusals([text(path, content)])).toEqual([message]);
    expect(await refusals([text(path, content)], { allowed: ['other', 'certs/s', `${path}x`] })).toEqual([message]);
    expect((await layerOf([text(path, content)], { allowed: [path] })).descriptor.size).toBeGreaterThan(0);
  });

  test.each([
    ['.env.example', 'TOKEN='],
    ['certs/ca.pem', certificate],
    ['id_rsa.pub', 'ssh-rsa'],
    ['.npmrc', `save-exact=true\n//registry.example/:_authToken=$\{NPM_TOKEN}`],
    ['environment.ts', ''],
    ['keys.ts', key],
    ['node_modules/a/credentials.js', ''],
  ])('%s is no secret', async (path, content) => {
    expect((await layerOf([text(path, content)])).descriptor.size).toBeGreaterThan(0);
  });

  test('a whole directory can be allowed', async () => {
    const files = [text('test/keys/a.key'), text('test/keys/b.key'), text('test/keys.key')];
    expect(await refusals(files, { allowed: ['test/keys/'] })).toHaveLength(1);
  });

  test('everything at once, in one order', async () => {
    const files = [text('b/.env'), text('/abs'), { path: 'l', link: '/x' }, text('a/.env')];
    const problems = await refusals(files);
    expect(problems.map((problem) => problem.slice(0, 6))).toEqual(['FL2301', 'FL2305', 'FL2305', 'FL2303']);
    expect(await refusals(files.reverse())).toEqual(problems);
  });
});

describe('files that are read from the disk', () => {
  const onDisk = (file: string, size: number, hash?: string): LayerFile => ({
    path: 'a.txt',
    content: { file, size, ...(hash !== undefined && { hash }) },
  });

  test('are the same layer as their bytes', async () => {
    await using root = await directory({ 'a.txt': 'text' });
    const hash = digestOf('text').slice('sha256:'.length);
    const read = await layerOf([onDisk(join(root.path, 'a.txt'), 4, hash)]);
    expect(read.descriptor).toEqual((await layerOf([text('a.txt', 'text')])).descriptor);
  });

  test.each([
    ['shorter', onDisk('a.txt', 5)],
    ['longer', onDisk('a.txt', 3)],
    ['other', onDisk('a.txt', 4, '0'.repeat(64))],
    ['gone', onDisk('b.txt', 4)],
    ['a link now', onDisk('link.txt', 4)],
  ])('are refused by name when they are %s, and nothing is left of the layer', async (_, file) => {
    await using root = await directory({ 'in/a.txt': 'text' });
    await symlink('a.txt', join(root.path, 'in/link.txt'));
    const content = (file as { content: { file: string; size: number } }).content;
    const there = { path: 'a.txt', content: { ...content, file: join(root.path, 'in', content.file) } };
    expect(await refusals([there], { directory: join(root.path, 'out') })).toEqual([
      'FL2304 "a.txt" changed while the image was made',
    ]);
    expect(await readdir(join(root.path, 'out'))).toEqual([]);
  });

  test('are refused when they are written or replaced while they are read', async () => {
    await using root = await directory({ 'big.bin': 'x'.repeat(3_000_000) });
    const file = join(root.path, 'big.bin');
    let asked = false;
    // The layer reads the file once to know it and once to pack it: in between it changes.
    const find = async () => {
      asked = true;
      await writeFile(`${file}.new`, 'y'.repeat(2_999_999));
      await rename(`${file}.new`, file);
      return undefined;
    };
    expect(await refusals([{ path: 'big.bin', content: { file, size: 3_000_000 } }], { find })).toEqual([
      'FL2304 "big.bin" changed while the image was made',
    ]);
    expect(asked).toBe(true);
  });

  test('cannot be directories or devices', async () => {
    await using root = await directory();
    for (const file of [root.path, '/dev/null'])
      expect(await refusals([onDisk(file, 4)])).toEqual([
        'FL2306 "a.txt" cannot go into an image: it is neither a file, a directory nor a link',
      ]);
  });

  test('are found below a directory with their links and whether they can be executed', async () => {
    await using root = await directory({ 'd/e/a.txt': 'text', run: '#!' });
    await chmod(join(root.path, 'run'), 0o700);
    await chmod(join(root.path, 'd/e/a.txt'), 0o600);
    await symlink('e/a.txt', join(root.path, 'd/link'));
    await mkdir(join(root.path, 'empty'));
    const files = await readTree(`${root.path}/`);
    expect(files.sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: 'd/e/a.txt', mode: 0o644, content: { file: join(root.path, 'd/e/a.txt'), size: 4 } },
      { path: 'd/link', link: 'e/a.txt' },
      { path: 'run', mode: 0o755, content: { file: join(root.path, 'run'), size: 2 } },
    ]);
  });

  test('stand out below a directory when they are sockets', async () => {
    await using root = await directory({ 'd/a.txt': 'text' });
    const server = createServer().listen(join(root.path, 'd/socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    expect(await problemsOf(readTree(root.path))).toEqual([
      'FL2306 "d/socket" cannot go into an image: it is neither a file, a directory nor a link',
    ]);
    await new Promise((resolve) => server.close(resolve));
  });
});
