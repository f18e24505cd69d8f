import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parsePath } from '../../analyzer/paths.ts';
import { Router } from '../../runtime/http/router.ts';

const isAccepted = (path: string) => Array.isArray(parsePath(path));

test.each(['/a*b', '/a*', '/a%2fb', '/a%', '/.', '/a/../b'])('%s is refused', (path) => {
  expect(isAccepted(path)).toBe(false);
});

test.each(['/', '/a:b', '/a::b', '/a(b)', '/a.b', '/~a', '/v1/:id/*rest', '/a!b/!rest'])('%s is accepted', (path) => {
  expect(isAccepted(path)).toBe(true);
});

test('the router takes every accepted path and finds it', () => {
  const segment = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'ab:*!()[]{}%.~-_;,=+$@&\'"\\^|'), maxLength: 5 }),
    fc.constantFrom(':id', ':key', '*rest', '!rest'),
  );
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 4 }), (segments) => {
      const path = `/${segments.join('/')}`;
      fc.pre(isAccepted(path));
      const router = new Router([{ methods: ['GET'], path, target: path }]);
      const request = path.replaceAll(/\/[:*!][^/]+/g, '/x');
      expect(router.find('GET', request)?.target).toBe(path);
    }),
    { numRuns: 3000, examples: [[['a:b', ':id', 'c(d)']]] },
  );
});

test('literals come first, then parameters, then wildcards, and fallbacks at last', () => {
  const paths = ['/!x', '/o/*x', '/o/:x', '/o/open', '/o/:x/lines'];
  const router = new Router(paths.map((path) => ({ methods: ['GET'], path, target: path })));
  const found = (path: string) => router.find('GET', path)?.target;
  expect(['/o/open', '/o/1', '/o/1/', '/o/1/lines', '/o/1/other', '/o/', '/p'].map(found)).toEqual([
    '/o/open',
    '/o/:x',
    '/o/:x',
    '/o/:x/lines',
    '/o/*x',
    '/o/*x',
    '/!x',
  ]);
});

test('an endpoint of its own for HEAD comes before that of GET', () => {
  const router = new Router([
    { methods: ['GET'], path: '/o/:id', target: 'get' },
    { methods: ['GET'], path: '/p', target: 'get' },
    { methods: ['HEAD'], path: '/o/:id', target: 'head' },
  ]);
  expect(['/o/1', '/p', '/q'].map((path) => router.find('HEAD', path)?.target)).toEqual(['head', 'get', undefined]);
});

test('a parameter is never empty', () => {
  const router = new Router([{ methods: ['GET'], path: '/o/:id/lines/:line', target: 'line' }]);
  expect(router.find('GET', '/o/%0A/lines/a%2Fb')?.pathParams).toEqual({ id: '\n', line: 'a/b' });
  for (const path of ['/o//lines/1', '/o/1/lines/', '/o/1/lines']) expect(router.find('GET', path)).toBeUndefined();
});
