import type { Middleware } from '../api/middleware.ts';

export interface ServiceConfig {
  /** They wrap the service's endpoints, the first one outermost. */
  middlewares?: Middleware[];
}

/** Names the service of a directory: the default export of its `encore.service.ts`. */
export class Service {
  readonly name: string;
  readonly config: ServiceConfig;

  constructor(name: string, config: ServiceConfig = {}) {
    this.name = name;
    this.config = config;
  }
}
