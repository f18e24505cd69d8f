/**
 * Rules for values that come from outside: `string & MinLen<3>`, `string & (IsEmail | IsURL)`. They are checked when a request is
 * decoded. To TypeScript they are optional properties that no value has, so that a plain value can be given where a rule stands.
 */

declare const min: unique symbol;
declare const max: unique symbol;
declare const minLen: unique symbol;
declare const maxLen: unique symbol;
declare const matchesRegexp: unique symbol;
declare const startsWith: unique symbol;
declare const endsWith: unique symbol;
declare const isEmail: unique symbol;
declare const isURL: unique symbol;

/** A number of at least `N`. */
export interface Min<N extends number> {
  readonly [min]?: N;
}

/** A number of at most `N`. */
export interface Max<N extends number> {
  readonly [max]?: N;
}

/** Text of at least `N` bytes in UTF-8, or an array of at least `N` items. */
export interface MinLen<N extends number> {
  readonly [minLen]?: N;
}

/** Text of at most `N` bytes in UTF-8, or an array of at most `N` items. */
export interface MaxLen<N extends number> {
  readonly [maxLen]?: N;
}

/** Text that the regular expression `S` finds something in. */
export interface MatchesRegexp<S extends string> {
  readonly [matchesRegexp]?: S;
}

/** Text that begins with `S`. */
export interface StartsWith<S extends string> {
  readonly [startsWith]?: S;
}

/** Text that ends in `S`. */
export interface EndsWith<S extends string> {
  readonly [endsWith]?: S;
}

/** Text that is an e-mail address. */
export interface IsEmail {
  readonly [isEmail]?: true;
}

/** Text that is a URL. */
export interface IsURL {
  readonly [isURL]?: true;
}
