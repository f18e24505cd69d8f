import { HandlerResponse, type Middleware, MiddlewareRequest } from '../api/middleware.ts';
import type { CallContext } from './invoke.ts';

/** What a middleware gets of an endpoint that is not typed. */
export type WrappedParts = Pick<
  ConstructorParameters<typeof MiddlewareRequest>[0],
  'stream' | 'rawRequest' | 'rawResponse'
>;

/**
 * Runs a handler through its middleware, the outermost first. What they leave in `data` is `middlewareData` of the request.
 * @param parts of a stream or a raw endpoint, what it works with
 * @throws whatever the handler or a middleware throws
 */
export async function wrap(
  middleware: readonly Middleware[],
  context: CallContext,
  parts: WrappedParts,
  handler: () => unknown,
): Promise<HandlerResponse> {
  if (middleware.length === 0) return new HandlerResponse(await handler());
  const next = (index: number) => async (request: MiddlewareRequest) => {
    context.meta.middlewareData = request.data;
    const inner = middleware[index];
    if (!inner) return new HandlerResponse(await handler());
    const response: unknown = await inner(request, next(index + 1));
    if (response instanceof HandlerResponse) return response;
    throw new Error('a middleware has to return the response that next() gave it, or a HandlerResponse of its own');
  };
  return next(0)(new MiddlewareRequest({ requestMeta: context.meta, ...parts }));
}
