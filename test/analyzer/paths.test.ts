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
