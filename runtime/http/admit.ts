import { APIError } from '../api/error.ts';
import { authenticate } from '../internal/authenticate.ts';
import type { Host } from '../internal/host.ts';
import type { Caller } from '../internal/invoke.ts';
import type { Exchange } from './exchange.ts';
import type { Match } from './router.ts';
import type { Routes, Target } from './routes.ts';

/** Where a request goes, and for whom. */
export interface Admitted extends Match<Target> {
  caller: Caller;
}

/**
 * Finds where a request goes and settles who sends it: the same for a request that is answered and for one that becomes a
 * WebSocket. @throws APIError when it must not go there
 */
export function admit(host: Host, routes: Routes, exchange: Exchange): Admitted | Promise<Admitted> {
  const { path, from, call, trace } = exchange;
  // Elsewhere `//host/x` and `http://host/x` mean another host: nothing here may come to read them so.
  if (path[0] !== '/' || path[1] === '/' || path[1] === '\\')
    throw APIError.invalidArgument('the request target is not a path');
  if (from === 'outside' && !host.gateway) throw APIError.notFound('endpoint not found');
  const { target, pathParams } = routes.find(exchange);
  const required = describe(exchange, target);
  if (from !== 'outside') return { target, pathParams, caller: { ...call, trace } };
  if (!required && !host.manifest.authHandler) return { target, pathParams, caller: { trace } };
  return authenticate(host, exchange, required).then((auth) => ({
    ...{ target, pathParams },
    caller: { trace, ...(auth && { auth }) },
  }));
}

/** Notes where a request goes. @returns whether somebody has to have sent it */
function describe(exchange: Exchange, target: Target): boolean {
  const { service } = 'elsewhere' in target ? target.elsewhere : target.hosted;
  const route = 'elsewhere' in target ? target.elsewhere : target.hosted.endpoint;
  exchange.service = service;
  exchange.endpoint = 'elsewhere' in target ? target.elsewhere.endpoint : target.hosted.endpoint.name;
  exchange.route = route;
  return route.auth;
}
