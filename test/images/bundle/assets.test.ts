import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import type { Graph } from '../../../analyzer/graph.ts';
import { AssetReader, assetIndex } from '../../../images/bundle/assets.ts';
import { UserError } from '../../../pipeline/mod.ts';
import * as sample from '../sample.ts';

const assets = (directory: string, notFound?: string) => ({
  kind: 'assets' as const,
  assets: { directory, headers: {}, ...(notFound && { notFound: { file: notFound, status: 404 } }) },
});
const graphWith = (...endpoints: ReturnType<typeof assets>[]): Graph =>
  sample.graph({
    services: [
      sample.service(
        'web',
        endpoints.map((part, index) => sample.endpoint(`e${index}`, 'web/web.ts', part)),
      ),
      sample.service('other', [sample.endpoint('rest', 'other/other.ts', assets('other/public'))]),
    ],
  });
const web = { name: 'web', services: ['web'], gateway: false };

async function sources(root: string, graph: Graph): Promise<string[]> {
  return (await new AssetReader(root).of(graph, web)).map(({ source }) => source);
}

async function problems(root: string, graph: Graph): Promise<string[]> {
  const error = await sources(root, graph).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof UserError)) throw error ?? new Error('nothing was refused');
  return error.diagnostics.map(({ code, message }) => `${code} ${message}`);
}

test('more files than a process may have open are read', async () => {
  const names = Array.from({ length: 600 }, (_, index) => `icons/${index}.svg`);
  await using root = await sample.directory(Object.fromEntries(names.map((name) => [name, `<svg id="${name}"/>`])));
  const reader = fileURLToPath(new URL('../../../images/bundle/assets.ts', import.meta.url));
  const program = `
    import { AssetReader } from ${JSON.stringify(reader)};
    const [graph, process] = JSON.parse(${JSON.stringify(JSON.stringify([graphWith(assets('icons')), web]))});
    console.log((await new AssetReader(${JSON.stringify(root.path)}).of(graph, process)).length);
  `;
  const args = ['-c', 'ulimit -n 200 && exec "$0" --input-type=module -e "$1"', process.execPath, program];
  expect(execFileSync('sh', args, { encoding: 'utf8' })).toBe('600\n');
});

test('a process has the files of its own endpoints, each once, with their sizes and hashes', async () => {
  await using root = await sample.directory({
    'web/public/index.html': 'home',
    'web/public/img/a.svg': '<svg/>',
    'web/404.html': 'gone',
    'other/public/x.txt': 'x',
    'web/web.ts': 'code',
  });
  const graph = graphWith(assets('web/public', 'web/404.html'), assets('web/public/img'));
  const files = await new AssetReader(root.path).of(graph, web);
  expect(files.map(({ source, path, content }) => [source, path, content.size])).toEqual([
    ['web/404.html', 'assets/web/404.html', 4],
    ['web/public/img/a.svg', 'assets/web/public/img/a.svg', 6],
    ['web/public/index.html', 'assets/web/public/index.html', 4],
  ]);
  const index = assetIndex(files);
  expect(index.path).toBe('assets.json');
  expect(JSON.parse(Buffer.from(index.bytes).toString())).toEqual({
    version: 1,
    files: {
      // printf gone | openssl dgst -sha256 -binary | basenc --base64url
      'assets/web/404.html': 'KDu53u8C5oQ6v7U476HspwgBvYpwHD-YGR4SNJYzkkc',
      'assets/web/public/img/a.svg': expect.stringMatching(/^[\w-]{43}$/),
      'assets/web/public/index.html': expect.stringMatching(/^[\w-]{43}$/),
    },
  });
});

test('what version control and the desktop keep is left out, and installed packages; other hidden files are not', async () => {
  await using root = await sample.directory({
    'web/.git/config': '',
    'web/.DS_Store': '',
    'web/package.json': '{}',
    'web/node_modules/a/index.js': '',
    'web/dist/node_modules/a.js': '',
    'web/.well-known/security.txt': '',
    'web/.hidden': '',
  });
  expect(await sources(root.path, graphWith(assets('web')))).toEqual([
    'web/.hidden',
    'web/.well-known/security.txt',
    'web/dist/node_modules/a.js',
    'web/package.json',
  ]);
});

