export { type APIOptions, api, type CallOpts, type Method } from './api.ts';
export { APIError, ErrCode, type ErrDetails } from './error.ts';
export type { Cookie, CookieWithOptions, Header, Query } from './fields.ts';
export { HttpStatus } from './status.ts';
