import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { analyze } from '../../analyzer/mod.ts';
import { renderSvg } from '../../pipeline/render/svg.ts';
import { viewOf } from '../../pipeline/render/view.ts';

test('docs/images/shop.svg is current; else run `fairlead graph examples/shop --format svg -o docs/images/shop.svg`', async () => {
  const { graph } = await analyze({ root: resolve('examples/shop') });
  expect(readFileSync(resolve('docs/images/shop.svg'), 'utf8')).toBe(await renderSvg(viewOf(graph!)));
});