test('a link within the application counts as what it leads to', async () => {
  await using root = await sample.directory({ 'logos/logo.svg': '<svg/>', 'web/public/a.txt': 'a' });
  await symlink('../../logos', join(root.path, 'web/public/logos'));
  await symlink('a.txt', join(root.path, 'web/public/b.txt'));
  const files = await new AssetReader(root.path).of(graphWith(assets('web/public')), web);
  expect(files.map(({ source, content }) => [source, content.file])).toEqual([
    ['web/public/a.txt', join(root.path, 'web/public/a.txt')],
    ['web/public/b.txt', join(root.path, 'web/public/a.txt')],
    ['web/public/logos/logo.svg', join(root.path, 'logos/logo.svg')],
  ]);
});

test('a link that leads anywhere else is refused, with every other one', async () => {
  await using root = await sample.directory({ 'app/web/public/a.txt': 'a', 'app/.git/config': '', 'secret.txt': 's' });
  const app = join(root.path, 'app');
  const link = (name: string, target: string) => symlink(target, join(app, 'web/public', name));
  await link('absolute', '/etc/passwd');
  await link('gone', 'nothing');
  await link('git', '../../.git');
  await link('loop', 'loop');
  await link('out', '../../../secret.txt');
  await link('self', '.');
  await link('up', '../..');
  // The same beginning of a path is not the same directory.
  await mkdir(`${app}-besides`);
  await link('besides', `${app}-besides`);
  expect(await problems(app, graphWith(assets('web/public')))).toEqual([
    'FL2010 "web/public/absolute" cannot be served: the link leads out of the application\'s directory',
    'FL2010 "web/public/besides" cannot be served: the link leads out of the application\'s directory',
    'FL2010 "web/public/git" cannot be served: the link leads to what is left out',
    'FL2010 "web/public/gone" cannot be served: the link leads to nothing',
    'FL2010 "web/public/loop" cannot be served: the link leads to nothing',
    'FL2010 "web/public/out" cannot be served: the link leads out of the application\'s directory',
    'FL2010 "web/public/self" cannot be served: the link leads back to a directory that it is in',
    'FL2010 "web/public/up/web/public" cannot be served: the link leads back to a directory that it is in',
  ]);
});

test('a link on the way to what is left out is no way around it either', async () => {
  await using root = await sample.directory({ '.git/config': '', '.git/hooks/a': '', 'web/a.txt': '' });
  await symlink('.git', join(root.path, 'meta'));
  await symlink('../meta/hooks', join(root.path, 'web/hooks'));
  expect(await problems(root.path, graphWith(assets('meta/hooks', 'meta/config'), assets('web')))).toEqual([
    'FL2010 "meta/hooks" cannot be served: the link leads to what is left out',
    'FL2010 "meta/config" cannot be served: the link leads to what is left out',
    'FL2010 "web/hooks" cannot be served: the link leads to what is left out',
  ]);
});

test('a pipe is refused, and not waited for', async () => {
  await using root = await sample.directory({ 'web/a.txt': 'a' });
  execFileSync('mkfifo', [join(root.path, 'web/pipe')]);
  expect(await problems(root.path, graphWith(assets('web')))).toEqual([
    expect.stringMatching(/^FL2306 "web\/pipe" cannot go into an image/),
  ]);
});

test('the same files give the same index, in whatever order they were made', async () => {
  const make = async (names: string[]) => {
    const root = await sample.directory();
    await mkdir(join(root.path, 'web'));
    for (const name of names) await writeFile(join(root.path, 'web', name), name);
    const index = assetIndex(await new AssetReader(root.path).of(graphWith(assets('web')), web));
    await root[Symbol.asyncDispose]();
    return Buffer.from(index.bytes).toString();
  };
  expect(await make(['b', 'a', 'é'])).toBe(await make(['é', 'a', 'b']));
});
