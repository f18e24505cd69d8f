import type { AppSettings } from '../analyzer/mod.ts';
import type { Cors, InfraConfig } from '../runtime/wire.ts';
import type { EnvironmentType } from './environment.ts';
import type { Plan, PlannedProcess, Settings } from './plan.ts';

/** Of the configuration of a process, what is the same wherever it runs. */

/** What the configuration calls a type of environments. */
export const environmentTypes: Record<EnvironmentType, 'development' | 'ephemeral' | 'production'> = {
  local: 'development',
  preview: 'ephemeral',
  development: 'development',
  production: 'production',
};

/** How long calls of other processes wait, where the environment says it. */
export function callTimeout({ callTimeout: milliseconds }: Settings): { call_timeout?: number } {
  return milliseconds === undefined ? {} : { call_timeout: milliseconds / 1000 };
}

/** What pages of other origins may do, in the words of the configuration; what is not said is left to its defaults. */
export function corsConfig(cors: NonNullable<AppSettings['cors']>): Cors {
  const { debug, allowHeaders, exposeHeaders, allowOriginsWithoutCredentials, allowOriginsWithCredentials } = cors;
  return {
    ...(debug !== undefined && { debug }),
    ...(allowHeaders && { allow_headers: allowHeaders }),
    ...(exposeHeaders && { expose_headers: exposeHeaders }),
    ...(allowOriginsWithoutCredentials && { allow_origins_without_credentials: allowOriginsWithoutCredentials }),
    ...(allowOriginsWithCredentials && { allow_origins_with_credentials: allowOriginsWithCredentials }),
  };
}

/**
 * Where a process finds other services. The gateway routes to every one; any other process knows only the services it calls.
 * @param baseUrl of a process, by its name
 */
export function serviceDiscovery(
  plan: Plan,
  process: PlannedProcess,
  baseUrl: (process: string) => string,
): NonNullable<InfraConfig['service_discovery']> {
  const called = plan.permissions.flatMap(({ process: caller, resource }) =>
    caller === process.name && resource.kind === 'endpoint' ? [resource.service] : [],
  );
  const elsewhere = plan.processes.filter(({ name }) => name !== process.name);
  return Object.fromEntries(
    elsewhere.flatMap(({ name, services }) =>
      services
        .filter((service) => process.gateway || called.includes(service))
        .map((service) => [service, { base_url: baseUrl(name) }]),
    ),
  );
}
