import type { Credentials } from '../../oci/repository/mod.ts';
import type { ArtifactRegistryAddress } from '../address.ts';
import type { DestinationOptions, Kind } from '../destination.ts';
import { lastingNames } from '../expiry.ts';
import { orDocker } from '../or-docker.ts';
import { createArtifactRegistryApi } from './api.ts';
import { hasNoCredentials } from './errors.ts';
import { prepareRepository } from './prepare.ts';

/**
 * Artifact Registry, and `gcr.io`, which it serves: as Google's application default credentials say, else as docker's
 * sign-in does, which cannot prepare the repository.
 */
export function openArtifactRegistry(
  address: ArtifactRegistryAddress,
  docker: Credentials,
  { env, lasting, warn }: DestinationOptions,
): Kind {
  const api = createArtifactRegistryApi(address, env);

  return {
    async credentials() {
      const found = await orDocker(() => api.accessToken(), docker, address.host, hasNoCredentials);
      return 'docker' in found ? found.docker : { username: 'oauth2accesstoken', password: found.result };
    },
    // It takes no chunks (documentation of its Docker interface, "Artifact Registry does not support chunked uploads").
    connection: { upload: { mode: 'whole' } },
    expires: address.parent !== undefined,
    async prepare() {
      const { parent } = address;
      if (!parent) return;
      const wanted = { address, parent, lasting: lastingNames(lasting), warn };
      await orDocker(() => prepareRepository(api, wanted), docker, address.host, hasNoCredentials);
    },
    close: () => api.close(),
  };
}
