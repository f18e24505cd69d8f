import { cacheUserName } from '../foundation/cache-user.ts';
import type { Scope } from './scope.ts';
import type { SecretVariable } from './secret.ts';

/** How a process signs in to the cache server. */
export interface CacheAccess {
  host: string;
  port: number;
  username: string;
  password: SecretVariable;
}

/** The variable that holds the password. */
const variable = 'FAIRLEAD_CACHE_PASSWORD';

/** Undefined when the process uses no cache. In previews all share one user, and keep apart by what stands before their keys. */
export function cacheAccess({ input, preview }: Scope, process: string): CacheAccess | undefined {
  const { plan, foundation } = input;
  const services = plan.processes.find(({ name }) => name === process)?.services ?? [];
  if (!plan.caches.some((cache) => cache.services.some((service) => services.includes(service)))) return undefined;
  const { application, name } = plan.environment;
  const key = preview ? 'shared' : `${application}/${name}/${process}`;
  const arn = foundation.cache?.secrets[key];
  if (!foundation.cache || arn === undefined) throw new Error(`the Foundation has no user ${key} of the cache`);
  const { host, port } = foundation.cache;
  return {
    host,
    port,
    username: cacheUserName(key),
    password: { name: variable, valueFrom: `${arn}:password::`, arn },
  };
}
