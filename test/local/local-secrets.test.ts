import { expect, test } from '@jest/globals';
import { parseLocalSecrets } from '../../local/mod.ts';
import type { UserError } from '../../pipeline/user-error.ts';

test('reads lines of CUE', () => {
  const text = `// secrets of mine

A: "one"
  "B" : "with \\"quotes\\", a \\\\ and // no comment"  // a comment
C: "",
`;
  expect(parseLocalSecrets(text, 'cue')).toEqual({ A: 'one', B: 'with "quotes", a \\ and // no comment', C: '' });
  expect(parseLocalSecrets('A: "x"\r\nB: "y"\r\n', 'cue')).toEqual({ A: 'x', B: 'y' });
  expect(parseLocalSecrets('', 'cue')).toEqual({});
});

test('reads JSON', () => {
  expect(parseLocalSecrets('{ "A": "one" }', 'json')).toEqual({ A: 'one' });
});

test.each([
  ['cue', 'A: "fine"\nKey: hunter2', /FL4013: line 2 /],
  ['cue', 'Key: "hunter2', /FL4013: line 1 /],
  ['cue', 'Key: 1', /FL4013: line 1 /],
  ['cue', 'Key: "hunter2" + "x"', /FL4013: line 1 /],
  ['json', '{ "Key": "hunter2"', /FL4013: line 1, column 19 of .* not valid JSON/],
  ['json', '{\n  "A": "x",\n  "Key" "hunter2"\n}', /FL4013: line 3, column 9 of .* not valid JSON/],
  ['json', '{\n  "Key": "hunter2",\n}', /FL4013: line 3, column 1 of .* not valid JSON/],
  ['json', '{ // mine\n  "Key": "hunter2" }', /FL4013: line 1, column 3 of .* not valid JSON/],
  ['json', '["hunter2"]', /FL4013: .* not an object/],
  ['json', '{ "Key": { "hunter2": 1 } }', /FL4013: the value of Key .* not a string/],
] as const)('%s %j is refused without showing a value', (format, text, message) => {
  expect(() => parseLocalSecrets(text, format)).toThrow(message);
  expect(() => parseLocalSecrets(text, format)).not.toThrow(/hunter2/);
});

test('the help begins with the form that the file has', () => {
  const helpOf = (text: string, format: 'cue' | 'json') => {
    try {
      return parseLocalSecrets(text, format);
    } catch (error) {
      return (error as UserError).diagnostics[0]?.help;
    }
  };
  expect(helpOf('{', 'json')).toMatch(/^Write an object of strings/);
  expect(helpOf('{', 'cue')).toMatch(/^Write one NAME: "value" per line/);
});
