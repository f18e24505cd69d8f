import { describe, expect, test } from '@jest/globals';
import { api, Gateway, HandlerResponse, MiddlewareRequest, middleware } from '../../runtime/api/mod.ts';
import { declaredAuthHandler } from '../../runtime/auth/handler.ts';
import { authHandler } from '../../runtime/auth/mod.ts';
import { Service } from '../../runtime/service/mod.ts';

describe('middleware', () => {
  const mark = middleware({ target: { auth: true } }, async (req, next) => {
    req.data.marks = [...(req.data.marks ?? []), 'in'];
    return next(req);
  });

  test('passes the request on and changes the response', async () => {
    const wrapped = middleware(async (req, next) => {
      const response = await mark(req, next);
      response.header.add('Vary', 'a');
      response.header.add('vary', ['b', 'c']);
      response.header.set('x-one', '1');
      response.header.set('X-One', ['2']);
      response.status = 201;
      return response;
    });
    const request = new MiddlewareRequest({});
    const response = await wrapped(request, async (req) => new HandlerResponse(req.data.marks));
    expect(response.payload).toEqual(['in']);
    expect([...response.header.entries()]).toEqual([
      ['vary', ['a', 'b', 'c']],
      ['x-one', ['2']],
    ]);
    expect(response.status).toBe(201);
    expect(new HandlerResponse(1).status).toBeUndefined();
  });

  test('keeps its target when it is wrapped, unless there is a new one', () => {
    expect(middleware(async (req, next) => next(req)).options).toEqual({});
    expect(middleware(mark).options).toEqual({ target: { auth: true } });
    expect(middleware({ target: { tags: ['x'] } }, mark).options).toEqual({ target: { tags: ['x'] } });
    expect(mark.options).toEqual({ target: { auth: true } });
  });

  test('is held by its service in the order given', () => {
    const other = middleware(mark);
    expect(new Service('x', { middlewares: [other, mark] }).config.middlewares).toEqual([other, mark]);
    expect(new Service('x').config).toEqual({});
  });
});

test('an auth handler is the function itself, and known once declared', async () => {
  expect(declaredAuthHandler()).toBeUndefined();
  const handler = authHandler(async ({ token }: { token: string }) => (token ? { userID: token } : null));
  expect(declaredAuthHandler()).toBe(handler);
  expect([await handler({ token: 'a' }), await handler({ token: '' })]).toEqual([{ userID: 'a' }, null]);
  expect(new Gateway({ authHandler: handler })).toMatchObject({
    name: 'api-gateway',
    config: { authHandler: handler },
  });
});

test('what declares an endpoint is its handler, and files are their options', () => {
  const handler = async () => {};
  expect([
    api({}, handler),
    api.raw({}, handler),
    api.streamIn({}, handler),
    api.streamOut({}, handler),
    api.streamInOut({}, handler),
  ]).toEqual(Array(5).fill(handler));
  expect(api.static({ dir: './site', path: '/*path' }).options).toEqual({ dir: './site', path: '/*path' });
});
