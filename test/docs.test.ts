import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { generated } from '../docs.ts';

const root = resolve(import.meta.dirname, '..');
const text = (path: string) => readFileSync(resolve(root, path), 'utf8');

test.each(Object.entries(await generated()))('%s is current; else run `npm run docs`', (path, expected) => {
  expect(text(path)).toBe(expected);
});

const sections = [...text('docs/errors.md').matchAll(/^## (FL\d{4}) — .+$/gm)].map((match) => match[1]!);
const codes = globSync(['{analyzer,runtime,pipeline,images,cdk,github,local,cli,actions}/**/*.{ts,js}', 'targets.ts'], {
  cwd: root,
  exclude: ['runtime/dist', 'runtime/node_modules'],
}).flatMap((path) => [...text(path).matchAll(/\bFL[1-7]\d{3}\b/g)].map((match) => match[0]));

test('every error code in the sources has a section in docs/errors.md, and no section is left over', () => {
  expect([...new Set(sections)]).toEqual(sections);
  expect(sections).toEqual([...new Set(codes)].sort());
});
