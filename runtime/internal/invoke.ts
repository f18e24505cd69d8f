import { ErrCode } from '../api/error.ts';
import { toApiError } from '../http/error-body.ts';
import log from '../log/mod.ts';
import { type APICallMeta, runInRequest, type TraceData } from '../request.ts';
import type { Hosted } from './host.ts';

/** What of a call its handler can ask for, besides the parameters. */
export type CallMeta = Pick<APICallMeta, 'method' | 'path' | 'pathAndQuery' | 'pathParams' | 'headers'>;

/** Runs a handler within the context of its request. @throws APIError for every failure; an unexpected one is logged here */
export function invoke(
  { service, endpoint, handler }: Hosted,
  params: Record<string, unknown> | undefined,
  meta: CallMeta,
  trace: TraceData,
): Promise<unknown> {
  const api = { service, endpoint: endpoint.name, raw: false, auth: endpoint.auth, tags: endpoint.tags };
  const request = { type: 'api-call' as const, api, ...meta, ...(params && { parsedPayload: params }), trace };
  return runInRequest(request, async () => {
    try {
      return await handler?.(params as never);
    } catch (thrown) {
      const error = toApiError(thrown);
      if (error.code === ErrCode.Internal) log.error(error.cause ?? error, 'request failed');
      throw error;
    }
  });
}
