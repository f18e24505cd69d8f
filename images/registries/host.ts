import { homedir } from 'node:os';
import type { Diagnostic } from '../../pipeline/mod.ts';
import {
  type Credentials,
  dockerCredentials,
  openRegistry,
  type Registry,
  type RegistryOptions,
} from '../oci/repository/mod.ts';
import { type Place, parseHost, type RegistryHost } from './address.ts';

export interface HostOptions {
  /**
   * The environment of the user: proxies, keys of AWS, `DOCKER_CONFIG`, `PATH` for credential helpers. The clouds' own
   * libraries look at that of this process, too.
   */
  env: Record<string, string | undefined>;
  /** Where `.docker` is. @default HOME of `env`, else this user's */
  home?: string;
  /** Whether a cloud's own credentials are asked for. @default true */
  cloud?: boolean;
  /** How the registry is spoken with. @default as the kind of registry needs it */
  connection?: Omit<RegistryOptions, 'credentials' | 'env'>;
  /** Milliseconds since 1970. @default Date.now */
  now?: () => number;
}

/** For whom a repository is made, and what its rules have to keep. */
export interface Preparation {
  application: string;
  /** Names of environments; images that have a tag of one that is no preview never expire. `production` is always one. */
  lasting?: readonly string[] | undefined;
  /** Hears of what is not as it should be, though it can be worked with. */
  warn?: ((diagnostic: Diagnostic) => void) | undefined;
}

/** What the kinds of registries differ in. */
export interface Kind {
  credentials: Credentials;
  connection: Omit<RegistryOptions, 'credentials' | 'env'>;
  /** Whether rules of the registry let images expire by their tags, so that an index's images need tags of their own. */
  expires: boolean;
  /** Makes the repository when it is missing, with its rules; one that is there keeps what is not ours. May be repeated. */
  prepare(place: Place, preparation: Preparation): Promise<void>;
  close(): void;
}

/** A registry, as whoever the cloud that it belongs to knows, else as docker's sign-in says. */
export interface Host extends Pick<Kind, 'expires' | 'prepare'> {
  kind: RegistryHost['kind'];
  registry: Registry;
  /** Ends the connections. */
  close(): Promise<void>;
}

/** `host` is one of a registry, with the port if there is one. Nothing is sent before it is used. */
export async function openHost(host: string, options: HostOptions): Promise<Host> {
  const at = parseHost(host);
  const { credentials, connection, expires, prepare, close } = await openKind(at, options);
  const upload = { ...connection.upload, ...options.connection?.upload };
  const spoken = { ...connection, ...options.connection, upload };
  const registry = openRegistry(host, { ...spoken, credentials, env: options.env });
  return {
    kind: at.kind,
    registry,
    expires,
    prepare,
    async close() {
      close();
      await registry.close();
    },
  };
}

async function openKind(at: RegistryHost, options: HostOptions): Promise<Kind> {
  const { env, home, cloud = true } = options;
  const docker = dockerCredentials({ env, home: home || env.HOME || homedir() });
  if (at.kind === 'ecr' && cloud) {
    const { openEcr } = await import('./ecr/ecr.ts');
    return openEcr(at, docker, options);
  }
  if (at.kind === 'artifact-registry' && cloud) {
    const { openArtifactRegistry } = await import('./artifact-registry/artifact-registry.ts');
    return openArtifactRegistry(at, docker, options);
  }
  return {
    credentials: docker,
    // GitHub's registry takes no chunks beyond 4 MiB; in one piece it takes all, as containerd sends it.
    connection: at.host === 'ghcr.io' ? { upload: { mode: 'whole' } } : {},
    expires: false,
    prepare: async () => undefined,
    close: () => undefined,
  };
}
