import { type GoogleApi, isPassing } from '../../google/api.ts';

/** How often a part may fail to come through before the upload is given up. */
const failures = 5;

/** Milliseconds before a part is tried again, twice as long each time. */
const pause = 100;

/** What says that more is awaited: of an upload in parts it is no redirection. */
const incomplete = 308;

/** Bytes; Google wants a multiple of 256 KiB. */
export function partSize(): number {
  return 8 * 1024 * 1024;
}

/**
 * Uploads an object in parts, by a session of Google; before the last one there is none. What fails ends the session.
 * @param path of the request that begins it @param signal gives it up @returns what Google says of the object
 */
export async function uploadResumable(
  api: GoogleApi,
  { path, metadata, contentType }: { path: string; metadata: object; contentType: string },
  parts: AsyncIterable<Buffer<ArrayBuffer>>,
  signal?: AbortSignal,
): Promise<Response> {
  const begun = await api.send({
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json; charset=utf-8', 'x-upload-content-type': contentType },
    body: JSON.stringify(metadata),
  });
  await begun.body?.cancel();
  const { pathname, search } = new URL(begun.headers.get('location') ?? '', api.endpoint);
  const session = new Session(api, `${pathname}${search}`, signal);
  try {
    let waiting: Buffer<ArrayBuffer> | undefined;
    for await (const part of parts) {
      if (waiting) await session.send(waiting, false);
      waiting = part;
    }
    return await session.send(waiting!, true);
  } catch (error) {
    await session.cancel();
    throw error;
  }
}

class Session {
  readonly #api: GoogleApi;
  readonly #path: string;
  readonly #signal: AbortSignal | undefined;
  /** How many bytes Google has. */
  #taken = 0;

  constructor(api: GoogleApi, path: string, signal: AbortSignal | undefined) {
    this.#api = api;
    this.#path = path;
    this.#signal = signal;
  }

  /** Sends what Google has not taken of the part yet, until it has all. */
  async send(part: Buffer<ArrayBuffer>, last: boolean): Promise<Response> {
    const start = this.#taken;
    const end = start + part.length;
    const total = last ? `${end}` : '*';
    for (let failed = 0, cause: unknown; ; ) {
      const before = this.#taken;
      const rest = part.subarray(before - start);
      const range = rest.length > 0 ? `${before}-${end - 1}` : '*';
      const answer = await this.#put(`bytes ${range}/${total}`, rest).catch(async (error: unknown) => {
        if (this.#signal?.aborted || !isPassing(error)) throw error;
        cause = error;
        await new Promise((resolve) => setTimeout(resolve, pause * 2 ** failed));
        // An answer that was lost may have said that all is there.
        return this.#put('bytes */*');
      });
      if (answer.status !== incomplete || (!last && this.#taken === end)) return answer;
      if (this.#taken < before || this.#taken > end)
        throw new Error(`Google has ${this.#taken} bytes of an upload, not ${before} to ${end}`);
      failed = this.#taken > before ? 0 : failed + 1;
      if (failed === failures) throw new Error('Google takes no more of an upload', { cause });
    }
  }

  /** Google keeps nothing of it, and forgets it by itself after a week: what was wrong before is what is told. */
  async cancel(): Promise<void> {
    await this.#api.send({ method: 'DELETE', path: this.#path, accepted: [499], attempts: 2 }).then(
      (answer) => answer.body?.cancel(),
      () => undefined,
    );
  }

  /** Learns how many bytes Google has. */
  async #put(range: string, body?: Buffer<ArrayBuffer>): Promise<Response> {
    const answer = await this.#api.send({
      method: 'PUT',
      path: this.#path,
      headers: { 'content-range': range },
      body: body ?? '',
      accepted: [incomplete],
      ...(body && { attempts: 1 }),
      ...(this.#signal && { cancel: this.#signal }),
    });
    if (answer.status !== incomplete) return answer;
    await answer.body?.cancel();
    const [, last] = /^bytes=0-(\d+)$/.exec(answer.headers.get('range') ?? '') ?? [];
    this.#taken = last === undefined ? 0 : Number(last) + 1;
    return answer;
  }
}
