/** How the modules of a service are loaded, for a process that did not load them at its start. */
export interface ServiceModules {
  /** `encore.service.ts`, where there is one. */
  service?: () => Promise<object>;
  /** By endpoint: the module that exports its handler. */
  endpoints: Record<string, () => Promise<object>>;
}

const registered = new Map<string, ServiceModules>();

/** Says how the modules of a service are loaded. What comes later counts: a runner may load the application's modules anew. */
export function register(service: string, modules: ServiceModules): void {
  registered.set(service, modules);
}

export function modulesOf(service: string): ServiceModules | undefined {
  return registered.get(service);
}
