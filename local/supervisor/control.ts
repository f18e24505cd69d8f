import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import type { DeployEvent, DeployRequest } from './protocol.ts';
import type { Supervisor } from './supervisor.ts';

/** The supervisor's own API, on the loopback interface and for whoever holds the token. `ended` is called after a stop. */
export function createControl(supervisor: Supervisor, token: string, ended: () => void): Server {
  const routes: Record<string, (request: IncomingMessage, response: ServerResponse) => Promise<void>> = {
    'GET /status': async (_request, response) => reply(response, supervisor.status()),
    'POST /deploy': async (request, response) => {
      const wanted = (await json(request)) as DeployRequest;
      const tell = (event: DeployEvent) => response.write(`${JSON.stringify(event)}\n`);
      try {
        await supervisor.deploy(wanted, tell);
      } catch (error) {
        tell({ event: 'broken', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      }
      close(response, () => {
        // A first release that was refused leaves nothing to look after.
        if (!supervisor.serves) ended();
      });
    },
    'POST /trigger': async (request, response) => {
      const { job } = (await json(request)) as { job: string };
      reply(response, await supervisor.trigger(job));
    },
    'POST /stop': async (_request, response) => {
      await supervisor.stop();
      close(response, ended);
    },
  };

  const expected = Buffer.from(`Bearer ${token}`);
  const server = createServer((request, response) => {
    const given = Buffer.from(request.headers.authorization ?? '');
    const route = routes[`${request.method} ${request.url}`];
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) response.writeHead(401).end();
    else if (!route) response.writeHead(404).end();
    else route(request, response).catch((error) => response.destroy(error));
  });
  server.requestTimeout = 0;
  return server;
}

/** Calls back also when whoever asked has gone, where `end` never would. */
function close(response: ServerResponse, then: () => void): void {
  if (response.closed) then();
  else response.once('close', then).end();
}

function reply(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
