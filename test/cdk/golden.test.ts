import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { synthesizeApp } from '../../cdk/app/mod.ts';
import { synthesizeFoundation } from '../../cdk/foundation/mod.ts';
import { stories } from './support/stories.ts';

const golden = join(import.meta.dirname, 'golden');
const all = await stories();

describe.each(Object.entries(all))('%s', (name, { app, foundation }) => {
  test.each([
    ['foundation', () => synthesizeFoundation(foundation)],
    ['app', () => synthesizeApp(app)],
  ])('%s is synthesized as it was', (part, synthesize) => {
    const file = join(golden, name, `${part}.json`);
    const { template, ...rest } = synthesize();
    const written = `${JSON.stringify({ ...rest, template }, null, 1)}\n`;
    if (process.env.UPDATE_GOLDENS) {
      mkdirSync(join(golden, name), { recursive: true });
      writeFileSync(file, written);
    }
    expect(written).toBe(readFileSync(file, 'utf8'));
    expect(`${JSON.stringify(synthesize().template)}`).toBe(JSON.stringify(template));
  });
});

test('a preview of the shop adds at most 30 resources, and fits into one request', () => {
  const { template } = synthesizeApp(all['shop-preview'].app);
  expect(Object.keys(template.Resources).length).toBeLessThanOrEqual(30);
  expect(JSON.stringify(template).length).toBeLessThanOrEqual(51_200);
});
