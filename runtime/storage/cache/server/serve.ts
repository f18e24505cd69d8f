import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { CacheServerCluster } from '../../../wire.ts';
import { Engine } from '../engine/engine.ts';
import { ReplyError } from '../engine/reply.ts';
import { encodeReply } from './replies.ts';
import { ProtocolError, type RequestLimits, RequestReader } from './requests.ts';
import { type ServedCluster, Session } from './session.ts';

export interface CacheServer {
  port: number;
  /** The clusters from now on: new ones are empty, those that stay keep what is in them, the others are gone with all of theirs. */
  serve(clusters: readonly CacheServerCluster[]): void;
  close(): Promise<void>;
}

/** About as Redis has them: so little from strangers that they cannot take memory, and enough for any value from the others. */
const strangers: RequestLimits = { words: 10, bytes: 16 * 1024 };
const clients: RequestLimits = { words: 1024 * 1024, bytes: 512 * 1024 * 1024 - 1024 };

/** Cache clusters on one port of the loopback interface, by the protocol of Redis. @param port 0 for any that is free */
export async function serveCaches(port: number, clusters: readonly CacheServerCluster[]): Promise<CacheServer> {
  let served = new Map<string, ServedCluster & { wanted: string }>();
  const serve = (wanted: readonly CacheServerCluster[]) => {
    served = new Map(wanted.map((cluster) => [cluster.name, keep(served.get(cluster.name), cluster)]));
  };
  serve(clusters);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    converse(socket, new Session((name) => served.get(name)));
  });
  await listen(server, port);
  return {
    port: (server.address() as AddressInfo).port,
    serve,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen({ port, host: '127.0.0.1', exclusive: true });
  await once(server, 'listening');
}

/** What has the same settings stays as it is. */
function keep(former: (ServedCluster & { wanted: string }) | undefined, cluster: CacheServerCluster) {
  const wanted = JSON.stringify(cluster);
  if (former?.wanted === wanted) return former;
  const { name, password, eviction_policy: policy, max_memory: maxMemory } = cluster;
  return { name, password, engine: new Engine({ policy, maxMemory }), wanted };
}

function converse(socket: Socket, session: Session): void {
  const reader = new RequestReader(strangers);
  // A client that goes is no news.
  socket.on('error', () => {});
  socket.on('drain', () => socket.resume());
  socket.on('data', (chunk: Buffer) => {
    if (session.ended) return;
    const answers: string[] = [];
    try {
      for (const request of reader.read(chunk)) {
        answers.push(session.answer(request));
        if (session.authenticated) reader.limits = clients;
        if (session.ended) break;
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      session.ended = true;
      answers.push(encodeReply(new ReplyError(error.message), 2));
    }
    // Who does not read the answers is not asked for more requests.
    if (answers.length > 0 && !socket.write(answers.join(''), 'latin1')) socket.pause();
    if (session.ended) socket.end();
  });
}
