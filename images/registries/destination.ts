import type { Repository } from '../oci/repository/mod.ts';
import { type Address, parseAddress } from './address.ts';
import { type HostOptions, openHost, type Preparation } from './host.ts';

export type DestinationOptions = Omit<HostOptions, 'cloud'> & Omit<Preparation, 'application'>;

/** The repository of one application in a registry. Nothing is sent before it is used. */
export interface Destination {
  kind: Address['kind'];
  repository: Repository;
  /** Whether rules of the registry let images expire by their tags, so that an index's images need tags of their own. */
  expires: boolean;
  /** Makes the repository when it is missing, with its rules; one that is there keeps what is not ours. May be repeated. */
  prepare(): Promise<void>;
  /** Ends the connections. */
  close(): Promise<void>;
}

/**
 * `registry` is `HOST[/PREFIX]`; the images of `application` go to `HOST/PREFIX/<application>`.
 * @throws UserError FL2215 when that names no repository.
 */
export async function openDestination(
  registry: string,
  application: string,
  { lasting, warn, ...options }: DestinationOptions,
): Promise<Destination> {
  const address = parseAddress(registry, application);
  const host = await openHost(address.host, options);
  return {
    kind: host.kind,
    repository: host.registry.repository(address.name),
    expires: host.expires,
    prepare: () => host.prepare(address, { application, lasting, warn }),
    close: () => host.close(),
  };
}
