import type { AuthHandler } from '../auth/handler.ts';

export interface GatewayConfig {
  /** Tells who sends a request from outside. */
  // biome-ignore lint/suspicious/noExplicitAny: an auth handler of any parameters will do
  authHandler?: AuthHandler<any, any>;
}

/** The way in from outside; an application has one at most. */
export class Gateway {
  readonly name = 'api-gateway';
  readonly config: GatewayConfig;

  constructor(config: GatewayConfig = {}) {
    this.config = config;
  }
}
