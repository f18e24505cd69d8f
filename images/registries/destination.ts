import { homedir } from 'node:os';
import type { Diagnostic } from '../../pipeline/mod.ts';
import {
  type Credentials,
  dockerCredentials,
  openRegistry,
  type RegistryOptions,
  type Repository,
} from '../oci/repository/mod.ts';
import { type Address, parseAddress } from './address.ts';

export interface DestinationOptions {
  /**
   * The environment of the user: proxies, keys of AWS, `DOCKER_CONFIG`, `PATH` for credential helpers. The clouds' own
   * libraries look at that of this process, too.
   */
  env: Record<string, string | undefined>;
  /** Where `.docker` is. @default HOME of `env`, else this user's */
  home?: string;
  /** Names of environments; images that have a tag of one that is no preview never expire. `production` is always one. */
  lasting?: readonly string[];
  /** Hears of what is not as it should be, though it can be worked with: FL2221. */
  warn?: (diagnostic: Diagnostic) => void;
  /** How the registry is spoken with. @default as the kind of registry needs it */
  connection?: Omit<RegistryOptions, 'credentials' | 'env'>;
  /** Milliseconds since 1970. @default Date.now */
  now?: () => number;
}

/** The repository of one application in a registry. Nothing is sent before it is used. */
export interface Destination {
  kind: Address['kind'];
  repository: Repository;
  /** Another repository of the same registry, with the same credentials: one with a base image, for instance. */
  sibling(name: string): Repository;
  /** Whether rules of the registry let images expire by their tags, so that an index's images need tags of their own. */
  expires: boolean;
  /** Makes the repository when it is missing, with its rules; one that is there keeps what is not ours. May be repeated. */
  prepare(): Promise<void>;
  /** Ends the connections. */
  close(): Promise<void>;
}

/** What the kinds of registries differ in. */
export interface Kind {
  credentials: Credentials;
  connection: Omit<RegistryOptions, 'credentials' | 'env'>;
  expires: boolean;
  prepare(): Promise<void>;
  close(): void;
}

/**
 * `registry` is `HOST[/PREFIX]`; the images of `application` go to `HOST/PREFIX/<application>`.
 * @throws UserError FL2215 when that names no repository.
 */
export async function openDestination(
  registry: string,
  application: string,
  options: DestinationOptions,
): Promise<Destination> {
  const address = parseAddress(registry, application);
  const kind = await openKind(address, application, options);
  const upload = { ...kind.connection.upload, ...options.connection?.upload };
  const connection = { ...kind.connection, ...options.connection, upload };
  const opened = openRegistry(address.host, { ...connection, credentials: kind.credentials, env: options.env });
  return {
    kind: address.kind,
    repository: opened.repository(address.name),
    sibling: (name) => opened.repository(name),
    expires: kind.expires,
    prepare: () => kind.prepare(),
    async close() {
      kind.close();
      await opened.close();
    },
  };
}

async function openKind(address: Address, application: string, options: DestinationOptions): Promise<Kind> {
  const docker = dockerCredentials({ env: options.env, home: options.home || options.env.HOME || homedir() });
  if (address.kind === 'ecr') {
    const { openEcr } = await import('./ecr/ecr.ts');
    return openEcr(address, application, docker, options);
  }
  if (address.kind === 'artifact-registry') {
    const { openArtifactRegistry } = await import('./artifact-registry/artifact-registry.ts');
    return openArtifactRegistry(address, docker, options);
  }
  return {
    credentials: docker,
    // GitHub's registry takes no chunks beyond 4 MiB; in one piece it takes all, as containerd sends it.
    connection: address.host === 'ghcr.io' ? { upload: { mode: 'whole' } } : {},
    expires: false,
    prepare: async () => undefined,
    close: () => undefined,
  };
}
