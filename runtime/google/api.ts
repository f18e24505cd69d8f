import { GoogleAuth } from 'google-auth-library';
import { UnavailableError } from '../unavailable.ts';

/** The whole of Google Cloud: what the process may do of it, its service account says. */
const scopes = ['https://www.googleapis.com/auth/cloud-platform'];

/** How often a request is sent that fails for reasons that pass. */
const attempts = 5;

/** How long to wait before it is sent again, twice as long each time. Milliseconds. */
const pause = 100;

/** How long each try may take, from the connection to the head of the answer. Milliseconds. */
const patience = 30_000;

const passing = new Set([408, 429, 500, 502, 503, 504]);

export interface GoogleRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the endpoint, with its query. */
  path: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
  /** Ends it, instead of the limit of half a minute for each try. */
  signal?: AbortSignal;
  /** Ends it, beside that limit. */
  cancel?: AbortSignal;
  /** How often it is sent at most. @default 5 */
  attempts?: number;
  /** Statuses of answers that are none of success, and no failure either. */
  accepted?: readonly number[];
}

/** An answer of Google other than of success. */
export class GoogleError extends Error {
  override readonly name = 'GoogleError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Whether the same request may succeed later. */
export function isPassing(error: unknown): boolean {
  return !(error instanceof GoogleError) || passing.has(error.status);
}

let auth: GoogleAuth | undefined;

/** The credentials of this process, found as Google's own libraries find them: a key, a federation, or the machine's account. */
export function credentials(): GoogleAuth {
  auth ??= new GoogleAuth({ scopes });
  return auth;
}

/** One of Google's APIs over HTTP. An endpoint without TLS is an emulator's: it gets no token. */
export class GoogleApi {
  readonly endpoint: string;

  /** @param endpoint without a slash at its end */
  constructor(endpoint: string) {
    this.endpoint = endpoint.replace(/\/$/, '');
  }

  /** @throws GoogleError for an answer other than of success */
  async send({ attempts: most = attempts, ...request }: GoogleRequest): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      const response = await this.#try(request).catch((error: unknown) => {
        if (attempt === most || request.signal?.aborted || request.cancel?.aborted) throw error;
      });
      if (response?.ok || (response && request.accepted?.includes(response.status))) return response;
      if (response && (attempt >= most || !passing.has(response.status))) throw await errorOf(response);
      await response?.body?.cancel();
      await new Promise((resolve) => setTimeout(resolve, pause * 2 ** (attempt - 1) * (0.5 + Math.random())));
    }
  }

  async #try({ method, path, headers: given = {}, body, signal, cancel }: GoogleRequest): Promise<Response> {
    const url = `${this.endpoint}${path}`;
    const headers = new Headers(url.startsWith('https:') ? await credentials().getRequestHeaders(url) : {});
    for (const [name, value] of Object.entries(given)) headers.set(name, value);
    if (signal) return fetch(url, { method, headers, ...(body !== undefined && { body }), signal });
    // Of the answer's head alone: what is read or written may be large.
    const late = new AbortController();
    const limit = limitOf(body);
    const timer = setTimeout(() => late.abort(new UnavailableError(`Google did not answer within ${limit} ms`)), limit);
    const ends = cancel ? AbortSignal.any([cancel, late.signal]) : late.signal;
    try {
      return await fetch(url, { method, headers, ...(body !== undefined && { body }), signal: ends });
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A large body takes its time: a second for each 100 kB. */
function limitOf(body: GoogleRequest['body']): number {
  return patience + (body?.length ?? 0) / 100;
}

async function errorOf(response: Response): Promise<GoogleError> {
  const text = await response.text();
  return new GoogleError(response.status, `${messageOf(text)} (HTTP ${response.status})`);
}

function messageOf(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: string } };
    if (error?.message) return error.message;
  } catch {
    // It is no JSON: said as it is.
  }
  return text.trim().slice(0, 500) || 'Google did not answer';
}
