import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';

/** The way to a registry, with a rate of its own, on which everything is counted. */
export interface Link extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  host: string;
  /** What has passed since the last call. */
  take(): Traffic;
}

/** Bytes are those of the bodies, in which blobs and manifests go. */
export interface Traffic {
  requests: number;
  pushed: number;
  pulled: number;
}

/** Leads to the registry at `upstream`. `rate` is in bytes per second, for all connections together, in each direction. */
export async function openLink(upstream: string, rate: number): Promise<Link> {
  const [hostname, port] = upstream.split(':');
  const agent = new Agent({ keepAlive: true });
  let traffic: Traffic = { requests: 0, pushed: 0, pulled: 0 };
  const [up, down] = [pace(rate), pace(rate)];
  const server = createServer({ noDelay: true }, (incoming, outgoing) => {
    traffic.requests += 1;
    const { method, url: path, headers } = incoming;
    const asked = request({ hostname, port, method, path, headers, agent }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      const counted = metered(down, (bytes) => {
        traffic.pulled += bytes;
      });
      pipeline(answer, counted, outgoing).catch(() => outgoing.destroy());
    });
    asked.on('error', () => outgoing.destroy());
    const counted = metered(up, (bytes) => {
      traffic.pushed += bytes;
    });
    pipeline(incoming, counted, asked).catch(() => asked.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = traffic;
      traffic = { requests: 0, pushed: 0, pulled: 0 };
      return taken;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await once(server, 'close');
    },
  };
}

/** Timers are not exact enough for single chunks: so much may be ahead of its time, in milliseconds. */
const slack = 4;

/** Answers when so many bytes have been sent over a line of that rate, one after the other. */
function pace(rate: number): (bytes: number) => Promise<void> {
  let free = 0;
  return async (bytes) => {
    if (rate === Number.POSITIVE_INFINITY) return;
    free = Math.max(free, performance.now()) + (bytes / rate) * 1000;
    const wait = free - performance.now();
    if (wait > slack) await setTimeout(wait);
  };
}

function metered(passed: (bytes: number) => Promise<void>, count: (bytes: number) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      count(chunk.length);
      passed(chunk.length).then(() => done(null, chunk), done);
    },
  });
}
