import { expect, test } from '@jest/globals';
import { linksOf, pages } from './pages.ts';

const all = pages();
const linksIn = (path: string) => linksOf(all.find((page) => page.path === path)?.text ?? '');

test('the index of the documentation leaves no page out', () => {
  const wanted = all
    .flatMap(({ path }) => /^docs\/([\w-]+\.md)$/.exec(path)?.[1] ?? [])
    .filter((name) => name !== 'README.md');
  const linked = linksIn('docs/README.md');
  expect(wanted.length).toBeGreaterThan(20);
  expect(wanted.filter((name) => !linked.includes(name))).toEqual([]);
});

test('the README leads to the index', () => {
  expect(linksIn('README.md')).toContain('docs/README.md');
});
