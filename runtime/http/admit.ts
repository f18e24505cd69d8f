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
export async function admit(host: Host, routes: Routes, exchange: Exchange): Promise<Admitted> {
  const { path, from, call, trace } = exchange;
  // Elsewhere `//host/x` and `http://host/x` mean another host: nothing here may come to read them so.
  if (!/^\/(?![/\\])/.test(path)) throw APIError.invalidArgument('the request target is not a path');
  if (from === 'outside' && !host.gateway) throw APIError.notFound('endpoint not found');
  const match = routes.find(exchange);
  const { service, name, auth: required, route } = describe(match.target);
  Object.assign(exchange, { service, endpoint: name, route });
  if (from !== 'outside') return { ...match, caller: { ...call, trace } };
  if (!required && !host.manifest.authHandler) return { ...match, caller: { trace } };
  const auth = await authenticate(host, exchange, required);
  return { ...match, caller: { trace, ...(auth && { auth }) } };
}

function describe(target: Target): { service: string; name: string; auth: boolean; route: Exchange['route'] } {
  if ('elsewhere' in target) return { ...target.elsewhere, name: target.elsewhere.endpoint, route: target.elsewhere };
  const { service, endpoint } = target.hosted;
  return { service, name: endpoint.name, auth: endpoint.auth, route: endpoint };
}
