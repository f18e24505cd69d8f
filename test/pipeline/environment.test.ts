import { expect, test } from '@jest/globals';
import { parseEnvironment } from '../../pipeline/mod.ts';

test.each([
  ['local', 'local'],
  ['production', 'production'],
  ['pr-72', 'preview'],
  ['staging', 'development'],
  ['team-2', 'development'],
  ['pr-review', 'development'],
  ['a', 'development'],
  ['a'.repeat(40), 'development'],
])('%s is of type %s', (name, type) => {
  expect(parseEnvironment('shop', name)).toEqual({
    application: 'shop',
    name,
    type,
    ...(name === 'pr-72' && { pullRequest: 72 }),
  });
});

test.each([
  '',
  'Production',
  'pr-0',
  'pr-072',
  'pr-9999999999',
  'preview',
  'build',
  '-a',
  'a-',
  'a--b',
  '1a',
  'a_b',
  'a b',
  'a/b',
  'a\n',
  'ä',
  'a'.repeat(41),
])('%j names no environment', (name) => {
  expect(() => parseEnvironment('shop', name)).toThrow(/^FL3001/);
});
