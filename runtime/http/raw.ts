import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import { APIError } from '../api/error.ts';
import type { Host, Hosted } from '../internal/host.ts';
import { invoke } from '../internal/invoke.ts';
import { wrap } from '../internal/wrap.ts';
import type { Admitted } from './admit.ts';
import { bindToRequest } from './bind.ts';
import { limitBody } from './body-limit.ts';
import { agreeOnForwarded, type Exchange, requestMeta } from './exchange.ts';
import { clear, handOver } from './respond.ts';
import { hashBody } from './signature.ts';

/** Hands a request to a raw endpoint as it came in. Resolves when the response is complete, or the client has gone. */
export async function answerRaw(
  host: Host,
  hosted: Hosted,
  { pathParams, caller }: Admitted,
  exchange: Exchange,
  response: ServerResponse,
): Promise<void> {
  const { endpoint, middleware, handler } = hosted;
  const { request } = exchange;
  refuseUnverified(exchange);
  agreeOnForwarded(request);
  handOver(exchange, response);
  await invoke(host, hosted, requestMeta(exchange, pathParams), caller, async (context) => {
    const unread = new Promise<never>((_, reject) =>
      limitBody(request, endpoint.bodyLimit, (failure) => {
        if (!response.writableEnded) reject(failure);
      }),
    );
    bindToRequest(request);
    bindToRequest(response);
    const handle = handler as unknown as (request: IncomingMessage, response: ServerResponse) => unknown;
    const parts = { rawRequest: request, rawResponse: response };
    const answered = async () => {
      await wrap(middleware, context, parts, () => handle(request, response));
      // A handler that wrote no more than a part, and waits for something, has returned all the same.
      // It fails when the client has gone, which is no failure of the handler.
      await finished(response, { readable: false }).catch(() => undefined);
    };
    await Promise.race([unread, answered()]).catch((error) => {
      clear(response);
      throw brokeOff(request, error) ? APIError.canceled('the client has gone', error) : error;
    });
  });
}

/**
 * Whether what a handler failed with is that its client went, before the end of the body or of an answer that is piped: no failure of
 * the application.
 */
function brokeOff({ errored, socket }: IncomingMessage, error: unknown): boolean {
  const code = codeOf(error);
  if (code !== 'ERR_STREAM_PREMATURE_CLOSE') return error === errored && code === 'ECONNRESET';
  // A source that breaks off fails alike, but then it is we who close the connection.
  return socket.readableEnded || ['ECONNRESET', 'EPIPE'].includes(codeOf(socket.errored));
}

function codeOf(error: unknown): string {
  return error instanceof Error ? String(Reflect.get(error, 'code')) : '';
}

/** A body that is read while the handler runs cannot be compared before with what the signature says of it. */
function refuseUnverified({ request: { headers }, bodyHash }: Exchange): void {
  if (bodyHash === undefined) return;
  const empty = bodyHash === hashBody('') && !headers['transfer-encoding'] && !Number(headers['content-length'] ?? 0);
  if (!empty) throw APIError.notFound('endpoint not found');
}
