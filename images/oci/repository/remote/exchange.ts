import type { Readable } from 'node:stream';
import { notTheProtocol, repositoryError } from '../errors.ts';
import { readAll } from '../verify.ts';
import type { Authorizer } from './authorizer.ts';
import { parseChallenges } from './challenge.ts';
import { networkError } from './network-error.ts';
import { refusal, type Secrets } from './refusal.ts';
import { type Retrier, retry } from './retry.ts';
import { discard, type HttpRequest, type HttpResponse, type Transport } from './transport.ts';

/** One request in the registry's own terms. */
export interface Call {
  method: HttpRequest['method'];
  /** Relative to the registry, or where the registry said to go on. */
  path: string | URL;
  headers?: Record<string, string>;
  /** Made anew for each time that it is sent. */
  body?: () => Uint8Array | Readable;
  scopes: readonly string[];
  /** The statuses that are an answer; for any other the error is thrown. */
  expect: readonly number[];
  /** For people. */
  place: string;
  signal?: AbortSignal | undefined;
}

export interface ExchangeOptions {
  base: URL;
  host: string;
  transport: Transport;
  authorizer: Authorizer;
  retrier: Retrier;
  secrets: Secrets;
}

const redirects = new Set([301, 302, 303, 307, 308]);
const mostRedirects = 5;

/** Speaks with one registry: signs in, follows redirects, waits and tries again, and turns refusals into errors. */
export class Exchange {
  readonly #options: ExchangeOptions;

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  get retrier(): Retrier {
    return this.#options.retrier;
  }

  /** Tries again as often as the policy says. */
  send(call: Call): Promise<HttpResponse> {
    return retry(this.#options.retrier, () => this.once(call), call.signal);
  }

  /** Sends and reads all; a broken answer is tried again, too. Undefined body: more than `limit` bytes. */
  read(call: Call, limit: number): Promise<{ response: HttpResponse; body: Buffer | undefined }> {
    return retry(
      this.#options.retrier,
      async () => {
        const response = await this.once(call);
        try {
          return { response, body: await readAll(response.body, limit) };
        } catch (error) {
          throw networkError(error, response.url.host, call.signal);
        }
      },
      call.signal,
    );
  }

  /** Throws a Transient for what may go better the next time. */
  async once(call: Call): Promise<HttpResponse> {
    const { authorizer } = this.#options;
    const given = await authorizer.header(call.scopes, call.signal);
    let response = await this.#follow(call, given);
    if (response.status === 401 && this.#isOwn(response.url)) {
      const challenges = parseChallenges(response.headers('www-authenticate'));
      const answer = await authorizer.answer(challenges, call.scopes, given, call.signal);
      if (answer !== undefined) {
        await discard(response);
        response = await this.#follow(call, answer);
      }
    }
    if (call.expect.includes(response.status)) return response;
    throw await this.refuse(call, response);
  }

  refuse({ place }: Call, response: HttpResponse): Promise<Error> {
    const { host, secrets, authorizer, retrier } = this.#options;
    return refusal(response, {
      place,
      host: this.#isOwn(response.url) ? host : response.url.host,
      signedIn: authorizer.signedIn,
      secrets,
      now: retrier.clock.now(),
    });
  }

  /** Where the registry says to go on: an address of it, or of a store it uses. */
  resolve(location: string | undefined, from: URL, place: string): URL {
    const url = location === undefined ? null : URL.parse(location, from.href);
    if (!url || !/^https?:$/.test(url.protocol)) throw notTheProtocol(place, 'it does not say where to go on');
    if (from.protocol === 'https:' && url.protocol === 'http:')
      throw repositoryError(
        'FL2214',
        `${place} leads from HTTPS to ${url.host} without encryption`,
        'Nothing was sent there. Ask whoever runs the registry to give https addresses.',
      );
    url.username = '';
    url.password = '';
    return url;
  }

  async #follow(call: Call, authorization: string | undefined): Promise<HttpResponse> {
    let url = new URL(call.path, this.#options.base);
    for (let hops = 0; hops <= mostRedirects; hops += 1) {
      const response = await this.#request(call, url, authorization);
      if (!redirects.has(response.status) || call.body || call.expect.includes(response.status)) return response;
      await discard(response);
      url = this.resolve(response.header('location'), url, call.place);
    }
    throw notTheProtocol(call.place, `it redirects more than ${mostRedirects} times`);
  }

  async #request(call: Call, url: URL, authorization: string | undefined): Promise<HttpResponse> {
    const { method, body, signal } = call;
    const headers = { ...call.headers, ...(authorization !== undefined && this.#isOwn(url) && { authorization }) };
    try {
      return await this.#options.transport.send({ method, url, headers, body: body?.(), signal });
    } catch (error) {
      throw networkError(error, url.host, signal);
    }
  }

  /** Only the registry itself is told who asks. */
  #isOwn(url: URL): boolean {
    return url.origin === this.#options.base.origin;
  }
}
