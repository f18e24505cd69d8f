import { createHash } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the ports that systems hand out for outgoing connections, so that a port we keep is not taken by one of those. */
const first = 20_000;
const count = 12_000;

/** A free port on the loopback interface: the same one for the same seed as long as it is free and not among `taken`. */
export async function freePort(seed: string, taken: ReadonlySet<number> = new Set()): Promise<number> {
  const start = createHash('sha256').update(seed).digest().readUInt32BE() % count;
  for (let step = 0; step < count; step++) {
    const port = first + ((start + step) % count);
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  throw new Error(`no free port between ${first} and ${first + count}`);
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
