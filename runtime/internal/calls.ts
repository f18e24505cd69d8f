import type { ClientRequest, IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { APIError } from '../api/error.ts';
import { DecodeError, messageCodec } from '../codec/mod.ts';
import { errorBody, fromErrorBody, toApiError } from '../http/error-body.ts';
import { hashBody, sign, signatureHeader } from '../http/signature.ts';
import { http, https } from '../node.ts';
import { currentTrace, type TraceData } from '../request.ts';
import { startSpan, traceparent } from '../trace.ts';
import type { ManifestMessage } from '../wire.ts';
import { type Host, type Hosted, keysOf } from './host.ts';
import { invoke } from './invoke.ts';

/** The route that takes calls from other processes: the whole request as JSON, wherever its fields travel from outside. */
export const callRoute = '/__fairlead/call/';

/** Calls an endpoint wherever it runs; both ways go through the same encoding, so that neither can do more. */
export async function callEndpoint(host: Host, service: string, name: string, params: unknown): Promise<unknown> {
  const key = `${service}.${name}`;
  const hosted = host.endpoints.get(key);
  const endpoint = hosted?.endpoint ?? host.remote.get(key);
  if (!endpoint) throw APIError.notFound(`endpoint not found: ${key}`);
  const { schemas } = host.manifest;
  const body = endpoint.request
    ? JSON.stringify(messageCodec(endpoint.request, schemas).codec.encode(params ?? {}))
    : '';
  const parent = currentTrace();
  const answer = hosted
    ? await answerLocally(host, hosted, body, startSpan(parent && traceparent(parent)))
    : await answerRemotely(host, service, name, body, parent);
  if (!endpoint.response || answer === '') return undefined;
  return messageCodec(endpoint.response, schemas).codec.decode(JSON.parse(answer), '');
}

/** Runs an endpoint for a call whose request is JSON text; answers JSON text, empty for nothing. @throws APIError */
export async function answerCall(host: Host, hosted: Hosted, body: string, trace: TraceData): Promise<string> {
  const { endpoint } = hosted;
  const { schemas } = host.manifest;
  const params = endpoint.request && decodeParams(endpoint.request, body, host);
  const { path } = endpoint;
  const fields = endpoint.request?.encodings[0]?.fields.filter((field) => field.in === 'path') ?? [];
  const pathParams = Object.fromEntries(fields.map(({ name, wire }) => [wire, params?.[name]]));
  const meta = { method: endpoint.methods[0] ?? 'POST', path, pathAndQuery: path, pathParams, headers: {} };
  const result = await invoke(hosted, params, meta, trace);
  if (!endpoint.response || result === undefined) return '';
  return JSON.stringify(messageCodec(endpoint.response, schemas).codec.encode(result));
}

function decodeParams(message: ManifestMessage, body: string, host: Host): Record<string, unknown> {
  try {
    const { codec } = messageCodec(message, host.manifest.schemas);
    return codec.decode(JSON.parse(body || '{}'), '') as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof DecodeError || error instanceof SyntaxError)) throw error;
    throw APIError.invalidArgument(`unable to decode request: ${error.message}`);
  }
}

/** The failure goes through the same form as between processes: the caller gets an error of its own, with its own stack. */
async function answerLocally(host: Host, hosted: Hosted, body: string, trace: TraceData): Promise<string> {
  try {
    return await answerCall(host, hosted, body, trace);
  } catch (error) {
    const sent = errorBody(toApiError(error), 'internal');
    throw fromErrorBody(JSON.parse(JSON.stringify(sent)), 500);
  }
}

async function answerRemotely(
  host: Host,
  service: string,
  name: string,
  body: string,
  parent: TraceData | undefined,
): Promise<string> {
  const { base, path } = locate(
    host,
    service,
    `${callRoute}${encodeURIComponent(service)}/${encodeURIComponent(name)}`,
  );
  const signed = { method: 'POST', path, origin: 'internal' as const, bodyHash: hashBody(body) };
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    [signatureHeader]: sign(signed, keysOf(host.config, service)),
    ...(parent && { traceparent: traceparent(parent) }),
  };
  let response: IncomingMessage;
  let answer: string;
  try {
    response = await post(base, path, headers, body);
    answer = await text(response);
  } catch (error) {
    throw APIError.unavailable(`service ${service} cannot be reached`, error as Error);
  }
  if (response.statusCode === 200) return answer;
  throw fromErrorBody(parse(answer), response.statusCode ?? 500);
}

/** Where a service of another process is. @throws APIError `unavailable` when the configuration does not say */
export function locate(host: Host, service: string, path: string): { base: URL; path: string } {
  const entry = host.config.service_discovery?.[service];
  if (!entry)
    throw APIError.unavailable(`service ${service} cannot be reached: the configuration does not say where it is`);
  const base = new URL(entry.base_url);
  return { base, path: `${base.pathname.replace(/\/$/, '')}${path}` };
}

const agents = {
  'http:': new http.Agent({ keepAlive: true }),
  'https:': new https.Agent({ keepAlive: true }),
};

/** A request to another process over a connection that is kept. `path` is sent as it is: it cannot name another host. */
export function openRequest(
  base: URL,
  path: string,
  options: { method: string; headers: Record<string, unknown> },
): ClientRequest {
  const secure = base.protocol === 'https:';
  return (secure ? https : http).request(base, {
    path,
    method: options.method,
    headers: options.headers as Record<string, string>,
    agent: agents[secure ? 'https:' : 'http:'],
  });
}

export function closeAgents(): void {
  for (const agent of Object.values(agents)) agent.destroy();
}

/** A kept connection may have been closed by its peer at the very moment it was used: that is worth a second try. */
async function post(base: URL, path: string, headers: Record<string, unknown>, body: string): Promise<IncomingMessage> {
  for (let attempt = 1; ; attempt++) {
    const request = openRequest(base, path, { method: 'POST', headers });
    try {
      return await new Promise<IncomingMessage>((resolve, reject) => {
        request.once('response', resolve).once('error', reject).end(body);
      });
    } catch (error) {
      const stale = request.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
      if (!stale || attempt > 1) throw error;
    }
  }
}

function parse(answer: string): unknown {
  try {
    return JSON.parse(answer);
  } catch {
    return undefined;
  }
}
