import { APIError, ErrCode } from '../api/error.ts';
import { declaredAuthHandler } from '../auth/handler.ts';
import { codecFor, DecodeError, encodeJson, messageCodec } from '../codec/mod.ts';
import { toApiError } from '../http/error-body.ts';
import type { Exchange } from '../http/exchange.ts';
import { decodeRequest, isGiven } from '../http/request.ts';
import { type APICallMeta, runInRequest, type TraceData } from '../request.ts';
import { spans } from '../tracing/spans.ts';
import type { ManifestAuthHandler } from '../wire.ts';
import type { Host } from './host.ts';
import { type AuthJson, logFailure, unauthenticated } from './invoke.ts';
import { askProcess } from './processes.ts';

/** How long a gateway waits to be told who sends a request. Milliseconds. */
const patience = 30_000;

/** The route that the process of the auth handler takes questions by. */
export const authRoute = '/__fairlead/auth';

/** What a gateway asks: the handler's parameters as JSON, and of the request what `currentRequest()` tells. */
interface Question {
  params: unknown;
  request: Pick<APICallMeta, 'method' | 'path' | 'pathAndQuery' | 'headers'>;
}

/**
 * Asks the auth handler who sends a request from outside, if the request carries anything that the handler asks for. Undefined is
 * an anonymous one. @throws APIError when the endpoint requires somebody and there is nobody, and when the handler failed
 */
export async function authenticate(host: Host, exchange: Exchange, required: boolean): Promise<AuthJson | undefined> {
  let auth: AuthJson | undefined;
  try {
    auth = await askHandler(host, exchange);
  } catch (error) {
    if (required || toApiError(error).code !== ErrCode.Unauthenticated) throw error;
  }
  if (required && !auth) throw unauthenticated();
  return auth;
}

async function askHandler(host: Host, exchange: Exchange): Promise<AuthJson | undefined> {
  const { authHandler: handler, schemas } = host.manifest;
  if (!handler) return undefined;
  const { request, method, path, search, trace } = exchange;
  const { headers } = request;
  const message = messageCodec(handler.request, schemas);
  const parts = { method, pathParams: {}, query: new URLSearchParams(search), headers, body: Buffer.alloc(0) };
  if (!message.encoding(method).fields.some((field) => isGiven(field, parts))) return undefined;
  const params = message.codec.encode(decodeRequest(message, parts));
  const seen = { method, path, pathAndQuery: request.url ?? path, headers: headers as Question['request']['headers'] };
  const question = JSON.stringify({ params, request: seen } satisfies Question);
  const here = host.services.includes(handler.service);
  const ask = (trace: TraceData) =>
    here
      ? answerQuestion(host, question, trace)
      : askProcess(host, handler.service, {
          path: authRoute,
          body: question,
          caller: { trace, deadline: Date.now() + patience },
          repeatable: true,
        }).catch((error: unknown) => {
          throw logFailure(error);
        });
  const answer = await (spans()?.authenticated(trace, handler, here ? undefined : authRoute, ask) ?? ask(trace));
  return answer === '' ? undefined : (JSON.parse(answer) as AuthJson);
}

/** Asks the auth handler of this process; answers JSON text, empty for nobody. @throws APIError */
export async function answerQuestion(host: Host, question: string, trace: TraceData): Promise<string> {
  const { authHandler: about, authData, schemas } = host.manifest;
  const handler = declaredAuthHandler();
  if (!about || !handler) throw APIError.notFound('endpoint not found');
  const { params, request } = JSON.parse(question) as Question;
  const decoded = decodeParams(host, about, params);
  const api = { service: about.service, endpoint: about.name, raw: false, auth: false, tags: [] };
  const meta = { type: 'api-call' as const, api, ...request, pathParams: {}, parsedPayload: decoded, trace };
  return runInRequest({ meta }, async () => {
    try {
      const data: unknown = await handler(decoded);
      if (!isSomebody(data)) return '';
      return encodeJson(codecFor(authData ?? {}, schemas), data);
    } catch (error) {
      throw logFailure(error);
    }
  });
}

function decodeParams(host: Host, { request }: ManifestAuthHandler, params: unknown): Record<string, unknown> {
  try {
    return messageCodec(request, host.manifest.schemas).codec.decode(params, '') as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw APIError.invalidArgument(`unable to decode authentication parameters: ${error.message}`);
  }
}

function isSomebody(data: unknown): data is AuthJson {
  const id: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, 'userID') : undefined;
  return typeof id === 'string' && id !== '';
}
