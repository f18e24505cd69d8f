import { messageCodec } from '../codec/mod.ts';
import type { Host, Hosted } from '../internal/host.ts';
import { invoke } from '../internal/invoke.ts';
import { wrap } from '../internal/wrap.ts';
import type { Admitted } from './admit.ts';
import { type Exchange, requestMeta } from './exchange.ts';
import { decodeRequest, readSigned } from './request.ts';
import { type Answer, encodeResponse } from './response.ts';

const noQuery = new URLSearchParams();

/** What a typed endpoint answers: the request decoded, the handler called within its middleware, and what it returns encoded. */
export function answerTyped(
  host: Host,
  hosted: Hosted,
  { pathParams, caller }: Admitted,
  exchange: Exchange,
): Promise<Answer> {
  const { endpoint, middleware, handler } = hosted;
  const { request, method, search } = exchange;
  const { schemas } = host.manifest;
  return invoke(host, hosted, requestMeta(exchange, pathParams), caller, async (context) => {
    const read = readSigned(exchange, endpoint.bodyLimit);
    // What is there already is not waited for.
    const body = read instanceof Promise ? await read : read;
    const query = search === '' ? noQuery : new URLSearchParams(search);
    const parts = { method, pathParams, query, headers: request.headers, body };
    const params = endpoint.request && decodeRequest(messageCodec(endpoint.request, schemas), parts);
    if (params) context.meta.parsedPayload = params;
    const message = endpoint.response && messageCodec(endpoint.response, schemas);
    if (middleware.length === 0) return encodeResponse(message, await handler?.(params as never));
    const response = await wrap(middleware, context, {}, () => handler?.(params as never));
    return encodeResponse(message, response.payload, response);
  });
}
