import type { CallOpts } from '../api/api.ts';
import { APIError } from '../api/error.ts';
import { codecFor, DecodeError, decodeOwn, encodeJson, messageCodec } from '../codec/mod.ts';
import { errorBody, fromErrorBody, toApiError } from '../http/error-body.ts';
import { currentContext } from '../request.ts';
import { childSpan } from '../trace.ts';
import { spans } from '../tracing/spans.ts';
import type { ManifestEndpoint, ManifestMessage } from '../wire.ts';
import type { Host, Hosted } from './host.ts';
import { type AuthJson, type Caller, type CallMeta, invoke, tooLate } from './invoke.ts';
import { askProcess } from './processes.ts';
import { wrap } from './wrap.ts';

/** The route that takes calls from other processes: the whole request as JSON, wherever its fields travel from outside. */
export const callRoute = '/__fairlead/call/';

/**
 * Calls an endpoint wherever it runs, for the caller of the current request unless `opts` name another; both ways go through the
 * same encoding, so that neither can do more. @throws APIError
 */
export async function callEndpoint(
  host: Host,
  service: string,
  name: string,
  params: unknown,
  opts?: CallOpts,
): Promise<unknown> {
  const key = `${service}.${name}`;
  const hosted = host.endpoints.get(key);
  const endpoint = hosted?.endpoint ?? host.remote.get(key);
  if (!endpoint) throw APIError.notFound(`endpoint not found: ${key}`);
  if (endpoint.kind === 'stream') {
    const { openStream } = await import('../stream/mod.ts');
    return openStream(host, service, endpoint, params, opts);
  }
  refuseUntyped(key, endpoint);
  const { schemas } = host.manifest;
  const message = endpoint.request && messageCodec(endpoint.request, schemas);
  const body = message ? encodeJson(message.codec, params ?? {}) : '';
  const caller = currentCaller(host, opts, hosted !== undefined);
  const path = callPath(service, name);
  const work = hosted ? answerLocally(host, hosted, body, caller) : askProcess(host, service, { path, body, caller });
  const called = { service, endpoint, ...(!hosted && { path }) };
  const answer = await (spans()?.called(caller.trace, called, work) ?? work);
  if (!endpoint.response || answer === '') return undefined;
  return decodeOwn(messageCodec(endpoint.response, schemas).codec, JSON.parse(answer));
}

/** For whom the code that runs calls an endpoint: a new span of its request, and whoever sent that, unless `opts` say otherwise. */
export function currentCaller(host: Host, opts: CallOpts | undefined, here: boolean): Caller {
  const context = currentContext();
  const { authData = context?.authData } = (opts ?? {}) as { authData?: object | null };
  const { authData: schema = {}, schemas } = host.manifest;
  const auth = authData && (JSON.parse(encodeJson(codecFor(schema, schemas), authData)) as AuthJson);
  const trace = childSpan(here ? 'internal' : 'client');
  return { trace, ...(auth && { auth }), ...(context?.deadline !== undefined && { deadline: context.deadline }) };
}

/** Runs an endpoint for a call whose request is JSON text; answers JSON text, empty for nothing. @throws APIError */
export async function answerCall(host: Host, hosted: Hosted, body: string, caller: Caller): Promise<string> {
  const { service, endpoint, middleware, handler } = hosted;
  refuseUntyped(`${service}.${endpoint.name}`, endpoint);
  const { schemas } = host.manifest;
  const params = endpoint.request && decodeParams(endpoint.request, body, host);
  return invoke(host, hosted, callMeta(endpoint, params), caller, async (context) => {
    if (params) context.meta.parsedPayload = params;
    // Who calls from within the application gets a value: a header or a status would have nowhere to go.
    const { payload } = await wrap(middleware, context, {}, () => handler?.(params as never));
    if (!endpoint.response || payload === undefined) return '';
    return encodeJson(messageCodec(endpoint.response, schemas).codec, payload);
  });
}

/** What the endpoint of a call can ask for by `currentRequest()`: there is no request of HTTP. */
export function callMeta(endpoint: ManifestEndpoint, params: Record<string, unknown> | undefined): CallMeta {
  const { path, methods, request } = endpoint;
  const fields = request?.encodings[0]?.fields.filter((field) => field.in === 'path') ?? [];
  const pathParams = Object.fromEntries(fields.map(({ name, wire }) => [wire, params?.[name]]));
  return { method: methods[0] ?? 'POST', path, pathAndQuery: path, pathParams, headers: {} };
}

function callPath(service: string, name: string): string {
  return `${callRoute}${encodeURIComponent(service)}/${encodeURIComponent(name)}`;
}

/** The others have no parameters and result that a call could carry. */
function refuseUntyped(name: string, { kind }: ManifestEndpoint): void {
  if (kind !== 'typed') throw APIError.unimplemented(`${name} takes HTTP requests, and no calls`);
}

/** The request of a call, out of JSON text. @throws APIError `invalid_argument` */
export function decodeParams(message: ManifestMessage, body: string, host: Host): Record<string, unknown> {
  try {
    const { codec } = messageCodec(message, host.manifest.schemas);
    return decodeOwn(codec, JSON.parse(body || '{}')) as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof DecodeError || error instanceof SyntaxError)) throw error;
    throw APIError.invalidArgument(`unable to decode request: ${error.message}`);
  }
}

/** The failure goes through the same form as between processes: the caller gets an error of its own, with its own stack. */
async function answerLocally(host: Host, hosted: Hosted, body: string, caller: Caller): Promise<string> {
  try {
    return await until(caller.deadline, answerCall(host, hosted, body, caller));
  } catch (error) {
    const sent = errorBody(toApiError(error), 'internal');
    throw fromErrorBody(JSON.parse(JSON.stringify(sent)), 500);
  }
}

/** Stops waiting at the deadline. The work goes on, as it would in another process. */
async function until<T>(deadline: number | undefined, work: Promise<T>): Promise<T> {
  if (deadline === undefined) return work;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLate()), Math.max(0, deadline - Date.now()));
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
