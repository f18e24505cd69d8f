import { APIError } from '../api/error.ts';
import type { Host, Hosted } from '../internal/host.ts';
import type { ManifestRoute } from '../wire.ts';
import type { Exchange } from './exchange.ts';
import { type Match, Router } from './router.ts';

/** An endpoint of this process, or one that another process hosts. */
export type Target = { hosted: Hosted } | { elsewhere: ManifestRoute };

/** What requests can reach in this process. */
export interface Routes {
  /** @throws APIError `not_found`, as seen by who asks */
  find(exchange: Pick<Exchange, 'method' | 'path' | 'from'>): Match<Target>;
}

/** Processes of the application reach everything that is here, someone outside what is exposed, and elsewhere through the gateway. */
export function createRoutes({ endpoints, manifest, gateway }: Host): Routes {
  const hosted = [...endpoints.values()];
  const own = hosted.filter(({ endpoint }) => endpoint.exposed).map(here);
  const others = manifest.routes.map((elsewhere) => route(elsewhere, { elsewhere }));
  const everything = new Router<Target>(hosted.map(here));
  const exposed = new Router<Target>(gateway ? [...own, ...others] : own);
  return {
    find({ method, path, from }) {
      const router = from === 'application' ? everything : exposed;
      const match = router.find(method, path);
      if (!match) throw APIError.notFound(router.knows(path) ? 'no route for method' : 'endpoint not found');
      return match;
    },
  };
}

function here(hosted: Hosted) {
  return route(hosted.endpoint, { hosted });
}

function route({ methods, path }: { methods: string[]; path: string }, target: Target) {
  return { methods, path, target };
}
