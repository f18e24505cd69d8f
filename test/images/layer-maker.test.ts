import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { LayerMaker } from '../../images/layer-maker.ts';
import { layout } from './release/support/releases.ts';

const files = [{ path: 'main.mjs', content: Buffer.from('main') }];

test('what a tar became counts only for the compressor that made it', async () => {
  await using store = await layout();
  const cache = join(store.path, 'cache');
  const { diffId } = await new LayerMaker({ repository: store.repository, cache, allowed: [] }).make(files);
  const kit = resolve(import.meta.dirname, '../..');
  const { version } = JSON.parse(await readFile(join(kit, 'node_modules/fflate/package.json'), 'utf8'));
  expect(await readdir(cache, { recursive: true })).toEqual(
    expect.arrayContaining([join('layers', `fflate-${version}-level-4`, diffId.replace(':', '-'))]),
  );
});
