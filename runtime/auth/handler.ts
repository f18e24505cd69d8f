/**
 * Tells from what a request carries who sent it; null is nobody. An `APIError` of `unauthenticated` makes the caller anonymous, any other
 * error ends the request.
 */
export type AuthHandler<Params extends object, AuthData extends AuthDataBase> = (
  params: Params,
) => Promise<AuthData | null>;

/** What every application's auth data has. */
export interface AuthDataBase {
  /** Not empty; an empty one is nobody. */
  userID: string;
}

// biome-ignore lint/suspicious/noExplicitAny: its parameters are known to the application alone
type AnyAuthHandler = AuthHandler<any, any>;

let declared: AnyAuthHandler | undefined;

/** Declares the auth handler of the application. All of its parameters are `Header`, `Query` or `Cookie`. */
export function authHandler<Params extends object, AuthData extends AuthDataBase>(
  fn: (params: Params) => Promise<AuthData | null>,
): AuthHandler<Params, AuthData> {
  declared = fn;
  return fn;
}

/** The handler that a module registered by declaring it. */
export function declaredAuthHandler(): AnyAuthHandler | undefined {
  return declared;
}
