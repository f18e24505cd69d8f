import { expect, test } from '@jest/globals';
import type { Diagnostic } from '../../analyzer/diagnostic.ts';
import { inert, renderAnnotations } from '../../github/annotations.ts';

const repository = { prefix: 'apps/shop', pathOf: (file: string) => `apps/shop/${file}` };

function rendered(...diagnostics: Partial<Diagnostic>[]): string[] {
  return renderAnnotations(
    diagnostics.map((one) => ({
      code: 'FL1203',
      severity: 'error',
      message: 'the name is taken',
      help: 'Rename it.',
      ...one,
    })),
    repository,
  );
}

const position = { file: 'orders/topic.ts', line: 3, column: 28, endLine: 3, endColumn: 37 };

test('an error on its line, in the repository', () => {
  expect(rendered({ position })).toEqual([
    '::error file=apps/shop/orders/topic.ts,line=3,endLine=3,col=28,endColumn=37,title=FL1203::the name is taken%0ARename it.',
  ]);
});

test('a warning, a point, a range over lines, no place', () => {
  const { endLine: _, endColumn: __, ...point } = position;
  expect(
    rendered({ severity: 'warning', position: point }, { position: { ...position, endLine: 5 } }, {}).map((line) =>
      line.slice(0, line.indexOf('::', 2)),
    ),
  ).toEqual([
    '::error file=apps/shop/orders/topic.ts,line=3,endLine=5,title=FL1203',
    '::error title=FL1203',
    '::warning file=apps/shop/orders/topic.ts,line=3,endLine=3,col=28,title=FL1203',
  ]);
});

test('related places are in the message', () => {
  expect(
    rendered({ position, related: [{ message: 'the first is here', position: { ...position, line: 9 } }] })[0],
  ).toMatch(/::the name is taken%0Athe first is here: apps\/shop\/orders\/topic\.ts:9%0ARename it\.$/);
});

/** What the runner reads from a line: the rules of the toolkit, the other way round. */
function read(line: string) {
  const [, command, properties, data] = /^::([a-z-]+) (.*?)::(.*)$/s.exec(line) ?? [];
  const unescaped = (text = '') =>
    text
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',')
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%25', '%');
  return {
    command,
    properties: Object.fromEntries(
      properties!.split(',').map((pair) => /^(.*?)=(.*)$/s.exec(pair)!.slice(1).map(unescaped)),
    ),
    data: unescaped(data),
  };
}

test.each([
  ['%0A is no line end', 'a%0Ab.ts'],
  ['100 %, \r\n::add-mask::x', 'a\n::set-output name=x::y,line=1:2%3A.ts'],
  ['::error::no', '::stop-commands::x'],
])('what stands in a message or a file name stays there: %j, %j', (message, file) => {
  const [line] = rendered({ message, position: { ...position, file } });
  expect(line).not.toMatch(/[\r\n]/);
  expect(read(line!)).toEqual({
    command: 'error',
    properties: { file: `apps/shop/${file}`, line: '3', endLine: '3', col: '28', endColumn: '37', title: 'FL1203' },
    data: `${message}\nRename it.`,
  });
});

test('of each kind ten, and how many are left', () => {
  const twelve = Array.from({ length: 12 }, () => ({ position }));
  const eleven = Array.from({ length: 11 }, () => ({ position, severity: 'warning' as const }));
  const lines = rendered(...eleven, ...twelve);
  expect(lines.filter((line) => line.startsWith('::error '))).toHaveLength(10);
  expect(lines.filter((line) => line.startsWith('::warning '))).toHaveLength(10);
  expect(lines.slice(20)).toEqual([
    '::notice title=Fairlead::2 more errors and 1 more warning not shown here: "fairlead check" prints all of them.',
  ]);
  expect(rendered(...twelve.slice(2))).toHaveLength(10);
});

test.each([
  ['::error::x', ':\u200b:error::x'],
  ['a\n \t::add-mask::x', 'a\n \t:\u200b:add-mask::x'],
  ['// ##[add-path]/tmp', '// ##\u200b[add-path]/tmp'],
  ['a\n\u0085::error::x', 'a\n\u0085:\u200b:error::x'],
  ['a::b and # [c]', 'a::b and # [c]'],
])('%j is no command in a log', (text, expected) => {
  expect(inert(text)).toBe(expected);
});

test.each(['\n', '\r', '\u2028'])('many blank lines of %j take no time', (end) => {
  const started = performance.now();
  expect(inert(end.repeat(200_000))).toHaveLength(200_000);
  expect(performance.now() - started).toBeLessThan(2000);
});
