import { createServer, type Server } from 'node:net';

/** An address of this machine for each task, so that several may listen on one port. */
export interface Loopback {
  next(): Promise<string>;
  dispose(): void;
}

/** Nobody listens there: whoever does has the block of addresses. */
const lockPort = 47_109;
const last = 254;

/**
 * Linux has all of 127.0.0.0/8; a block of 254 addresses is taken by listening on its first one, so that fakes of several processes do not
 * meet. Elsewhere addresses only tell tasks apart, see {@link realOf}.
 */
export function createLoopback(): Loopback {
  const locks: Server[] = [];
  let block = '';
  let used = last;
  let before: Promise<unknown> = Promise.resolve();

  async function take(): Promise<string> {
    while (used >= last) {
      const byte = () => 1 + Math.floor(Math.random() * 254);
      block = `127.${byte()}.${byte()}`;
      const lock = process.platform === 'linux' ? await taken(`${block}.1`) : undefined;
      if (process.platform === 'linux' && !lock) continue;
      if (lock) locks.push(lock);
      used = 1;
    }
    used += 1;
    return `${block}.${used}`;
  }

  return {
    next() {
      const mine = before.then(take);
      before = mine;
      return mine;
    },
    dispose() {
      for (const lock of locks) lock.close();
    },
  };
}

/** Where a port of an address really is: there on Linux, else on 127.0.0.1 at a port of its own. */
export function realOf(
  address: string,
  port: number,
  platform: string = process.platform,
): { host: string; port: number } {
  if (platform === 'linux') return { host: address, port };
  const [, , third = 0, fourth = 0] = address.split('.').map(Number);
  return { host: '127.0.0.1', port: 20_000 + (((third * 254 + fourth) * 10 + (port % 10)) % 40_000) };
}

function taken(host: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer().unref();
    server.once('error', () => resolve(undefined));
    server.listen(lockPort, host, () => resolve(server));
  });
}
