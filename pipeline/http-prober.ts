import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Prober } from './ports.ts';

/** Bytes of an answer that are read. */
const limit = 256 * 1024;

/** Asks over the network. */
export const httpProber: Prober = {
  wait: (milliseconds) => sleep(milliseconds),
  async get(url, timeout): Promise<Answer> {
    try {
      const response = await fetch(url, {
        redirect: 'manual',
        signal: AbortSignal.timeout(timeout),
        headers: { 'user-agent': 'fairlead-smoke-test' },
      });
      const location = response.headers.get('location');
      return { status: response.status, body: await head(response), ...(location !== null && { location }) };
    } catch (error) {
      return { failure: reasonOf(error, timeout) };
    }
  },
};

/** The beginning of a body; the rest is not even received. */
async function head({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size >= limit) break;
  }
  return Buffer.concat(chunks).subarray(0, limit).toString('utf8');
}

function reasonOf(error: unknown, timeout: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `nothing came within ${timeout} ms`;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
