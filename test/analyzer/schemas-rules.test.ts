import { describe, expect, test } from '@jest/globals';
import type { JsonSchema } from '../../analyzer/mod.ts';
import { graphOf } from './application.ts';
import { problemsOf, schemaOf } from './schema-of.ts';

const imports =
  "import type { EndsWith, IsEmail, IsURL, MatchesRegexp, Max, MaxLen, Min, MinLen, StartsWith } from 'encore.dev/validate';";

describe('rules of encore.dev/validate', () => {
  test.each<[string, JsonSchema]>([
    ['number & Min<1>', { type: 'number', minimum: 1 }],
    ['number & Max<-1.5>', { type: 'number', maximum: -1.5 }],
    ['number & (Min<1> & Max<5>)', { type: 'number', minimum: 1, maximum: 5 }],
    ['string & MinLen<1> & MaxLen<5>', { type: 'string', minLength: 1, maxLength: 5 }],
    ['string[] & MinLen<1> & MaxLen<5>', { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 5 }],
    ['Array<string & IsEmail> & MaxLen<2>', { type: 'array', items: { type: 'string', format: 'email' }, maxItems: 2 }],
    ["string & MatchesRegexp<'^[a-z]+$'>", { type: 'string', pattern: '^[a-z]+$' }],
    ["string & MatchesRegexp<'(?i)^x$'>", { type: 'string', pattern: '(?i:^x$)' }],
    ["string & MatchesRegexp<'(?P<a>x)'>", { type: 'string', pattern: '(?<a>x)' }],
    ["string & StartsWith<'a.b'>", { type: 'string', pattern: '^a\\.b', 'x-startsWith': 'a.b' }],
    ["string & EndsWith<'?'>", { type: 'string', pattern: '\\?$', 'x-endsWith': '?' }],
    ['string & IsEmail', { type: 'string', format: 'email' }],
    ['string & IsURL', { type: 'string', format: 'uri' }],
    [
      'string & (IsEmail | IsURL)',
      {
        anyOf: [
          { type: 'string', format: 'email' },
          { type: 'string', format: 'uri' },
        ],
      },
    ],
    [
      "string & StartsWith<'a'> & EndsWith<'b'>",
      {
        type: 'string',
        pattern: '^a',
        'x-startsWith': 'a',
        allOf: [{ pattern: 'b$', 'x-endsWith': 'b' }],
      },
    ],
    ['number & Min<1> & Min<2>', { type: 'number', minimum: 1, allOf: [{ minimum: 2 }] }],
    ['(string & MinLen<1>) | null', { anyOf: [{ type: 'string', minLength: 1 }, { type: 'null' }] }],
    ['[string, ...string[]] & MinLen<2>', { type: 'array', minItems: 1, allOf: [{ minItems: 2 }] }],
  ])('%s', async (type, expected) => {
    expect(await schemaOf(type, '', imports)).toMatchObject(expected);
    expect(Object.keys(await schemaOf(type, '', imports)).includes('allOf')).toBe('allOf' in expected);
  });

  test('of an optional field, and behind aliases of the application', async () => {
    const declarations = 'type Rule = MinLen<1>; type Name = string & Rule; interface User { name?: Name }';
    expect((await schemaOf('User', declarations, imports)).named).toEqual({
      'a.User': { type: 'object', properties: { name: { type: 'string', minLength: 1 } } },
    });
  });

  test.each<[string, string]>([
    ['number & MinLen<1>', 'FL1704 the rule `MinLen` is for text and lists alone'],
    ['string & Min<1>', 'FL1704 the rule `Min` is for numbers alone'],
    ['bigint & Min<1>', 'FL1704 the rule `Min` is for numbers alone'],
    ['Date & IsEmail', 'FL1704 the rule `IsEmail` is for text alone'],
    ['{ a: 1 } & MaxLen<1>', 'FL1704 the rule `MaxLen` is for text and lists alone'],
    ['Min<1>', 'FL1704 the rule `Min` stands alone'],
    ['Min<1> & Max<1>', 'FL1704 the rule `Min` stands alone'],
    ['number & Min<number>', 'FL1704 the rule `Min` has no literal to compare with'],
    ["string & MatchesRegexp<'['>", 'FL1705 `[` is not a regular expression'],
  ])('%s is an error', async (type, expected) => {
    expect(await problemsOf(type, '', imports)).toEqual([expected]);
  });

  test('of fields that travel outside the body', async () => {
    const graph = await graphOf(`-- a/a.ts --
import { api, type Cookie, type Header, type Query } from 'encore.dev/api';
${imports}
interface R {
  id: number & Min<1>;
  head: Header<string & MinLen<2>, 'X-Head'>;
  named: Header<'X-Named'> & MaxLen<3>;
  page?: Query<number & Max<9>>;
  seen: Cookie<string & IsEmail, 'seen'>;
  rest: string & IsURL;
}
export const a = api({ method: 'GET', path: '/:id' }, async (_: R): Promise<void> => {});
`);
    expect(graph.schemas['a.R']?.properties).toEqual({
      id: { type: 'number', minimum: 1 },
      head: { type: 'string', minLength: 2 },
      named: { type: 'string', maxLength: 3 },
      page: { type: 'number', maximum: 9 },
      seen: { type: 'string', format: 'email' },
      rest: { type: 'string', format: 'uri' },
    });
  });
});

describe('template literal types are patterns', () => {
  const template = (text: string) => `\`${text.replaceAll('<', '$' + '{').replaceAll('>', '}')}\``;
  test.each<[string, string, string[], string[]]>([
    ['a-<string>', '^a-[\\s\\S]*$', ['a-', 'a-b\nc'], ['b-a']],
    ['<number>px', '^-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:e[+-]?\\d+)?px$', ['1px', '-1.5e+21px'], ['px', '01px']],
    ['v<bigint>.x', '^v-?\\d+\\.x$', ['v12.x'], ['v1x']],
    ["<'a' | 'b'>-<string>", '^(?:a-[\\s\\S]*|b-[\\s\\S]*)$', ['a-', 'b-c'], ['c-']],
    ['<Uppercase<string>>!', '^[\\s\\S]*!$', ['A!'], ['A']],
  ])('%s', async (text, pattern, fitting, others) => {
    const type = text.startsWith('<Upper') ? '`$' + '{Uppercase<string>}!`' : template(text);
    expect(await schemaOf(type)).toEqual({ type: 'string', pattern });
    const expression = new RegExp(pattern, 'u');
    expect(fitting.filter((value) => !expression.test(value))).toEqual([]);
    expect(others.filter((value) => expression.test(value))).toEqual([]);
  });

  test('beside literals', async () => {
    expect(await schemaOf(`'all' | ${template('id-<number>')}`)).toMatchObject({
      anyOf: [
        { type: 'string', const: 'all' },
        { type: 'string', pattern: expect.stringMatching(/^\^id-/) },
      ],
    });
  });

  test('a duration', async () => {
    const schema = await schemaOf('DurationString', '', "import type { DurationString } from 'encore.dev/types';");
    const pattern = new RegExp(String(schema.pattern), 'u');
    expect(['1s', '1h30m', '1.5ms', '-2µs'].filter((value) => !pattern.test(value))).toEqual([]);
    expect(['', 's', '1', '1h 30m', '1d'].filter((value) => pattern.test(value))).toEqual([]);
    expect(schema.type).toBe('string');
  });
});
