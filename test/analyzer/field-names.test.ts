import { expect, test } from '@jest/globals';
import { analyzeText } from './application.ts';

test('the name of an unknown field is on one line, however it is quoted', async () => {
  const { diagnostics } = await analyzeText(`-- a/a.ts --
import { api } from 'encore.dev/api';
export const get = api({ 'x\\n::error::y\\u2028z': 1 }, async () => {});
`);
  expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([
    'FL1107 unknown field `x ::error::y z`',
  ]);
});
