import { Faults, type How } from './faults.ts';
import { Limits } from './limits.ts';
import { type Clock, VirtualClock } from './model/clock.ts';
import type { Happening } from './model/happenings.ts';
import type { Job } from './model/jobs.ts';
import { World } from './model/world.ts';
import type { Violation } from './openapi/validator.ts';
import type { Answer, Json } from './rest/answer.ts';
import { answerRest } from './rest/api.ts';
import { payloadOf } from './rest/payload.ts';
import { githubUrls, type Urls } from './rest/urls.ts';
import { Blobs } from './services/blobs.ts';
import { jobEnv } from './services/job-env.ts';
import { answerIdToken, answerIssuer } from './services/oidc.ts';
import { answerTwirp } from './services/twirp.ts';

/** One request that came, whatever became of it. */
export interface Logged {
  method: string;
  /** With the query. */
  path: string;
  /** Of the description, such as `pulls/get`; absent for what is no REST API. */
  operation?: string;
  /** Absent when the connection was dropped before an answer. */
  status?: number;
  /** The last four characters of the token. */
  token?: string;
  at: string;
}

export interface FakeOptions {
  /** @default a VirtualClock */
  clock?: Clock;
  /** Requests per hour and token. @default 1000 */
  limit?: number;
}

/**
 * GitHub for tests. `world` is what it holds, and what people do to it; `fetch` is its API in process, for clients that
 * take a function; `listen()` in server.ts serves it over HTTP.
 */
export class FakeGitHub<C extends Clock = Clock> {
  readonly clock: C;
  readonly world: World;
  readonly faults = new Faults();
  readonly log: Logged[] = [];
  /** What requests and answers had against GitHub's description. A test that ends with any has failed. */
  readonly violations: Violation[] = [];
  readonly blobs: Blobs;
  readonly #limits: Limits;
  urls: Urls = githubUrls;

  constructor(options: FakeOptions & { clock: C }) {
    this.clock = options.clock;
    this.world = new World(options.clock);
    this.blobs = new Blobs(options.clock, () => this.urls.results);
    this.#limits = new Limits(options.clock, options.limit);
  }

  /** @throws TypeError `fetch failed` when the fault script drops the connection */
  readonly fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const { method } = request;
    const value = request.headers.get('authorization')?.split(' ')[1];
    const logged: Logged = { method, path: url.pathname + url.search, at: this.clock.now().toISOString() };
    if (value) logged.token = value.slice(-4);
    this.log.push(logged);
    const how = this.faults.next(method, url.pathname);
    if (how === 'drop') throw dropped();
    const answer = await this.#answer(request, url, how, logged);
    if (how === 'lose') throw dropped();
    logged.status = answer.status;
    const location = answer.status === 302 && request.redirect !== 'manual' && answer.headers?.location;
    return location ? this.fetch(location) : responseOf(answer, method);
  };

  /** What a runner gives the actions of a job, as environment variables. */
  env(job: Job): Record<string, string> {
    return jobEnv(job, this.urls);
  }

  /** What `github.event` is for a run that it starts. */
  payload(happening: Happening): Json {
    return payloadOf(happening, this.urls);
  }

  /** @throws Error that lists the violations, if there are any */
  expectNoViolations(): void {
    if (this.violations.length === 0) return;
    const lines = this.violations.map(({ kind, request, message }) => `${kind}: ${request}: ${message}`);
    throw new Error(`GitHub's description does not allow this:\n${[...new Set(lines)].join('\n')}`);
  }

  report(violation: Violation): void {
    this.violations.push(violation);
  }

  /** Undefined when it is for the REST API, and for no other service. */
  async #service(request: Request, url: URL): Promise<Answer | undefined> {
    const { pathname } = url;
    const token = request.headers.get('authorization')?.split(' ')[1] ?? '';
    if (pathname.startsWith('/_blobs/'))
      return this.blobs.answer(request.method, url, request.headers, new Uint8Array(await request.arrayBuffer()));
    if (pathname.startsWith('/twirp/'))
      return answerTwirp(this.world, this.blobs, pathname, token, await request.text());
    if (pathname.startsWith('/_idtoken/')) return answerIdToken(this.world, this.urls, url, token);
    if (url.href.startsWith(`${this.urls.oidc}/`))
      return answerIssuer(url.href.slice(this.urls.oidc.length), this.urls);
    return undefined;
  }

  /** Its packages take a while to load, and few ask for it. */
  async #graphql(request: Request, text: string): Promise<Answer & { operation: string }> {
    const { answerGraphql } = await import('./graphql/answer.ts');
    return answerGraphql(this.world, request, text, (one) => this.report(one));
  }

  async #answer(request: Request, url: URL, how: How | undefined, logged: Logged): Promise<Answer> {
    if (typeof how === 'object' && !('limit' in how) && !('secondary' in how))
      return {
        status: how.status,
        body: {
          message: 'Server Error',
          documentation_url: 'https://docs.github.com/rest',
          status: String(how.status),
        },
      };
    const service = await this.#service(request, url);
    if (service) return service;
    const text = await request.text();
    const { within, headers } = this.#limits.count(logged.token ?? '', typeof how === 'object' && 'limit' in how);
    if (typeof how === 'object' && 'secondary' in how)
      return {
        status: how.status ?? 403,
        headers: { ...headers, 'retry-after': String(how.secondary) },
        body: {
          message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
          documentation_url:
            'https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits',
        },
      };
    if (!within)
      return {
        status: (typeof how === 'object' && how.status) || 403,
        headers,
        body: {
          message: 'API rate limit exceeded for installation.',
          documentation_url: 'https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api',
          status: '403',
        },
      };
    const { operation, ...answer } =
      url.pathname === '/graphql' ? await this.#graphql(request, text) : answerRest(this, request, url, text);
    if (operation) logged.operation = operation;
    return { ...answer, headers: { ...headers, ...answer.headers } };
  }
}

/** In process, with a clock that stands still until it is advanced. */
export function fakeGitHub(options: { start?: string; limit?: number } = {}): FakeGitHub<VirtualClock> {
  return new FakeGitHub({ clock: new VirtualClock(options.start), ...(options.limit && { limit: options.limit }) });
}

const dropped = () =>
  new TypeError('fetch failed', { cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }) });

function responseOf({ status, body, headers }: Answer, method: string): Response {
  const empty = status === 204 || status === 304 || method === 'HEAD';
  const raw = body instanceof Uint8Array || typeof body === 'string';
  const type = raw ? 'application/octet-stream' : 'application/json; charset=utf-8';
  const content = empty || body === undefined ? null : raw ? body : JSON.stringify(body);
  return new Response(content as ConstructorParameters<typeof Response>[0], {
    status,
    headers: { ...(content !== null && { 'content-type': type }), 'x-github-request-id': 'FA1E:0', ...headers },
  });
}
