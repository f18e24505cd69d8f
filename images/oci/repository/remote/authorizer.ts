import type { UserError } from '../../../../pipeline/mod.ts';
import { parseJson } from '../content.ts';
import type { Credential, Credentials } from '../credentials/credential.ts';
import { notTheProtocol, repositoryError } from '../errors.ts';
import { readAll } from '../verify.ts';
import type { Challenge } from './challenge.ts';
import { networkError } from './network-error.ts';
import { notSignedIn, refusal, type Secrets } from './refusal.ts';
import { type Retrier, retry } from './retry.ts';
import { discard, type HttpRequest, isLoopback, type Transport } from './transport.ts';

interface Token {
  value: string;
  /** Milliseconds since 1970. */
  expires: number;
}

/** Where a registry's tokens come from. */
interface Issuer {
  realm: URL;
  service: string | undefined;
}

export interface AuthorizerOptions {
  /** The registry's own address. */
  base: URL;
  /** As people write it. */
  host: string;
  credentials: Credentials;
  transport: Transport;
  retrier: Retrier;
  secrets: Secrets;
}

/** A token is not used in the last seconds of its life. Milliseconds. */
const margin = 10_000;

/** Knows how one registry wants to be told who asks, from its first challenge on, and keeps the tokens by scope. */
export class Authorizer {
  readonly #options: AuthorizerOptions;
  readonly #tokens = new Map<string, Promise<Token>>();
  #issuer: Issuer | undefined;
  #basic: Token | undefined;
  #signedIn = false;

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  get signedIn(): boolean {
    return this.#signedIn;
  }

  /** The Authorization header for the scopes (`repository:NAME:pull`), as far as the registry's way is known. */
  async header(scopes: readonly string[], signal?: AbortSignal): Promise<string | undefined> {
    if (this.#issuer) return `Bearer ${await this.#token(this.#issuer, scopes, signal)}`;
    if (!this.#basic || this.#isGood(this.#basic)) return this.#basic?.value;
    return this.#askBasic();
  }

  /** The header that answers a 401, which `refused` did not prevent. Undefined when there is nothing to answer with. */
  async answer(
    challenges: readonly Challenge[],
    scopes: readonly string[],
    refused: string | undefined,
    signal?: AbortSignal,
  ): Promise<string | undefined> {
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (bearer) {
      this.#issuer = { realm: this.#realm(bearer), service: bearer.parameters.service };
      await this.#forget(scopes, refused);
      return this.header(withOwn(scopes, bearer.parameters.scope), signal);
    }
    if (!challenges.some(({ scheme }) => scheme === 'basic')) return undefined;
    const asked = await this.#askBasic();
    return asked === refused ? undefined : asked;
  }

  async #askBasic(): Promise<string | undefined> {
    const credential = await this.#credential();
    if (!credential || !('username' in credential)) return undefined;
    this.#basic = { value: basic(credential), expires: credential.expires ?? Number.POSITIVE_INFINITY };
    return this.#basic.value;
  }

  #isGood({ expires }: Token): boolean {
    return expires - margin > this.#options.retrier.clock.now();
  }

