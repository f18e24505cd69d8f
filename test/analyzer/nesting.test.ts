import { expect, test } from '@jest/globals';
import { analyze } from '../../analyzer/mod.ts';
import { analyzeText, withApplication } from './application.ts';

const nest = (open: string, middle: string, close: string, depth = 10_000) =>
  `${open.repeat(depth)}${middle}${close.repeat(depth)}`;

const endpoint = "import { api } from 'encore.dev/api';\nexport const list = api({}, async () => {});\n";

test.each([
  ['parentheses', nest('(', '1', ')')],
  ['parentheses that do not end', nest('(', '', '')],
  ['arrays', nest('[', '', ']')],
  ['objects', nest('{ a: ', '1', '}')],
  ['templates', nest('`${', '1', '}`')],
  ['functions', nest('() => ', '1', '')],
  ['conditions', nest('true ? 1 : ', '1', '')],
  ['operators', nest('!', '1', '')],
  ['operands', nest('1 + ', '1', '')],
  ['members', nest('', 'Math', '.a')],
  ['calls', nest('', 'Math', '()')],
  ['casts', nest('', '1', ' as any')],
  ['types', nest('', '1 as any', '[]')],
])('%s that nest without end are an error at their place, not a crash', async (_, expression) => {
  const { graph, diagnostics } = await analyzeText(`
-- orders/api.ts --
${endpoint}export const deep =
  ${expression};
-- orders/other.ts --
export const fine = 1;
`);
  expect(graph).toBeUndefined();
  expect(diagnostics).toEqual([
    expect.objectContaining({
      code: 'FL1012',
      message: 'the file nests too deeply to be read',
      position: expect.objectContaining({ file: 'orders/api.ts' }),
    }),
  ]);
});

test('the place is where it becomes too deep, if brackets nest, and the start of the expression if it is long', async () => {
  const place = async (expression: string) =>
    (await analyzeText(`-- orders/api.ts --\n${endpoint}export const deep =\n  ${expression};\n`)).diagnostics[0]
      ?.position;
  expect(await place(nest('(', '1', ')'))).toEqual({ file: 'orders/api.ts', line: 4, column: expect.any(Number) });
  expect(await place(nest('1 + ', '1', ''))).toEqual({ file: 'orders/api.ts', line: 4, column: 3 });
});

test.each(['package.json', 'tsconfig.json', 'encore.app', 'fairlead.json'])(
  '%s may not nest so deeply either',
  (file) =>
    withApplication(`-- orders/api.ts --\n${endpoint}-- ${file} --\n{ "a": ${nest('[', '', ']')} }\n`, async (root) => {
      const { diagnostics } = await analyze({ root });
      expect(diagnostics.map(({ code, position }) => [code, position?.file])).toEqual([['FL1012', file]]);
    }),
);

test('what nests as deeply as people write is read', async () => {
  const { diagnostics } = await analyzeText(`
-- orders/api.ts --
${endpoint}export const text = ${nest("'a' + ", "'a'", '', 400)};
export const list2 = ${nest('[', '', ']', 60)};
`);
  expect(diagnostics).toEqual([]);
});
