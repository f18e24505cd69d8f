import { afterEach, expect, jest, test } from '@jest/globals';
import { APIError } from '../../runtime/api/mod.ts';
import { errorBody, fromErrorBody, statusOf, toApiError } from '../../runtime/http/error-body.ts';
import log from '../../runtime/log/mod.ts';

const flags = ['ENCORE_API_INCLUDE_INTERNAL_MESSAGE', 'ENCORE_API_INCLUDE_ERROR_STACK'] as const;

afterEach(() => {
  for (const flag of flags) delete process.env[flag];
});

test('what is meant for the inside is there for services, and for outsiders by flags of the environment', () => {
  const error = APIError.internal('the disk is full');
  const hidden = { code: 'internal', message: 'an internal error occurred', details: null };
  expect(errorBody(error, 'external')).toEqual(hidden);
  expect(errorBody(error, 'internal')).toEqual({ ...hidden, internal_message: 'the disk is full' });
  expect(errorBody(APIError.notFound('no such order'), 'internal')).toMatchObject({ internal_message: null });
  process.env.ENCORE_API_INCLUDE_INTERNAL_MESSAGE = '1';
  expect(errorBody(error, 'external')).toEqual({ ...hidden, internal_message: 'the disk is full' });
  process.env.ENCORE_API_INCLUDE_ERROR_STACK = '1';
  expect(errorBody(error, 'external').stack).toContain('errors.test.ts');
});

test.each([
  [400, 'invalid_argument'],
  [401, 'unauthenticated'],
  [403, 'permission_denied'],
  [404, 'not_found'],
  [409, 'already_exists'],
  [429, 'resource_exhausted'],
  [499, 'canceled'],
  [500, 'internal'],
  [501, 'unimplemented'],
  [503, 'unavailable'],
  [504, 'deadline_exceeded'],
  [418, 'unknown'],
])('an answer without a code, of status %s, counts as %s', (status, code) => {
  for (const body of [undefined, 'Bad Gateway', {}, null]) expect(fromErrorBody(body, status)).toMatchObject({ code });
});

test('an unknown code counts as internal', () => {
  expect(fromErrorBody({ code: 'teapot', message: 'short and stout' }, 418)).toMatchObject({
    code: 'internal',
    message: 'short and stout',
  });
});

test('details that JSON cannot say are left out, and the log has why', () => {
  const written = jest.spyOn(log, 'error').mockImplementation(() => undefined);
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  for (const details of [circle, { amount: 1n }]) {
    const error = APIError.notFound('no such order').withDetails(details);
    expect(errorBody(error, 'external')).toEqual({ code: 'not_found', message: 'no such order', details: null });
  }
  expect(written).toHaveBeenCalledTimes(2);
  written.mockRestore();
});

test.each<[string, unknown]>([
  ['an error with a code that there is not', new APIError('teapot' as never, 'short and stout')],
  ['what no text can be made of', Object.create(null)],
])('%s is internal', (_, thrown) => {
  const error = toApiError(thrown);
  expect([error.code, statusOf(error.code)]).toEqual(['internal', 500]);
  expect(errorBody(error, 'external').message).toBe('an internal error occurred');
});
