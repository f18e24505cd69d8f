import type { Middleware } from '../api/middleware.ts';

/** What a service may be given. */
export interface ServiceConfig {
  /** They wrap the service's endpoints, the first one outermost. @default none */
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
