import { expect, test } from '@jest/globals';
import { matchesGlob } from '../../analyzer/segment-glob.ts';

test.each<[string, string[], string[]]>([
  ['*', ['', 'a', 'a.b'], []],
  ['a*b', ['ab', 'aab', 'abb'], ['a', 'ba', 'abc']],
  ['*a*b*', ['ab', 'xaxbx'], ['ba']],
  ['a?c', ['abc', 'a😀c'], ['ac', 'abbc']],
  ['[a-c_].x', ['a.x', '_.x'], ['d.x', 'bxx']],
  ['[!a]', ['b', '^'], ['a', '']],
  ['a(+)', ['a(+)'], ['a']],
  ['[a', [], ['a', '[a']],
])('%s', (glob, fitting, others) => {
  expect(fitting.filter((name) => !matchesGlob(glob, name))).toEqual([]);
  expect(others.filter((name) => matchesGlob(glob, name))).toEqual([]);
});

test('many stars take no time', () => {
  const started = performance.now();
  expect(matchesGlob(`${'*a'.repeat(50)}b`, 'a'.repeat(250))).toBe(false);
  expect(performance.now() - started).toBeLessThan(1000);
});