  async #forget(scopes: readonly string[], refused: string | undefined): Promise<void> {
    // One that could not be had cannot be the one that was refused.
    const kept = await this.#tokens.get(key(scopes))?.catch(() => undefined);
    if (kept && `Bearer ${kept.value}` === refused) this.#tokens.delete(key(scopes));
  }

  /** One request for all who ask for the same scopes at the same time. */
  async #token(issuer: Issuer, scopes: readonly string[], signal?: AbortSignal): Promise<string> {
    const before = this.#tokens.get(key(scopes));
    if (before) {
      // Who asked for it first has heard why it could not be had; this caller tries anew.
      const kept = await before.catch(() => undefined);
      if (kept && this.#isGood(kept)) return kept.value;
      if (this.#tokens.get(key(scopes)) !== before) return this.#token(issuer, scopes, signal);
    }
    const asked = this.#fetch(issuer, scopes, signal);
    this.#tokens.set(key(scopes), asked);
    return (await asked).value;
  }

  async #fetch(issuer: Issuer, scopes: readonly string[], signal?: AbortSignal): Promise<Token> {
    const { retrier, secrets } = this.#options;
    const credential = await this.#credential();
    if (credential && 'registryToken' in credential)
      return { value: credential.registryToken, expires: Number.POSITIVE_INFINITY };
    const begun = retrier.clock.now();
    const answer = await retry(retrier, () => this.#ask(tokenRequest(issuer, scopes, credential, signal)), signal);
    const value = answer.token ?? answer.access_token;
    if (typeof value !== 'string' || value === '' || /[^\x21-\x7e]/.test(value))
      throw notTheProtocol(issuer.realm.host, 'its token server sent no token');
    secrets.add(value);
    const seconds = typeof answer.expires_in === 'number' ? Math.max(answer.expires_in, 60) : 60;
    return { value, expires: begun + seconds * 1000 };
  }

  async #ask(request: HttpRequest): Promise<{ token?: unknown; access_token?: unknown; expires_in?: unknown }> {
    const { transport, host, secrets, retrier } = this.#options;
    const place = this.#options.host;
    const issuer = request.url.host;
    try {
      const response = await transport.send(request);
      if (response.status === 401 || response.status === 403) {
        await discard(response);
        throw this.#refused(`${response.status} from ${issuer}`);
      }
      if (response.status !== 200)
        throw await refusal(response, {
          place,
          host: issuer,
          signedIn: this.#signedIn,
          secrets,
          now: retrier.clock.now(),
        });
      const body = await readAll(response.body, 1024 * 1024);
      const value = body && parseJson(body);
      if (typeof value !== 'object' || value === null) throw notTheProtocol(issuer, `it gives no token for ${host}`);
      return value;
    } catch (error) {
      throw networkError(error, issuer, request.signal);
    }
  }

  #refused(told: string): UserError {
    return notSignedIn('this', this.#options.host, this.#signedIn, told);
  }

  async #credential(): Promise<Credential | undefined> {
    const credential = await this.#options.credentials(this.#options.host);
    this.#signedIn = credential !== undefined;
    if (credential) this.#options.secrets.add(...secretsOf(credential));
    return credential;
  }

  /** Credentials go there, so that it must be encrypted, or on this machine like the registry itself. */
  #realm({ parameters }: Challenge): URL {
    const { base, host } = this.#options;
    const realm = URL.parse(parameters.realm ?? '');
    if (!realm || !/^https?:$/.test(realm.protocol)) throw notTheProtocol(host, 'it names no server for its tokens');
    const safe =
      realm.protocol === 'https:' ||
      (base.protocol === 'http:' && (realm.host === base.host || isLoopback(realm.hostname)));
    if (!safe)
      throw repositoryError(
        'FL2214',
        `${host} sends to ${realm.host} for tokens without encryption`,
        'Nothing was sent there. Ask whoever runs the registry to give an https address for its tokens.',
      );
    realm.username = '';
    realm.password = '';
    return realm;
  }
}

function tokenRequest(
  { realm, service }: Issuer,
  scopes: readonly string[],
  credential: Credential | undefined,
  signal?: AbortSignal,
): HttpRequest {
  if (credential && 'identityToken' in credential) {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: 'fairlead',
      refresh_token: credential.identityToken,
    });
    if (service !== undefined) form.set('service', service);
    if (scopes.length > 0) form.set('scope', scopes.join(' '));
    return {
      method: 'POST',
      url: realm,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: Buffer.from(form.toString()),
      signal,
    };
  }
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  if (!credential || !('username' in credential)) return { method: 'GET', url, headers: {}, signal };
  url.searchParams.set('account', credential.username);
  return { method: 'GET', url, headers: { authorization: basic(credential) }, signal };
}

function basic({ username, password }: { username: string; password: string }): string {
  return `Basic ${encode(username, password)}`;
}

function encode(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`).toString('base64');
}

function secretsOf(credential: Credential): string[] {
  if ('identityToken' in credential) return [credential.identityToken];
  if ('registryToken' in credential) return [credential.registryToken];
  return [credential.password, encode(credential.username, credential.password)];
}

/** What is needed counts; what the registry asks for is the answer only when nothing is known to be needed. */
function withOwn(scopes: readonly string[], asked: string | undefined): readonly string[] {
  return scopes.length > 0 || asked === undefined ? scopes : asked.split(' ');
}

function key(scopes: readonly string[]): string {
  return [...scopes].sort().join(' ');
}
