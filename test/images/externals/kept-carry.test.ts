import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { carryOrKept } from '../../../images/externals/kept-carry.ts';
import { Installed } from '../../../images/externals/manifest.ts';
import { directoryWith } from '../../cli/fairlead.ts';

const files = {
  'app/package.json': '{"name":"app"}',
  'app/node_modules/big/package.json': '{"name":"big","version":"1.0.0"}',
  'app/node_modules/big/index.js': "require('./part'); require('small');",
  'app/node_modules/big/part.js': 'module.exports = 1;',
  'app/node_modules/small/package.json': '{"name":"small","version":"1.0.0"}',
  'app/node_modules/small/index.js': 'module.exports = 1;',
};

/** What is done to the files → how many are carried then, and whether they are looked for anew. */
const table: [string, (root: string) => void, number, boolean][] = [
  ['nothing', () => {}, 5, false],
  ['a source of the application', (root) => write(root, 'app/new/a.ts', ''), 5, false],
  ['a file with other text', (root) => write(root, 'app/node_modules/big/part.js', 'module.exports = 2;'), 5, true],
  ['a file that is gone', (root) => rmSync(join(root, 'app/node_modules/small/index.js')), 3, true],
  ['a nearer package', (root) => write(root, 'app/node_modules/big/node_modules/small/index.js', ''), 4, true],
  ['another file that the name means', (root) => write(root, 'app/node_modules/big/part', ''), 5, true],
  ['a cut answer', (root) => cut(join(root, 'cache/carried')), 5, true],
  ['an empty answer', (root) => cut(join(root, 'cache/carried'), '{"seen":null,"carried":null}'), 5, true],
];

test.each(table)('%s', async (_what, change, count, anew) => {
  const { path: root, remove } = directoryWith(files);
  try {
    const carried = () => carryFrom(join(root, 'app'), join(root, 'cache'));
    const first = await carried();
    expect(first).toMatchObject({ anew: true, paths: { length: 5 } });
    change(root);
    const second = await carried();
    expect(second).toMatchObject({ anew, paths: { length: count } });
    expect(second.hashes.join() === first.hashes.join()).toBe(!anew || _what.endsWith(' answer'));
    // Killed half-way, an answer has another name.
    expect(readdirSync(join(root, 'cache/carried')).every((name) => name.endsWith('.json'))).toBe(true);
  } finally {
    remove();
  }
});

test('what has only just been written may change unseen, and is not kept', async () => {
  const { path: root, remove } = directoryWith(files);
  try {
    for (const _ of [1, 2])
      expect(await carryFrom(join(root, 'app'), join(root, 'cache'), 60_000)).toMatchObject({ anew: true });
  } finally {
    remove();
  }
});

async function carryFrom(root: string, cache: string, settled = -60_000) {
  const directory = join(root, 'node_modules/big');
  const entry = join(directory, 'index.js');
  const big = {
    specifier: 'big',
    importer: '',
    directory: root,
    package: directory,
    alias: 'big',
    written: 'big',
    entry,
  };
  const question = { root, workspace: root, leaving: [big], production: undefined, platforms: ['linux/amd64'] };
  const found = await carryOrKept({ ...question, installed: new Installed(), cache: {} }, cache, settled);
  if ('diagnostics' in found) throw new Error(JSON.stringify(found.diagnostics));
  return {
    anew: found.looked.length > 0,
    paths: found.files.map(({ path }) => path),
    hashes: found.files.map((file) => ('content' in file ? JSON.stringify(file.content) : '')),
  };
}

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function cut(directory: string, text = '{"seen":'): void {
  for (const name of readdirSync(directory)) writeFileSync(join(directory, name), text);
}
