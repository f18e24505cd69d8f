import { createHash } from 'node:crypto';
import { createServer } from 'node:net';

interface Range {
  first: number;
  count: number;
}

// Below the ports that systems hand out for outgoing connections, so that none of those takes a port of ours.
/** For what keeps its port while it does not run. */
export const keptPorts: Range = { first: 20_000, count: 8_000 };
/** For processes that get another port with each start; apart, so that they take none that is kept. */
export const passingPorts: Range = { first: 28_000, count: 4_000 };

/** A free port on the loopback interface: the same one for the same seed as long as it is free and not among `taken`. */
export async function freePort(
  seed: string,
  { first, count }: Range,
  taken: ReadonlySet<number> = new Set(),
): Promise<number> {
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
