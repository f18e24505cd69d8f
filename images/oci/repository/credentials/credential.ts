/** How somebody is known to a registry. */
export type Credential =
  | {
      username: string;
      password: string;
      /** Milliseconds since 1970, when it is not good for ever; it is asked for again before. */
      expires?: number;
    }
  /** Refreshes tokens of the registry; from a sign-in through a browser. */
  | { identityToken: string }
  /** Goes to the registry as it is. */
  | { registryToken: string };

/** The credential for a registry (host, with the port if there is one), or undefined to ask as nobody. Asked again after a refusal. */
export type Credentials = (registry: string) => Promise<Credential | undefined>;

export const anonymous: Credentials = async () => undefined;

/** The same for every registry that is asked for with it. */
export function fixedCredential(credential: Credential): Credentials {
  return async () => credential;
}
