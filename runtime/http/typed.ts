import type { ServerResponse } from 'node:http';
import { messageCodec } from '../codec/mod.ts';
import type { Host, Hosted } from '../internal/host.ts';
import { invoke } from '../internal/invoke.ts';
import { wrap } from '../internal/wrap.ts';
import type { Admitted } from './admit.ts';
import { type Exchange, requestMeta } from './exchange.ts';
import { decodeRequest, readSigned } from './request.ts';
import { send } from './respond.ts';
import { encodeResponse } from './response.ts';

const noQuery = new URLSearchParams();

/** Answers a request to a typed endpoint: decodes it, calls the handler within its middleware, and encodes what it returns. */
export async function answerTyped(
  host: Host,
  hosted: Hosted,
  { pathParams, caller }: Admitted,
  exchange: Exchange,
  response: ServerResponse,
): Promise<void> {
  const { endpoint, middleware, handler } = hosted;
  const { request, method, search } = exchange;
  const { schemas } = host.manifest;
  const answer = await invoke(host, hosted, requestMeta(exchange, pathParams), caller, async (context) => {
    const read = readSigned(exchange, endpoint.bodyLimit);
    // What is there already is not waited for.
    const body = read instanceof Promise ? await read : read;
    const query = search === '' ? noQuery : new URLSearchParams(search);
    const parts = { method, pathParams, query, headers: request.headers, body };
    const params = endpoint.request && decodeRequest(messageCodec(endpoint.request, schemas), parts);
    if (params) context.meta.parsedPayload = params;
    const result = await wrap(middleware, context, {}, () => handler?.(params as never));
    return encodeResponse(endpoint.response && messageCodec(endpoint.response, schemas), result);
  });
  send(exchange, response, answer);
}
