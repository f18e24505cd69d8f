import { dockerCredentials, openRegistry, type Registry } from '../oci/repository/mod.ts';

export interface BaseRegistries {
  open(host: string): Registry;
  close(): Promise<void>;
}

/** Registries that base images are read from, each opened once, with what `docker login` left and the proxies of `env`. */
export function baseRegistries(env: Record<string, string | undefined>, home: string): BaseRegistries {
  const opened = new Map<string, Registry>();
  return {
    open(host) {
      const registry = opened.get(host) ?? openRegistry(host, { env, credentials: dockerCredentials({ env, home }) });
      opened.set(host, registry);
      return registry;
    },
    async close() {
      for (const registry of opened.values()) await registry.close();
    },
  };
}
