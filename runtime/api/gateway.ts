import type { AuthHandler } from '../auth/handler.ts';

/** What a gateway may be given. */
export interface GatewayConfig {
  /** Tells who sends a request from outside. @default everybody is anonymous */
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
