import type { Credentials } from '../../oci/repository/mod.ts';
import type { ArtifactRegistryHost } from '../address.ts';
import { lastingNames } from '../expiry.ts';
import type { HostOptions, Kind } from '../host.ts';
import { orDocker } from '../or-docker.ts';
import { createArtifactRegistryApi } from './api.ts';
import { hasNoCredentials } from './errors.ts';
import { prepareRepository } from './prepare.ts';

/**
 * Artifact Registry, and `gcr.io`, which it serves: as Google's application default credentials say, else as docker's
 * sign-in does, which cannot prepare the repository.
 */
export function openArtifactRegistry(registry: ArtifactRegistryHost, docker: Credentials, { env }: HostOptions): Kind {
  const { host, location } = registry;
  const api = createArtifactRegistryApi(registry, env);

  return {
    async credentials() {
      const found = await orDocker(() => api.accessToken(), docker, host, hasNoCredentials);
      return 'docker' in found ? found.docker : { username: 'oauth2accesstoken', password: found.result };
    },
    // It takes no chunks (documentation of its Docker interface, "Artifact Registry does not support chunked uploads").
    connection: { upload: { mode: 'whole' } },
    expires: location !== undefined,
    async prepare({ parent }, { lasting, warn }) {
      if (!parent) return;
      const wanted = { host, parent, lasting: lastingNames(lasting), warn };
      await orDocker(() => prepareRepository(api, wanted), docker, host, hasNoCredentials);
    },
    close: () => api.close(),
  };
}
