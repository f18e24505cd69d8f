export { type API, type APIOptions, api, type CallOpts, type Method, type StreamInHandler } from './api.ts';
export { APIError, ErrCode, type ErrDetails } from './error.ts';
export type { Cookie, CookieWithOptions, Header, Query } from './fields.ts';
export { Gateway, type GatewayConfig } from './gateway.ts';
export {
  HandlerResponse,
  type Middleware,
  type MiddlewareFn,
  type MiddlewareOptions,
  MiddlewareRequest,
  middleware,
  type Next,
  ResponseHeader,
} from './middleware.ts';
export { type RawHandler, RawRequest, RawResponse } from './raw.ts';
export { StaticAssets, type StaticOptions } from './static.ts';
export { HttpStatus } from './status.ts';
export type { StreamIn, StreamInOut, StreamOptions, StreamOut, StreamOutWithResponse } from './stream.ts';
