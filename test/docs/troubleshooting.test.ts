import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { root } from './pages.ts';

const read = (path: string) => readFileSync(resolve(root, path), 'utf8');
const codesIn = (text: string) => new Set(text.match(/\bFL6[0-3]\d{2}\b/g) ?? []);

test('every code that workflows and the set-up can end with is in the page, and no other', () => {
  const sources = globSync('{actions,github,cli,images,pipeline}/**/*.{ts,sh}', { cwd: root });
  const known = codesIn(sources.map(read).join('\n'));
  expect(known.size).toBeGreaterThan(20);
  expect([...codesIn(read('docs/troubleshooting.md'))].sort()).toEqual([...known].sort());
});
