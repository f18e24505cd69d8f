import type { ClientRequest, IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { APIError } from '../api/error.ts';
import { fromErrorBody, toApiError, unreachableError } from '../http/error-body.ts';
import { callHeader, hashBody, sign, signatureHeader, writeCall } from '../http/signature.ts';
import { http, https } from '../node.ts';
import { traceparent } from '../trace.ts';
import { UnavailableError } from '../unavailable.ts';
import { type Host, keysOf } from './host.ts';
import { type Caller, tooLate } from './invoke.ts';

/** Idle connections are let go before the other side does so, which would break a request that is just being sent. Milliseconds. */
const longestIdle = 3_000;

/** What the head of an answer may have: cookies and tokens add up. Bytes. */
const longestHead = 64 * 1024;

/** How long a call waits for its answer when neither its caller nor the configuration says. Seconds. */
const defaultWait = 300;

interface Question {
  path: string;
  body: string;
  caller: Caller;
  /** Whether to be asked twice does no harm: it is asked again when a kept connection breaks, as one of a process that ended does. @default false */
  repeatable?: boolean;
}

/**
 * Asks the process of a service something that only processes of the application may ask.
 * @returns the text of its answer
 * @throws APIError of the other process; `unavailable` when it does not answer, `deadline_exceeded` when it is too late
 */
export async function askProcess(host: Host, service: string, question: Question): Promise<string> {
  const { body, caller } = question;
  const { base, path } = locate(host, service, question.path);
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    traceparent: traceparent(caller.trace),
    ...signedHeaders(host, service, { method: 'POST', path, origin: 'internal', bodyHash: hashBody(body) }, caller),
  };
  const { fairlead: { call_timeout: longest = defaultWait } = {} } = host.config;
  const wait = caller.deadline === undefined ? longest * 1000 : Math.max(0, caller.deadline - Date.now());
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), wait).unref();
  let response: IncomingMessage;
  let answer: string;
  try {
    response = await post(base, path, headers, question, late.signal);
    answer = await text(response);
  } catch (error) {
    if (!late.signal.aborted) throw unreachableError(`service ${service} cannot be reached`, error as Error);
    if (caller.deadline !== undefined) throw tooLate();
    throw APIError.deadlineExceeded(`service ${service} did not answer within ${longest} s`);
  } finally {
    clearTimeout(timer);
  }
  if (response.statusCode === 200) return answer;
  throw fromErrorBody(parse(answer), response.statusCode ?? 500);
}

/** The headers that make a request one of the application, and say for whom it is. */
export function signedHeaders(
  host: Host,
  service: string,
  request: { method: string; path: string; origin: 'internal' | 'external'; bodyHash: string },
  { auth, deadline }: Pick<Caller, 'auth' | 'deadline'>,
): Record<string, string> {
  const call = writeCall({ ...(auth && { auth }), ...(deadline !== undefined && { deadline }) });
  const said = call === undefined ? {} : { call };
  const signature = sign({ ...request, ...said }, keysOf(host.config, service));
  return { [signatureHeader]: signature, ...(call !== undefined && { [callHeader]: call }) };
}

/** Where a service of another process is. @throws APIError `unavailable` when the configuration does not say */
export function locate(host: Host, service: string, path: string): { base: URL; path: string } {
  const entry = host.config.service_discovery?.[service];
  if (!entry) {
    const text = `service ${service} cannot be reached: the configuration does not say where it is`;
    throw toApiError(new UnavailableError(text));
  }
  const base = new URL(entry.base_url);
  return { base, path: `${base.pathname.replace(/\/$/, '')}${path}` };
}

const agents = {
  'http:': new http.Agent({ keepAlive: true, timeout: longestIdle }),
  'https:': new https.Agent({ keepAlive: true, timeout: longestIdle }),
};

/** A request to another process over a connection that is kept. `path` is sent as it is: it cannot name another host. */
export function openRequest(
  base: URL,
  path: string,
  options: { method: string; headers: Record<string, unknown>; signal?: AbortSignal | undefined },
): ClientRequest {
  const secure = base.protocol === 'https:';
  return (secure ? https : http).request(base, {
    path,
    method: options.method,
    maxHeaderSize: longestHead,
    headers: options.headers as Record<string, string>,
    agent: agents[secure ? 'https:' : 'http:'],
    ...(options.signal && { signal: options.signal }),
  });
}

export function closeAgents(): void {
  for (const agent of Object.values(agents)) agent.destroy();
}

/** A kept connection may have been closed by its peer at the very moment it was used. */
export function isStale(request: ClientRequest, error: unknown): boolean {
  return request.reusedSocket && ['ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '');
}

async function post(
  base: URL,
  path: string,
  headers: Record<string, unknown>,
  { body, repeatable = false }: Question,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  for (let attempt = 1; ; attempt++) {
    const request = openRequest(base, path, { method: 'POST', headers, signal });
    try {
      return await new Promise<IncomingMessage>((resolve, reject) => {
        request.once('response', resolve).on('error', reject).end(body);
      });
    } catch (error) {
      if (!repeatable || attempt > 1 || !isStale(request, error)) throw error;
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
