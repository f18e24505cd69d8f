import { expect, test } from '@jest/globals';
import { codecFor } from '../../runtime/codec/compile.ts';

const text = { type: 'string' };

function decode(schema: Record<string, unknown>, value: unknown): unknown {
  return codecFor(schema, {}).decode(value, '');
}

test.each<[Record<string, unknown>, unknown, string]>([
  [{ type: 'number', minimum: 3 }, 2, 'value must be at least 3'],
  [{ type: 'number', maximum: 3 }, 4, 'value must be at most 3'],
  [{ type: 'number', minimum: 1, allOf: [{ minimum: 5 }] }, 4, 'value must be at least 5'],
  [{ ...text, minLength: 3 }, 'ab', 'length too short (got 2, expected at least 3)'],
  [{ ...text, maxLength: 3 }, 'éé', 'length too long (got 4, expected at most 3)'],
  [{ ...text, pattern: '^a+$' }, 'b', 'value does not match the regexp "^a+$"'],
  [{ ...text, pattern: '^a', 'x-startsWith': 'a' }, 'ba', 'value does not start with "a"'],
  [{ ...text, pattern: 'z$', 'x-endsWith': 'z' }, 'za', 'value does not end with "z"'],
  [{ ...text, format: 'email' }, 'someone@', 'value is not an email'],
  [{ ...text, format: 'uri' }, 'not a url', 'value is not a url'],
  [{ type: 'array', items: text, minItems: 1 }, [], 'length too short (got 0, expected at least 1)'],
  [{ type: 'array', items: text, maxItems: 1 }, ['a', 'b'], 'length too long (got 2, expected at most 1)'],
  [{ type: 'array', items: { ...text, format: 'email' } }, ['a@b.c', 'x'], '[1]: value is not an email'],
  [
    { type: 'object', properties: { name: { ...text, minLength: 1 } }, required: ['name'] },
    { name: '' },
    'name: length too short (got 0, expected at least 1)',
  ],
  [
    {
      anyOf: [
        { ...text, format: 'email' },
        { ...text, format: 'uri' },
      ],
    },
    'neither',
    'value is not an email',
  ],
])('%j refuses %j: %s', (schema, value, message) => {
  expect(() => decode(schema, value)).toThrow(new RegExp(`^${message.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')}$`));
});

test.each<[Record<string, unknown>, unknown]>([
  [{ type: 'number', minimum: 3, maximum: 3 }, 3],
  [{ ...text, minLength: 2, maxLength: 2 }, 'é'],
  [{ ...text, pattern: '^\\p{L}+$' }, 'añb'],
  [{ ...text, format: 'email' }, 'some.one+tag@mail.example.com'],
  [{ ...text, format: 'uri' }, 'https://example.com/a?b=c'],
  [{ ...text, format: 'date' }, 'anything that other rules say'],
  [
    {
      anyOf: [
        { ...text, format: 'email' },
        { ...text, minLength: 9 },
      ],
    },
    'long enough',
  ],
])('%j takes %j', (schema, value) => {
  expect(decode(schema, value)).toBe(value);
});

test('what the application answers is not checked', () => {
  expect(codecFor({ type: 'string', minLength: 3 }, {}).encode('a')).toBe('a');
});
