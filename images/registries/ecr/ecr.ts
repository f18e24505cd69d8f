import type { Credentials } from '../../oci/repository/mod.ts';
import type { EcrAddress } from '../address.ts';
import type { DestinationOptions, Kind } from '../destination.ts';
import { lastingNames } from '../expiry.ts';
import { held } from '../held.ts';
import { orDocker } from '../or-docker.ts';
import { createEcrApi } from './api.ts';
import { hasNoCredentials } from './errors.ts';
import { prepareRepository } from './prepare.ts';

/** Amazon ECR: as whoever the AWS tools know, else as docker's sign-in says, which cannot prepare the repository. */
export function openEcr(
  address: EcrAddress,
  application: string,
  docker: Credentials,
  { env, lasting, warn, now = Date.now }: DestinationOptions,
): Kind {
  const api = createEcrApi(address, env, now);
  const token = held(() => api.token(), now);

  return {
    async credentials() {
      const found = await orDocker(token, docker, address.host, hasNoCredentials);
      return 'docker' in found ? found.docker : found.result;
    },
    // As containerd sends it; parts have limits of their own there.
    connection: { upload: { mode: 'whole' } },
    expires: true,
    async prepare() {
      const wanted = { address, application, lasting: lastingNames(lasting), warn };
      await orDocker(() => prepareRepository(api, wanted), docker, address.host, hasNoCredentials);
    },
    close: () => api.close(),
  };
}
