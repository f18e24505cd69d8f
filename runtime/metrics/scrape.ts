import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { StartError } from '../infra/error.ts';
import { http } from '../node.ts';
import { textType } from './text.ts';

export interface Scraped {
  port: number;
  stop(): Promise<void>;
}

/**
 * Answers `GET /metrics` on a port of its own, which no gateway and no load balancer leads to.
 * @throws StartError FL6005 when the port cannot be had
 */
export async function serveMetrics(address: string, port: string, text: () => Promise<string>): Promise<Scraped> {
  const server = http.createServer(async (request, response) => {
    request.resume();
    if (request.url?.split('?')[0] !== '/metrics') return void response.writeHead(404).end();
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return void response.writeHead(405, { allow: 'GET, HEAD' }).end();
    response.writeHead(200, { 'content-type': textType }).end(request.method === 'HEAD' ? undefined : await text());
  });
  try {
    server.listen(Number(port), address);
    await once(server, 'listening');
  } catch (error) {
    throw new StartError(
      'FL6005',
      `cannot listen on ${address}:${port} for metrics: ${(error as Error).message}`,
      'Set FAIRLEAD_METRICS_PORT to a port that nothing else listens on, PORT neither.',
    );
  }
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
