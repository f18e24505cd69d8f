import { notTheProtocol, repositoryError } from '../errors.ts';
import type { Content, Open } from '../repository.ts';
import type { Call, Exchange } from './exchange.ts';
import { Attempts, Transient } from './retry.ts';
import { Source } from './source.ts';
import { discard, type HttpResponse } from './transport.ts';

/** How blobs are sent. */
export interface UploadOptions {
  /**
   * `whole` sends a blob in one request, `chunks` in several; `auto` takes chunks for what is larger than one, and goes
   * back to one request where the registry takes no chunks.
   * @default 'auto'
   */
  mode: 'auto' | 'whole' | 'chunks';
  /** Bytes; more when the registry asks for more. @default 16 MiB */
  chunkSize: number;
}

export const defaultUpload: UploadOptions = { mode: 'auto', chunkSize: 16 * 1024 * 1024 };

export type UploadCall = Pick<Call, 'scopes' | 'place' | 'signal'> & {
  /** Where uploads begin. */
  path: string;
};

/** An upload as the registry knows it. */
interface Session {
  location: URL;
  /** Bytes that the registry has. */
  offset: number;
  /** The smallest chunk that it takes. */
  smallest: number;
}

/** Sends one blob. After a break it asks how far it came, and goes on from there; a lost upload begins again. */
export async function upload(
  exchange: Exchange,
  call: UploadCall,
  content: Content,
  open: Open,
  options: UploadOptions,
): Promise<void> {
  const uploader = new Uploader(exchange, call, content, open, options);
  const attempts = new Attempts(exchange.retrier, call.signal);
  try {
    for (;;) {
      try {
        if (await uploader.step()) return;
        attempts.succeed();
      } catch (error) {
        await attempts.after(error);
      }
    }
  } finally {
    await uploader.close();
  }
}

class Uploader {
  readonly #exchange: Exchange;
  readonly #call: UploadCall;
  readonly #content: Content;
  readonly #source: Source;
  readonly #options: UploadOptions;
  #session: Session | undefined;
  /** Whether it is unknown how far the registry is. */
  #unsure = false;
  #begun = 0;
  #whole: boolean;

  constructor(exchange: Exchange, call: UploadCall, content: Content, open: Open, options: UploadOptions) {
    [this.#exchange, this.#call, this.#content, this.#options] = [exchange, call, content, options];
    this.#source = new Source(content, open);
    this.#whole = options.mode === 'whole' || (options.mode === 'auto' && content.size <= options.chunkSize);
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  /** One request further; true at the end. */
  async step(): Promise<boolean> {
    if (this.#session && this.#unsure) await this.#ask(this.#session);
    this.#unsure = false;
    this.#session ??= await this.#begin();
    const session = this.#session;
    this.#unsure = true;
    const done = this.#isLast(session) ? await this.#finish(session) : await this.#sendChunk(session);
    this.#unsure = false;
    return done;
  }

  #isLast({ offset }: Session): boolean {
    return offset === this.#content.size || (this.#whole && offset === 0);
  }

  async #begin(): Promise<Session> {
    const { path } = this.#call;
    this.#begun += 1;
    if (this.#begun > this.#exchange.retrier.policy.attempts)
      throw repositoryError(
        'FL2206',
        `${this.#call.place} loses the upload of ${this.#content.digest} each time`,
        'Run the command again later; see the log of the registry when it stays so.',
      );
    const response = await this.#send({ method: 'POST', path, headers: { 'content-length': '0' }, expect: [202] });
    const asked = Number(response.header('oci-chunk-min-length') ?? 0);
    const smallest = Number.isSafeInteger(asked) && asked > 0 ? asked : 0;
    return { location: this.#locationOf(response), offset: 0, smallest };
  }

  /** How far the registry came. An upload that it does not know any more, or does not tell of, begins again. */
  async #ask(session: Session): Promise<void> {
    this.#session = undefined;
    const response = await this.#send({
      method: 'GET',
      path: session.location,
      expect: [204, 200, 202, 404, 400, 405, 416],
    });
    const offset = endOf(response);
    if (response.status >= 300 || offset === undefined || offset > this.#content.size) return;
    const location = response.header('location') === undefined ? session.location : this.#locationOf(response);
    this.#session = { ...session, location, offset };
  }

  async #sendChunk(session: Session): Promise<boolean> {
    const { offset, smallest } = session;
    const length = Math.min(this.#content.size - offset, Math.max(this.#options.chunkSize, smallest));
    const response = await this.#send({
      method: 'PATCH',
      path: session.location,
      headers: {
        'content-type': 'application/octet-stream',
        'content-length': String(length),
        'content-range': `${offset}-${offset + length - 1}`,
      },
      body: () => this.#source.part(offset, length),
      expect: [
        202,
        204,
        201,
        200,
        404,
        416,
        ...(offset === 0 && this.#options.mode === 'auto' ? [400, 405, 411, 415, 501] : []),
      ],
    });
    if (response.status >= 400) return this.#refused(response);
    this.#session = {
      ...session,
      location: this.#locationOf(response),
      offset: this.#reached(response, offset + length),
    };
    return false;
  }

  /** The bytes that are left, if there are any, and the digest. */
  async #finish(session: Session): Promise<boolean> {
    const { offset } = session;
    const { size, digest } = this.#content;
    const length = size - offset;
    const path = new URL(session.location);
    path.searchParams.append('digest', digest);
    const resumed = this.#begun === 1 && offset > 0;
    const response = await this.#send({
      method: 'PUT',
      path,
      headers: { 'content-type': 'application/octet-stream', 'content-length': String(length) },
      ...(length > 0 && { body: () => this.#source.part(offset, length) }),
      expect: [201, 204, 200, 404, 416, ...(resumed ? [400] : [])],
    });
    if (response.status >= 400) return this.#refused(response);
    const stored = response.header('docker-content-digest');
    if (stored?.startsWith('sha256:') && stored !== digest)
      throw notTheProtocol(this.#call.place, `it stored ${digest} as ${stored}`);
    return true;
  }

  /** 416: it is elsewhere than we think. 400 on what was put together: begin again. Else it takes no chunks, or lost it all. */
  #refused({ status }: HttpResponse): false {
    if (status !== 416) this.#session = undefined;
    if (status !== 416 && status !== 404) this.#whole ||= this.#options.mode === 'auto';
    throw new Transient(
      repositoryError(
        'FL2206',
        `${this.#call.place} does not go on with the upload of ${this.#content.digest} (${status})`,
        'Run the command again later; see the log of the registry when it stays so.',
      ),
      0,
    );
  }

  /** A registry may have kept less than it was sent. */
  #reached(response: HttpResponse, sent: number): number {
    const end = endOf(response);
    return end === undefined || end > sent || sent === 1 ? sent : end;
  }

  #locationOf(response: HttpResponse): URL {
    return this.#exchange.resolve(response.header('location'), response.url, this.#call.place);
  }

  async #send(call: Omit<Call, 'scopes' | 'place' | 'signal'>): Promise<HttpResponse> {
    const { scopes, place, signal } = this.#call;
    try {
      const response = await this.#exchange.once({ ...call, scopes, place, signal });
      await discard(response);
      return response;
    } catch (error) {
      this.#source.check();
      throw error;
    }
  }
}

/** The bytes that a `Range: 0-N` header counts. `0-0` is what registries say of nothing. */
function endOf(response: HttpResponse): number | undefined {
  const last = /^(?:bytes=)?0-(\d+)$/.exec(response.header('range') ?? '')?.[1];
  if (last === undefined) return undefined;
  return last === '0' ? 0 : Number(last) + 1;
}
