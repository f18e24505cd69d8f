import { missing, notTheProtocol } from '../errors.ts';
import type { ByteStream, Content } from '../repository.ts';
import type { Call, Exchange } from './exchange.ts';
import { networkError } from './network-error.ts';
import { Attempts } from './retry.ts';
import { discard, type HttpResponse } from './transport.ts';

export type BlobCall = Pick<Call, 'path' | 'scopes' | 'place' | 'signal'>;

/** The bytes of a blob as the registry sends them, unchecked; after a break it goes on from where it was. */
export async function* download(exchange: Exchange, call: BlobCall, { digest, size }: Content): ByteStream {
  const attempts = new Attempts(exchange.retrier, call.signal);
  let position = 0;
  do {
    try {
      const headers: Record<string, string> = position > 0 ? { range: `bytes=${position}-` } : {};
      const response = await exchange.once({ ...call, method: 'GET', headers, expect: [200, 206, 404] });
      if (response.status === 404) {
        await discard(response);
        throw missing(`blob ${digest}`, call.place);
      }
      let known = response.status === 206 ? position - startOf(response, position, call.place) : position;
      for await (const chunk of bodyOf(response, call.signal)) {
        const fresh = chunk.subarray(Math.min(known, chunk.length));
        known -= chunk.length - fresh.length;
        if (fresh.length === 0) continue;
        position += fresh.length;
        attempts.succeed();
        yield fresh;
      }
      return;
    } catch (error) {
      await attempts.after(error);
    }
  } while (position < size);
}

async function* bodyOf(response: HttpResponse, signal: AbortSignal | undefined): ByteStream {
  try {
    for await (const chunk of response.body) yield chunk as Uint8Array;
  } catch (error) {
    throw networkError(error, response.url.host, signal);
  }
}

function startOf(response: HttpResponse, position: number, place: string): number {
  const start = /^bytes (\d+)-/.exec(response.header('content-range') ?? '')?.[1];
  if (start === undefined || Number(start) > position)
    throw notTheProtocol(place, 'it sends another part than asked for');
  return Number(start);
}
