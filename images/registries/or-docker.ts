import type { Credential, Credentials } from '../oci/repository/mod.ts';

/** What a cloud's own credentials gave, or docker's sign-in where there are none. */
export type Found<T> = { result: T } | { docker: Credential };

/** Does the work, or hands out docker's sign-in for `host` when it fails for want of credentials. */
export async function orDocker<T>(
  work: () => Promise<T>,
  docker: Credentials,
  host: string,
  hasNoCredentials: (error: unknown) => boolean,
): Promise<Found<T>> {
  try {
    return { result: await work() };
  } catch (error) {
    const credential = hasNoCredentials(error) ? await docker(host) : undefined;
    if (!credential) throw error;
    return { docker: credential };
  }
}
