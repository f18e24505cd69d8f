import { afterAll, expect, test } from '@jest/globals';
import type { Diagnostic, Position } from '../../analyzer/diagnostic.ts';
import { renderByFile, renderDiagnostics } from '../../cli/render-diagnostics.ts';
import { directoryWith } from './fairlead.ts';

const app = directoryWith({
  'orders/topic.ts': 'import { Topic } from "x";\n\nexport const a = new Topic("created");\nexport const b = 1;\n',
  'orders/sneaky.ts': 'const a = 1; // \x1b]0;owned\x07\n',
});
afterAll(app.remove);

const plain = { root: app.path, from: app.path, paint: (_: string, text: string) => text };

function rendered(extra: Partial<Diagnostic>, look = plain): string {
  return renderDiagnostics(
    [{ code: 'FL1203', severity: 'error', message: 'the name is taken', help: 'Rename it.', ...extra }],
    look,
  );
}

const at = (line: number, column: number, rest: Partial<Position> = {}): Position => ({
  file: 'orders/topic.ts',
  line,
  column,
  ...rest,
});

test('a diagnostic without a place', () => {
  expect(rendered({})).toBe('error FL1203: the name is taken\nhelp: Rename it.');
});

test('the place, a frame of the source, related places, help', () => {
  expect(
    rendered({
      position: at(3, 28, { endLine: 3, endColumn: 37 }),
      related: [{ message: 'the first one is here', position: at(4, 1) }],
    }),
  ).toBe(
    [
      'error FL1203: the name is taken',
      'orders/topic.ts:3:28',
      '  2 |',
      '> 3 | export const a = new Topic("created");',
      '    |                            ^^^^^^^^^',
      '  4 | export const b = 1;',
      'the first one is here:',
      'orders/topic.ts:4:1',
      '  3 | export const a = new Topic("created");',
      '> 4 | export const b = 1;',
      '    | ^',
      'help: Rename it.',
    ].join('\n'),
  );
});

test('places are shown relative to where the user is', () => {
  expect(rendered({ position: at(1, 1) }, { ...plain, from: `${app.path}/orders` })).toContain('\ntopic.ts:1:1\n');
});

test.each([
  ['past the end of the file', at(99, 1)],
  ['an end before its start', at(3, 20, { endLine: 3, endColumn: 2 })],
  ['an end past the end of the file', at(3, 1, { endLine: 99, endColumn: 1 })],
  ['a column past the end of the line', at(3, 400, { endLine: 4, endColumn: 2 })],
  ['no such file', { ...at(1, 1), file: 'gone.ts' }],
])('a position that fits no longer is shown as far as it goes: %s', (_, position) => {
  expect(rendered({ position })).toContain(`\n${position.file}:${position.line}:${position.column}\n`);
});

test('a long range shows its start alone', () => {
  const long = directoryWith({ 'a.ts': Array.from({ length: 50 }, (_, line) => `line ${line + 1}`).join('\n') });
  const text = rendered(
    { position: { file: 'a.ts', line: 1, column: 1, endLine: 50, endColumn: 2 } },
    { ...plain, root: long.path },
  );
  long.remove();
  expect(text).toContain('a.ts:1:1 to 50:2\n');
  expect(text).toContain('line 2');
  expect(text).not.toContain('line 3');
});

test('a source cannot steer the terminal', () => {
  const text = rendered({ message: 'bad \x1b[2J name', position: { file: 'orders/sneaky.ts', line: 1, column: 1 } });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(text).not.toMatch(/[\x00-\x08\x0b-\x1f]/);
});

test('the name of a file is on one line', () => {
  const text = rendered({ position: { file: 'a\n::error::x.ts', line: 1, column: 1 } });
  expect(text).toContain('\na\u{fffd}::error::x.ts:1:1\n');
});

test('by file, each with how much is wrong in it', () => {
  const one: Diagnostic = { code: 'FL1001', severity: 'warning', message: 'a', help: 'b' };
  const other: Diagnostic = { ...one, severity: 'error', position: { file: 'gone.ts', line: 1, column: 1 } };
  expect(renderByFile([one, other, { ...other, message: 'c' }, { ...other, severity: 'warning' }], plain)).toBe(
    [
      'The application: 1 warning\n\nwarning FL1001: a\nhelp: b',
      'gone.ts: 2 errors and 1 warning',
      'error FL1001: a\ngone.ts:1:1\nhelp: b',
      'error FL1001: c\ngone.ts:1:1\nhelp: b',
      'warning FL1001: a\ngone.ts:1:1\nhelp: b',
    ].join('\n\n'),
  );
  expect(renderByFile([one, one], plain)).toBe(renderDiagnostics([one, one], plain));
});

test('several are set apart by an empty line', () => {
  const one: Diagnostic = { code: 'FL1001', severity: 'warning', message: 'a', help: 'b' };
  expect(renderDiagnostics([one, one], plain)).toBe('warning FL1001: a\nhelp: b\n\nwarning FL1001: a\nhelp: b');
});
