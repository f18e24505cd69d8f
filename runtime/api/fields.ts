/** A value that fits into a header, a cookie or a query parameter. */
type Scalar = string | number | boolean | Date;

/** `Header<'X-Name'>` names the wire name of a string; every other argument is the type itself. */
type ValueOf<TypeOrName> = TypeOrName extends string ? string : TypeOrName;

/**
 * A field that travels as an HTTP header: `Header<'X-Name'>`, `Header<number, 'X-Name'>`, or `Header` for a string under the
 * field's own name.
 */
export type Header<TypeOrName extends Scalar = string, _Name extends string = string> = ValueOf<TypeOrName>;

/** A field that travels in the query string: `Query`, `Query<'name'>`, `Query<number>`, `Query<string[], 'name'>`. */
export type Query<TypeOrName extends Scalar | Scalar[] = string, _Name extends string = string> = ValueOf<TypeOrName>;

/** A field that travels as a cookie: read `value` in a request; in a response it becomes a `Set-Cookie` header. */
export type Cookie<TypeOrName extends Scalar = string, _Name extends string = string> = CookieWithOptions<
  ValueOf<TypeOrName>
>;

/** A cookie. A request has its `value` alone; the rest are attributes of `Set-Cookie`, left out when absent. */
export interface CookieWithOptions<T> {
  /** Travels percent-encoded where it has to. */
  value: T;
  /** When the browser forgets it. @default with its session, unless `maxAge` says otherwise */
  expires?: Date;
  sameSite?: 'Strict' | 'Lax' | 'None';
  /** @default the host that answered, without those below it */
  domain?: string;
  path?: string;
  /** Seconds. */
  maxAge?: number;
  /** Sent by HTTPS alone. @default false */
  secure?: boolean;
  /** Kept from scripts. @default false */
  httpOnly?: boolean;
  /** Kept apart for each site that embeds the page. @default false */
  partitioned?: boolean;
}
