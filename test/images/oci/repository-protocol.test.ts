import { expect, test } from '@jest/globals';
import { parseChallenges } from '../../../images/oci/repository/remote/challenge.ts';
import { Exchange } from '../../../images/oci/repository/remote/exchange.ts';
import { nextLink } from '../../../images/oci/repository/remote/link.ts';
import { defaultRetry, parseRetryAfter, waitAfter } from '../../../images/oci/repository/remote/retry.ts';
import { codeOf } from './content.ts';

const bearer = (parameters: Record<string, string>) => ({ scheme: 'bearer', parameters });

test.each<[string, unknown]>([
  ['Basic realm="x"', [{ scheme: 'basic', parameters: { realm: 'x' } }]],
  ['BASIC', [{ scheme: 'basic', parameters: {} }]],
  ['Bearer realm="https://t.example/token",service=s', [bearer({ realm: 'https://t.example/token', service: 's' })]],
  ['Bearer realm="a" , Service = "b"', [bearer({ realm: 'a', service: 'b' })]],
  [
    'Bearer scope="repository:a:pull,push repository:b:pull"',
    [bearer({ scope: 'repository:a:pull,push repository:b:pull' })],
  ],
  ['Bearer realm="a \\"b\\" \\\\c"', [bearer({ realm: 'a "b" \\c' })]],
  ['Bearer realm="a",realm="b"', [bearer({ realm: 'a' })]],
  [
    'Basic realm="x", Bearer realm="y",service="z"',
    [{ scheme: 'basic', parameters: { realm: 'x' } }, bearer({ realm: 'y', service: 'z' })],
  ],
  [
    'Negotiate, Basic realm="x"',
    [
      { scheme: 'negotiate', parameters: {} },
      { scheme: 'basic', parameters: { realm: 'x' } },
    ],
  ],
  ['', []],
  ['=', []],
  ['Bearer realm="open', [bearer({})]],
])('the challenge %s', (header, expected) => {
  expect(parseChallenges([header])).toEqual(expected);
});

test('a challenge of 100 kB is read in no time', () => {
  const started = performance.now();
  parseChallenges([
    `Bearer ${'a="b\\",'.repeat(15_000)}`,
    `Bearer realm="${'\\'.repeat(100_000)}`,
    ' ,'.repeat(50_000),
  ]);
  expect(performance.now() - started).toBeLessThan(1000);
});

test.each<[string[], string | undefined]>([
  [['</v2/a/tags/list?last=x&n=2>; rel="next"'], '/v2/a/tags/list?last=x&n=2'],
  [['<a>; rel=next'], 'a'],
  [['<a>; rel="prev", <b>; title="t"; rel="next"'], 'b'],
  [['<a>; rel="prev"', '<b>; rel="next"'], 'b'],
  [['<a>; rel="nextish"'], undefined],
  [['a; rel="next"'], undefined],
  [[], undefined],
])('the next page of %j', (headers, expected) => {
  expect(nextLink(headers)).toBe(expected);
});

const now = Date.parse('2026-01-01T00:00:00Z');

test.each<[string | undefined, number | undefined]>([
  ['7', 7000],
  [' 0 ', 0],
  ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
  ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
  ['soon', undefined],
  [undefined, undefined],
])('Retry-After: %s', (header, expected) => {
  expect(parseRetryAfter(header, now)).toBe(expected);
});

test.each<[attempt: number, asked: number | undefined, random: number, expected: number | undefined]>([
  [1, undefined, 1, 500],
  [1, undefined, 0, 0],
  [2, undefined, 1, 1000],
  [3, undefined, 0.5, 1000],
  [4, undefined, 1, 4000],
  [5, undefined, 1, undefined],
  [1, 30_000, 0, 30_000],
  [1, 30_000, 1, 30_500],
  [1, 300_001, 0, undefined],
  [5, 1, 0, undefined],
])('after attempt %d, asked for %s, with %d at random: %s ms', (attempt, asked, random, expected) => {
  expect(waitAfter(attempt, asked, defaultRetry, random)).toBe(expected);
});

test('no wait of our own choice is longer than the longest', () => {
  expect(waitAfter(20, undefined, { ...defaultRetry, attempts: 100 }, 1)).toBe(20_000);
});

test.each<[string, string | undefined, string]>([
  ['https://r.example/v2/', 'http://store.example/x', 'FL2214'],
  ['https://r.example/v2/', undefined, 'FL2208'],
  ['https://r.example/v2/', 'https://', 'FL2208'],
  ['https://r.example/v2/', 'data:,x', 'FL2208'],
  ['https://r.example/v2/', '/up?x=1', 'https://r.example/up?x=1'],
  ['https://r.example/v2/', '//store.example/x', 'https://store.example/x'],
  ['https://r.example/v2/', 'https://user:word@store.example/x', 'https://store.example/x'],
  ['http://localhost:5000/v2/', 'http://store.example/x', 'http://store.example/x'],
])('from %s on to %s: %s', async (from, location, expected) => {
  const exchange = new Exchange({} as never);
  const resolve = () => exchange.resolve(location, new URL(from), 'r.example').href;
  if (expected.startsWith('FL')) expect(await codeOf((async () => resolve())())).toBe(expected);
  else expect(resolve()).toBe(expected);
});
