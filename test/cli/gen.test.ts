import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { missingPaths } from '../../cli/editor-paths.ts';
import { directoryWith, fairlead } from './fairlead.ts';

const shop = ['--dir', resolve('examples/shop')];

function within<T>(files: Record<string, string>, use: (path: string) => Promise<T> | T): Promise<T> {
  const directory = directoryWith(files);
  return Promise.resolve(use(directory.path)).finally(() => directory.remove());
}

describe('fairlead gen client', () => {
  test('prints a client, or writes it to a file', async () => {
    await within({}, async (path) => {
      const printed = await fairlead(['gen', 'client', ...shop]);
      expect(printed).toMatchObject({ code: 0, stdout: expect.stringContaining('export class Client') });
      const output = join(path, 'client.ts');
      expect(await fairlead(['gen', 'client', '-o', output, ...shop])).toMatchObject({
        code: 0,
        stdout: `Wrote ${output}.\n`,
      });
      expect(readFileSync(output, 'utf8')).toBe(printed.stdout);
      const { stdout } = await fairlead(['gen', 'client', '--json', '-o', output, ...shop]);
      expect(JSON.parse(stdout)).toEqual({ output });
    });
  });

  test('refuses services that are not there, and to generate nothing', async () => {
    const unknown = await fairlead(['gen', 'client', '--services', 'order', ...shop]);
    expect(unknown).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/error FL5014: .*order\nhelp: Did you mean `orders`/),
    });
    const none = await fairlead(['gen', 'openapi', '--tags', 'none', ...shop]);
    expect(none).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('error FL5020: there is no endpoint as asked for'),
    });
  });

  test('refuses a language that there is not, and an output that cannot be', async () => {
    expect(await fairlead(['gen', 'client', '--lang', 'cobol', ...shop])).toMatchObject({ code: 2 });
    expect(await fairlead(['gen', 'client', '-o', '/nowhere/client.ts', ...shop])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('error FL5013'),
    });
  });
});

test('fairlead gen openapi writes JSON, and YAML by the name of the file', async () => {
  await within({}, async (path) => {
    const { stdout } = await fairlead(['gen', 'openapi', '--server', 'https://shop.example.com', ...shop]);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({
      openapi: '3.1.1',
      info: { title: 'shop', version: '1.0.0' },
      servers: [{ url: 'https://shop.example.com' }],
    });
    const file = join(path, 'openapi.yaml');
    await fairlead(['gen', 'openapi', '--server', 'https://shop.example.com', '-o', file, ...shop]);
    expect(parse(readFileSync(file, 'utf8'))).toEqual(document);
  });
});

describe('what tsconfig.json lacks for ~encore', () => {
  const clients = { 'package.json': '{ "type": "module" }', 'encore.gen/clients/index.ts': 'export {};' };
  const config = (compilerOptions: object, more: object = {}) => JSON.stringify({ compilerOptions, ...more });
  const bundler = { module: 'preserve', moduleResolution: 'bundler' };

  test.each([
    ['nothing', { 'tsconfig.json': config({ ...bundler, paths: { '~encore/*': ['./encore.gen/*'] } }) }, undefined],
    [
      'nothing, by another file',
      {
        'base.json': config({ paths: { '~encore/*': ['./encore.gen/*'] } }),
        'tsconfig.json': config(bundler, { extends: './base.json' }),
      },
      undefined,
    ],
    [
      'nothing, as Node.js resolves',
      { 'tsconfig.json': config({ module: 'nodenext', paths: { '~encore/*': ['./encore.gen/*/index.ts'] } }) },
      undefined,
    ],
    ['the path', { 'tsconfig.json': config(bundler) }, '"~encore/*": ["./encore.gen/*"]'],
    [
      'the path beside others',
      { 'tsconfig.json': config({ ...bundler, paths: { '@/*': ['./src/*'] } }) },
      '"paths": { …,',
    ],
    [
      'the file in the path',
      { 'tsconfig.json': config({ module: 'nodenext', paths: { '~encore/*': ['./encore.gen/*'] } }) },
      '"~encore/*": ["./encore.gen/*/index.ts"]',
    ],
    ['the file itself', {}, 'There is no tsconfig.json'],
  ])('is %s', async (_, files, expected) => {
    await within({ ...clients, ...files }, (path) => {
      const missing = missingPaths(path);
      if (expected === undefined) expect(missing).toBeUndefined();
      else expect(missing).toContain(expected);
    });
  });

  test('is said by fairlead generate, and the files are written all the same', async () => {
    const files = {
      'package.json': '{ "name": "x" }',
      'a/a.ts': "import { api } from 'encore.dev/api';\nexport const ping = api({ expose: true }, async () => {});\n",
    };
    await within(files, async (path) => {
      const { code, stdout, stderr } = await fairlead(['generate', path]);
      expect([code, stdout.split('\n').slice(0, 3)]).toEqual([
        0,
        ['encore.gen/auth/index.ts', 'encore.gen/clients/index.ts', 'encore.gen/internal/clients/a.ts'],
      ]);
      expect(stderr.match(/~encore\/\*": \["\.\/encore\.gen\/\*"\]/g)).toHaveLength(1);
    });
  });
});
